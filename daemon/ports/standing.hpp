// Whether a decision still stands when its turn to be sent has come.
#pragma once

#include <memory>

namespace hubsync {

/// What was decided about a record, and waits for its turn: it stands as long as HubSpot does not show the
/// record otherwise (I5). The store knows, the loop asks right before it sends.
class Standing {
 public:
  virtual ~Standing() = default;

  /// Any thread.
  [[nodiscard]] virtual bool holds() const = 0;
};

/// None: it stands for ever.
using StandingPtr = std::shared_ptr<const Standing>;

[[nodiscard]] inline bool still_holds(const StandingPtr& standing) {
  return standing == nullptr || standing->holds();
}

}  // namespace hubsync
