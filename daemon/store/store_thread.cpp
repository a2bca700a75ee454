#include "daemon/store/store_thread.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>

#include "common/assert.hpp"
#include "daemon/ports/store_error.hpp"

namespace hubsync::store {
namespace {

/// Bounds how long the first job of a group waits for the others.
constexpr std::size_t group_limit = 256;

bool is_damage(const std::exception_ptr& error) {
  try {
    if (error) {
      std::rethrow_exception(error);
    }
  } catch (const StoreCorrupt&) {
    return true;
  } catch (...) {
    return false;
  }
  return false;
}

}  // namespace

StoreThread::StoreThread(
    SqliteRepository& repository, boost::asio::any_io_executor loop, std::function<void()> events
)
    : repository_(repository),
      loop_(std::move(loop)),
      events_(std::move(events)),
      thread_([this] { run(); }) {}

StoreThread::~StoreThread() {
  {
    const std::scoped_lock lock{mutex_};
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void StoreThread::submit(Work work, Done done) {
  // The loop must not run out of work while the store still owes it a completion.
  auto tracked = boost::asio::prefer(loop_, boost::asio::execution::outstanding_work.tracked);
  Done post_done = [tracked = std::move(tracked), done = std::move(done)](std::exception_ptr error) mutable {
    boost::asio::post(tracked, [done = std::move(done), error = std::move(error)]() mutable {
      done(std::move(error));
    });
  };
  {
    const std::scoped_lock lock{mutex_};
    ASSERT(!stopping_);
    queue_.push_back({std::move(work), std::move(post_done)});
  }
  wake_.notify_one();
}

std::vector<Job> StoreThread::take() {
  std::unique_lock lock{mutex_};
  wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
  std::vector<Job> jobs;
  while (!queue_.empty() && jobs.size() < group_limit) {
    jobs.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  return jobs;
}

std::vector<std::exception_ptr> StoreThread::do_all(std::vector<Job>& jobs) {
  if (damage_) {
    return std::vector<std::exception_ptr>(jobs.size(), damage_);
  }
  std::vector<std::exception_ptr> errors = run_group(repository_, jobs);
  const auto damage = std::ranges::find_if(errors, is_damage);
  if (damage != errors.end()) {
    damage_ = *damage;
    if (damage_found_) {
      boost::asio::post(loop_, damage_found_);
    }
  }
  return errors;
}

void StoreThread::run() {
  for (;;) {
    std::vector<Job> jobs = take();
    if (jobs.empty()) {
      return;  // Stopping, and drained.
    }
    std::vector<std::exception_ptr> errors = do_all(jobs);
    if (repository_.tables().events.take_appended() && events_) {
      boost::asio::post(loop_, events_);
    }
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      jobs[i].work = nullptr;  // What the job holds is released before the loop goes on.
      jobs[i].done(std::move(errors[i]));
    }
  }
}

}  // namespace hubsync::store
