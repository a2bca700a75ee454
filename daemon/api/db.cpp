// The database file: a copy of it, and whether it is whole.
#include <utility>

#include "common/api_codec.hpp"
#include "common/api_operate.hpp"
#include "daemon/api/handlers.hpp"

namespace hubsync::api {

Answer backup_database(Services& services, Call call) {
  const auto wish = decode_request<BackupRequest>(call.request.body);
  if (!wish) {
    co_return std::unexpected(wish.error());
  }
  const SteadyInstant begin = services.clock.steady();
  const auto begun = co_await services.store.run([wish = *wish](Repository& repository) {
    return repository.begin_backup(wish.path, wish.force);
  });
  if (!begun) {
    co_return std::unexpected(begun.error());
  }
  BackupProgress progress{.done = false};
  while (!progress.done) {
    // Each transaction copies a part; other work goes on in between.
    progress =
        co_await services.store.run([](Repository& repository) { return repository.backup_progress(); });
  }
  if (!progress.error.empty()) {
    co_return fail(ErrorCode::unavailable, "the backup failed: " + progress.error, "nothing was left behind");
  }
  co_return json(encode(BackupDone{
      .path = wish->path, .bytes = progress.bytes, .duration_ms = (services.clock.steady() - begin).count()
  }));
}

Answer check_database(Services& services, Call) {
  const DatabaseCheck found =
      co_await services.store.run([](Repository& repository) { return repository.check_database(false); });
  co_return json(encode(DbCheck{
      .ok = found.problems.empty(), .problems = found.problems, .rows = found.rows, .bytes = found.bytes
  }));
}

}  // namespace hubsync::api
