#include "tests/sim/sim_store.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include <boost/asio/post.hpp>

namespace hubsync::sim {
namespace {

/// Changes of a file that one commit may make; a few more, so that the whole of it is sometimes done.
constexpr std::size_t changes_in_a_commit = 12;

}  // namespace

SimStore::SimStore(
    store::SqliteRepository& repository,
    VirtualClock& clock,
    boost::asio::any_io_executor loop,
    Disk& disk,
    Weather& weather,
    std::function<void()> kill
)
    : repository_(repository),
      clock_(clock),
      loop_(std::move(loop)),
      disk_(disk),
      weather_(weather),
      kill_(std::move(kill)) {}

void SimStore::submit(Work work, Done done) {
  waiting_.push_back({std::move(work), std::move(done)});
  if (!committing_ && !cut_) {
    committing_ = true;
    clock_.at(clock_.steady() + weather_.commit(), [this] { commit_group(); });
  }
}

void SimStore::commit_group() {
  if (cut_) {
    return;
  }
  committing_ = false;
  std::vector<store::Job> jobs = std::exchange(waiting_, {});
  const bool dies = dies_in_commit();
  std::vector<std::exception_ptr> errors = store::run_group(repository_, jobs);
  ++commits_;
  if (dies || disk_.stopped()) {
    std::ranges::move(jobs, std::back_inserter(never_answered_));
    kill_();
    return;
  }
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    boost::asio::post(loop_, [this, job = std::move(jobs[i]), error = errors[i]]() mutable {
      if (cut_) {
        never_answered_.push_back(std::move(job));
      } else {
        job.done(std::move(error));
      }
    });
  }
}

/// Decides where in the coming commit the daemon ends, if it does.
bool SimStore::dies_in_commit() {
  if (!weather_.kills_at_commit()) {
    return false;
  }
  if (const std::size_t changes = weather_.below(changes_in_a_commit); changes > 0) {
    disk_.stop_after(changes - 1);
  }
  return true;
}

}  // namespace hubsync::sim
