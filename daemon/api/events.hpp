// The event stream of the control API, over WebSocket. Loop thread. Every client reads the stored events at
// its own pace, so that a slow one costs no memory here.
#pragma once

#include <cstdint>

#include "daemon/api/routes.hpp"
#include "daemon/engine/signal.hpp"
#include "daemon/http/server.hpp"

namespace hubsync::api {

/// Tells the clients that follow the stream that there may be new events.
class EventFeed {
 public:
  /// Events were committed.
  void changed() {
    ++generation_;
    signal_.notify_all();
  }

  [[nodiscard]] std::uint64_t generation() const { return generation_; }
  [[nodiscard]] Task<void> wait() { return signal_.wait(); }
  /// But not beyond the deadline.
  [[nodiscard]] Task<bool> wait(Clock& clock, SteadyInstant deadline) {
    return wait_until(signal_, clock, deadline);
  }

 private:
  Signal signal_;
  std::uint64_t generation_ = 0;
};

/// What the control listeners do with a request to upgrade: /api/events?since=SEQ, and nothing else. Both
/// outlive the server.
[[nodiscard]] http::UpgradeClaim event_stream(Services& services, EventFeed& feed);

/// {"seq","type","at",…} as it goes to clients.
[[nodiscard]] std::string encode_event(const StoredEvent& event);

/// Events that are no longer kept: the seq is that of the last one missed.
[[nodiscard]] std::string encode_gap(std::int64_t first, std::int64_t last, Instant at);

}  // namespace hubsync::api
