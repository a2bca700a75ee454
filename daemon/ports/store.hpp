// How the loop gets to the repository: each job is a transaction on the store's own thread. Loop thread.
#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include <boost/asio/async_result.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "common/assert.hpp"
#include "daemon/ports/repository.hpp"
#include "daemon/ports/task.hpp"

namespace hubsync {

class Store {
 public:
  virtual ~Store() = default;

  /// Runs `job` in one transaction on the store's thread and resumes on the loop when it is durable.
  template <class Job>
  Task<std::invoke_result_t<Job, Repository&>> run(Job job) {
    using Value = std::invoke_result_t<Job, Repository&>;
    if constexpr (std::is_void_v<Value>) {
      co_await submit_and_wait([job = std::move(job)](Repository& repository) mutable { job(repository); });
    } else {
      auto value = std::make_shared<std::optional<Value>>();
      co_await submit_and_wait([job = std::move(job), value](Repository& repository) mutable {
        value->emplace(job(repository));
      });
      std::optional<Value> result = std::move(*value);
      ASSERT(result.has_value());
      co_return std::move(*result);
    }
  }

 protected:
  using Work = std::move_only_function<void(Repository&)>;
  using Done = std::move_only_function<void(std::exception_ptr)>;

  /// Calls `done` on the loop, never inside submit(), once `work` is committed, or with what it threw.
  virtual void submit(Work work, Done done) = 0;

 private:
  Task<void> submit_and_wait(Work work) {
    co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>&, void(std::exception_ptr)>(
        [this](auto handler, Work moved) {
          submit(std::move(moved), [handler = std::move(handler)](std::exception_ptr error) mutable {
            std::move(handler)(std::move(error));
          });
        },
        boost::asio::use_awaitable,
        std::move(work)
    );
  }
};

}  // namespace hubsync
