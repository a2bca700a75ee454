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
  StoreThread(const StoreThread&) = delete;
  StoreThread& operator=(const StoreThread&) = delete;

 protected:
  void submit(Work work, Done done) override;

 private:
  void run();
  [[nodiscard]] std::vector<Job> take();

  SqliteRepository& repository_;
  boost::asio::any_io_executor loop_;
  std::function<void()> events_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> queue_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace hubsync::store
