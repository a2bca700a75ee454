#include "daemon/store/job_group.hpp"

#include "daemon/ports/store_error.hpp"

namespace hubsync::store {
namespace {

void run_one(SqliteRepository& repository, Job& job) {
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
  try {
    repository.db().execute("BEGIN IMMEDIATE");
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      try {
        run_one(repository, jobs[i]);
      } catch (...) {
        errors[i] = std::current_exception();
      }
      if (!repository.db().in_transaction()) {
        throw StoreUnavailable("the database gave up the transaction");
      }
    }
    repository.db().execute("COMMIT");
    repository.claims().commit();
  } catch (...) {
    abandon(repository);
    for (std::exception_ptr& error : errors) {
      error = error ? error : std::current_exception();
    }
  }
  return errors;
}

}  // namespace hubsync::store
