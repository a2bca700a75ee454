// A sync run as users see it: full, incremental, or one entity. Plain data; any thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"
#include "common/time.hpp"
#include "daemon/core/guard.hpp"

namespace hubsync {

enum class RunKind : std::uint8_t { full, incremental, entity };

enum class RunState : std::uint8_t {
  running,
  succeeded,
  partial,  ///< Done, but some records failed.
  failed,
  stopped  ///< By a guard, or by the daemon's shutdown when it cannot be resumed.
};

struct EffectCounts {
  std::int64_t created = 0;
  std::int64_t updated = 0;
  std::int64_t deleted = 0;
  std::int64_t unchanged = 0;
  std::int64_t conflicts = 0;
  std::int64_t failed = 0;

  EffectCounts& operator+=(const EffectCounts& other);
  bool operator==(const EffectCounts&) const = default;
};

struct RunCounts {
  EffectCounts to_hubspot;
  EffectCounts from_hubspot;

  RunCounts& operator+=(const RunCounts& other);
  bool operator==(const RunCounts&) const = default;
};

struct RunProgress {
  std::int64_t done = 0;
  std::optional<std::int64_t> total = {};
};

struct Run {
  std::string id;
  RunKind kind = RunKind::incremental;
  std::vector<std::string> types;
  bool dry_run = false;
  RunState state = RunState::running;
  Instant started_at{};
  std::optional<Instant> finished_at = {};
  std::map<std::string, RunProgress, std::less<>> progress = {};  ///< By type.
  RunCounts counts = {};
  std::int64_t api_calls = 0;
  std::optional<Error> error = {};
  std::vector<Guard> guards = {};  ///< That held deletions of its types when it ended.
};

[[nodiscard]] std::string_view to_string(RunKind kind);
[[nodiscard]] std::string_view to_string(RunState state);
[[nodiscard]] std::optional<RunKind> parse_run_kind(std::string_view text);
[[nodiscard]] std::optional<RunState> parse_run_state(std::string_view text);

}  // namespace hubsync
