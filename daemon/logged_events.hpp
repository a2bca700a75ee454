// What the parts report becomes lines of the log, and runs are counted for /metrics. Loop thread.
#pragma once

#include "daemon/api/routes.hpp"
#include "daemon/os/log.hpp"
#include "daemon/ports/events.hpp"

namespace hubsync {

class LoggedEvents final : public Events {
 public:
  explicit LoggedEvents(Log& log) : log_(log) {}

  /// The line's fields are `event` with the kind, and those of the event that are not empty.
  void emit(Event event) override;

  /// Runs that ended so far.
  [[nodiscard]] const api::RunTally& runs() const { return runs_; }

 private:
  Log& log_;
  api::RunTally runs_;
};

}  // namespace hubsync
