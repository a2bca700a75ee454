// Jobs as one transaction: each in a savepoint of its own, all durable together. Store thread, or the loop in
// the simulation.
#pragma once

#include <exception>
#include <functional>
#include <vector>

#include "daemon/store/repository.hpp"

namespace hubsync::store {

struct Job {
  std::move_only_function<void(Repository&)> work;
  std::move_only_function<void(std::exception_ptr)> done;
};

/// Runs the jobs and commits. One error slot for each job: a job that threw was rolled back alone; when the
/// commit itself fails, every job has failed. Does not call `done`.
[[nodiscard]] std::vector<std::exception_ptr> run_group(SqliteRepository& repository, std::vector<Job>& jobs);

}  // namespace hubsync::store
