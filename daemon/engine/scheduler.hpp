// Keeps up to N batches of due work in flight, each type's in the order they came. Loop thread.
#pragma once

#include <exception>
#include <functional>

#include "daemon/core/run.hpp"
#include "daemon/engine/clocks.hpp"
#include "daemon/engine/context.hpp"

namespace hubsync {

class Scheduler {
 public:
  /// `on_counts` hears what each batch did.
  Scheduler(EngineContext& context, std::function<void(const RunCounts&)> on_counts);

  /// Until the connection stands nothing is sent, but edits are taken: what they wait for follows the clock
  /// already (I34).
  Task<void> wait_for(std::function<bool()> connected);

  /// Sends due work until stop; returns when the last batch is settled.
  Task<void> run();

  /// Waits until none of these types has a record that could be sent now, or until the queue is paused or stopped.
  Task<void> drained(std::vector<std::string> types);

  [[nodiscard]] int in_flight() const { return in_flight_; }

 private:
  Task<void> recover();
  Task<void> begin_stop();
  Task<std::optional<Duration>> start_what_is_due();
  Task<std::optional<Duration>> start_type(const TypeRules& rules);
  void start_batch(
      const TypeRules& rules, std::vector<Claim> claims, const boost::asio::any_io_executor& executor
  );
  void end_badly(std::exception_ptr error);
  Task<void> try_store_again();
  [[nodiscard]] bool may_send() const;

  EngineContext& context_;
  std::function<void(const RunCounts&)> on_counts_;
  Clocks clocks_;
  int in_flight_ = 0;
  std::exception_ptr broken_ = {};  ///< A batch ended in a way that nothing mends.
};

}  // namespace hubsync
