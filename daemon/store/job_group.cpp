#include "daemon/store/job_group.hpp"

#include <span>

#include "daemon/ports/store_error.hpp"

namespace hubsync::store {
namespace {

/// A later job of a group: what it did is undone alone when it throws.
void run_in_savepoint(SqliteRepository& repository, Job& job) {
  const std::size_t claimed = repository.claims().checkpoint();
  try {
    Savepoint savepoint{repository.db()};
    job.work(repository);
    savepoint.release();
  } catch (...) {
    repository.claims().rollback(claimed);
    throw;
  }
}

/// For jobs that were undone though they did not fail themselves.
void fail_all(std::span<std::exception_ptr> errors, const std::exception_ptr& why) {
  for (std::exception_ptr& error : errors) {
    error = error ? error : why;
  }
}

void abandon(SqliteRepository& repository) noexcept {
  repository.claims().rollback(0);
  try {
    if (repository.db().in_transaction()) {
      repository.db().execute("ROLLBACK");
    }
  } catch (const std::exception&) {
    // Nothing was committed, which is all that is promised here.
  }
}

}  // namespace

std::vector<std::exception_ptr> run_group(SqliteRepository& repository, std::vector<Job>& jobs) {
  std::vector<std::exception_ptr> errors(jobs.size());
  std::size_t first = 0;  // Of the transaction under way.
  try {
    repository.db().execute("BEGIN IMMEDIATE");
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      try {
        // With nothing before it in the transaction all of it can be undone: no savepoint, in which SQLite
        // would copy every page that a large job changes.
        i == first ? jobs[i].work(repository) : run_in_savepoint(repository, jobs[i]);
      } catch (...) {
        errors[i] = std::current_exception();
      }
      const bool lost =
          !repository.db().in_transaction();  // SQLite gives it up by itself when the disk is full.
      if (lost && !errors[i]) {
        errors[i] = std::make_exception_ptr(StoreUnavailable("the database gave up the transaction"));
      }
      if (lost || (errors[i] && i == first)) {
        abandon(repository);
        fail_all(std::span{errors}.subspan(first, i - first), errors[i]);
        first = i + 1;
        repository.db().execute("BEGIN IMMEDIATE");
      }
    }
    repository.db().execute("COMMIT");
    repository.claims().commit();
    repository.after_commit();
  } catch (...) {
    abandon(repository);
    fail_all(std::span{errors}.subspan(first), std::current_exception());
  }
  return errors;
}

}  // namespace hubsync::store
