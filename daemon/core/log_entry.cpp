#include "daemon/core/log_entry.hpp"

#include "daemon/core/names.hpp"

namespace hubsync {
namespace {

constexpr Names<LogAction, 3> action_names{
    {{LogAction::create, "create"}, {LogAction::update, "update"}, {LogAction::remove, "delete"}}
};

constexpr Names<LogStatus, 4> status_names{
    {{LogStatus::success, "success"},
     {LogStatus::failed, "failed"},
     {LogStatus::pending, "pending"},
     {LogStatus::retrying, "retrying"}}
};

constexpr Names<DueItem::State, 4> due_names{
    {{DueItem::State::ready, "ready"},
     {DueItem::State::waiting, "waiting"},
     {DueItem::State::running, "running"},
     {DueItem::State::failed, "failed"}}
};

}  // namespace

std::string_view to_string(LogAction action) {
  return name_of(action_names, action);
}
std::string_view to_string(LogStatus status) {
  return name_of(status_names, status);
}
std::string_view to_string(DueItem::State state) {
  return name_of(due_names, state);
}
std::optional<LogAction> parse_log_action(std::string_view text) {
  return value_of(action_names, text);
}
std::optional<LogStatus> parse_log_status(std::string_view text) {
  return value_of(status_names, text);
}

}  // namespace hubsync
