// Sync runs. Store thread. Decides nothing.
#pragma once

#include <optional>
#include <vector>

#include "daemon/core/run.hpp"
#include "daemon/ports/repository.hpp"
#include "daemon/store/db.hpp"
#include "daemon/store/guards.hpp"

namespace hubsync::store {

class RunTable {
 public:
  explicit RunTable(Db& db) : db_(db), guards_(db) {}

  /// Inserts, or replaces; of a real run all but the counts.
  void save(const Run& run);
  void add_counts(const std::string& id, const RunCounts& counts);
  /// Adds to every real run of the type that is going on.
  void add_counts_of_type(const std::string& type, const RunCounts& counts);
  [[nodiscard]] std::optional<Run> find(const std::string& id);
  /// Latest first.
  [[nodiscard]] Page<Run> list(std::int64_t page, std::int64_t limit);
  [[nodiscard]] std::vector<Run> unfinished();
  /// Begin of the latest run that reached its end and read this type whole or as a poll.
  [[nodiscard]] std::optional<Instant> seen_at(const std::string& type);
  /// The latest finished real run of a kind.
  [[nodiscard]] std::optional<Run> last(RunKind kind);
  /// Removes finished runs that began before then, at most `limit`; how many went. The latest of each sort
  /// stays, so that it is known when something last happened and how it ended.
  std::int64_t purge(Instant before, std::int64_t limit);

 private:
  void write_counts(const std::string& id, const RunCounts& counts, const char* sql);

  Db& db_;
  GuardTable guards_;
};

}  // namespace hubsync::store
