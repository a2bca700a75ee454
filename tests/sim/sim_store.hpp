// The daemon's store in virtual time: jobs wait in one queue, are committed together after a while, as in the
// store thread, and the daemon may be killed before, within and after the commit. One thread.
#pragma once

#include <functional>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "daemon/ports/store.hpp"
#include "daemon/store/job_group.hpp"
#include "tests/sim/disk.hpp"
#include "tests/sim/weather.hpp"
#include "tests/support/virtual_clock.hpp"

namespace hubsync::sim {

class SimStore final : public Store {
 public:
  /// `kill` ends the daemon that this store belongs to.
  SimStore(
      store::SqliteRepository& repository,
      VirtualClock& clock,
      boost::asio::any_io_executor loop,
      Disk& disk,
      Weather& weather,
      std::function<void()> kill
  );

  /// The daemon is dead: nothing is begun or answered any more.
  void cut() { cut_ = true; }

  [[nodiscard]] std::int64_t commits() const { return commits_; }

 protected:
  void submit(Work work, Done done) override;

 private:
  void commit_group();
  [[nodiscard]] bool dies_in_commit();

  store::SqliteRepository& repository_;
  VirtualClock& clock_;
  boost::asio::any_io_executor loop_;
  Disk& disk_;
  Weather& weather_;
  std::function<void()> kill_;
  std::vector<store::Job> waiting_;
  std::vector<store::Job> never_answered_;  ///< Their coroutines die with the store.
  bool committing_ = false;
  bool cut_ = false;
  std::int64_t commits_ = 0;
};

}  // namespace hubsync::sim
