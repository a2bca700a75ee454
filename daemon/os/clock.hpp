// The real Clock: the kernel's two clocks and an Asio timer. Loop thread.
#pragma once

#include <boost/asio/any_io_executor.hpp>

#include "daemon/ports/clock.hpp"

namespace hubsync {

class SystemClock final : public Clock {
 public:
  /// Timers run on this executor, which must outlive every sleeping task.
  explicit SystemClock(boost::asio::any_io_executor executor);

  [[nodiscard]] Instant now() const override;
  [[nodiscard]] SteadyInstant steady() const override;
  Task<void> sleep_until(SteadyInstant deadline) override;

 private:
  boost::asio::any_io_executor executor_;
};

}  // namespace hubsync
