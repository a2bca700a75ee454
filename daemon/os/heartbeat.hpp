// Tells the service manager at regular times that the event loop turns, and in one line how things are. Loop
// thread. A loop that hangs feeds no watchdog: that is its point.
#pragma once

#include <functional>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "common/time.hpp"

namespace hubsync {

class Heartbeat {
 public:
  /// `status` is the line for `systemctl status`; it is asked for at each beat.
  Heartbeat(const boost::asio::any_io_executor& executor, std::function<std::string()> status);

  /// The first beat is now.
  void start() { beat(); }
  void stop() { timer_.cancel(); }

 private:
  void beat();

  boost::asio::steady_timer timer_;
  std::function<std::string()> status_;
  Duration interval_;
  std::string told_;
};

}  // namespace hubsync
