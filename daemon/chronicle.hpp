// What an operator should find in the log although the engine does not say it: what the store noted about
// single records, once it is committed, and every hour the end of the audit trail's chain (I30). Loop thread.
#pragma once

#include <cstdint>

#include "daemon/api/events.hpp"
#include "daemon/ports/clock.hpp"
#include "daemon/ports/events.hpp"
#include "daemon/ports/store.hpp"

namespace hubsync {

class Chronicle {
 public:
  /// All of them outlive run().
  Chronicle(Store& store, Clock& clock, Events& events, api::EventFeed& feed)
      : store_(store), clock_(clock), events_(events), feed_(feed) {}

  /// Tells until stop(), and then what was still committed before it. Call once.
  Task<void> run();
  void stop();

 private:
  Task<void> tell_audit_head();
  Task<void> tell_events();

  Store& store_;
  Clock& clock_;
  Events& events_;
  api::EventFeed& feed_;
  Signal stop_;
  bool stopping_ = false;
  std::int64_t told_ = 0;  ///< Seq of the last event that was looked at.
};

}  // namespace hubsync
