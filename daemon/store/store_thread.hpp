// The store on a thread of its own, with group commit: what is queued while a commit runs becomes the next
// one. Owns the thread; the repository is only touched there. The one mutex of the daemon's core.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include <boost/asio/any_io_executor.hpp>

#include "daemon/ports/store.hpp"
#include "daemon/store/job_group.hpp"

namespace hubsync::store {

class StoreThread final : public Store {
 public:
  /// Completions run on `loop`, which is kept running while jobs are under way.
  /// `events` is called there when events were committed.
  StoreThread(
      SqliteRepository& repository, boost::asio::any_io_executor loop, std::function<void()> events = {}
  );
  /// Finishes what is queued, then ends the thread.
  ~StoreThread() override;
  /// Once what is stored turned out to contradict itself no job is run any more: each fails with that (I36).
  /// `found` is called on the loop then. Before the first job.
  void on_damage(std::function<void()> found) { damage_found_ = std::move(found); }

  StoreThread(const StoreThread&) = delete;
  StoreThread& operator=(const StoreThread&) = delete;

 protected:
  void submit(Work work, Done done) override;

 private:
  void run();
  [[nodiscard]] std::vector<Job> take();
  [[nodiscard]] std::vector<std::exception_ptr> do_all(std::vector<Job>& jobs);

  SqliteRepository& repository_;
  boost::asio::any_io_executor loop_;
  std::function<void()> events_;
  std::function<void()> damage_found_;
  std::exception_ptr damage_;  ///< Store thread.
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> queue_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace hubsync::store
