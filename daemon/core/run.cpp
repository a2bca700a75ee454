#include "daemon/core/run.hpp"

#include "daemon/core/names.hpp"

namespace hubsync {
namespace {

constexpr Names<RunKind, 3> kind_names{
    {{RunKind::full, "full"}, {RunKind::incremental, "incremental"}, {RunKind::entity, "entity"}}
};

constexpr Names<RunState, 5> state_names{
    {{RunState::running, "running"},
     {RunState::succeeded, "succeeded"},
     {RunState::partial, "partial"},
     {RunState::failed, "failed"},
     {RunState::stopped, "stopped"}}
};

}  // namespace

EffectCounts& EffectCounts::operator+=(const EffectCounts& other) {
  created += other.created;
  updated += other.updated;
  deleted += other.deleted;
  unchanged += other.unchanged;
  conflicts += other.conflicts;
  failed += other.failed;
  return *this;
}

RunCounts& RunCounts::operator+=(const RunCounts& other) {
  to_hubspot += other.to_hubspot;
  from_hubspot += other.from_hubspot;
  return *this;
}

std::string_view to_string(RunKind kind) {
  return name_of(kind_names, kind);
}
std::string_view to_string(RunState state) {
  return name_of(state_names, state);
}
std::optional<RunKind> parse_run_kind(std::string_view text) {
  return value_of(kind_names, text);
}
std::optional<RunState> parse_run_state(std::string_view text) {
  return value_of(state_names, text);
}

}  // namespace hubsync
