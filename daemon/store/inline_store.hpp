// The store without a thread, for the deterministic simulation: a job runs at once, its completion is posted.
#pragma once

#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/post.hpp>

#include "daemon/ports/store.hpp"
#include "daemon/store/job_group.hpp"

namespace hubsync::store {

class InlineStore final : public Store {
 public:
  InlineStore(SqliteRepository& repository, boost::asio::any_io_executor loop)
      : repository_(repository), loop_(std::move(loop)) {}

 protected:
  void submit(Work work, Done done) override {
    std::vector<Job> jobs;
    jobs.push_back({std::move(work), std::move(done)});
    std::vector<std::exception_ptr> errors = run_group(repository_, jobs);
    boost::asio::post(loop_, [done = std::move(jobs.front().done), error = errors.front()]() mutable {
      done(std::move(error));
    });
  }

 private:
  SqliteRepository& repository_;
  boost::asio::any_io_executor loop_;
};

}  // namespace hubsync::store
