#include "daemon/logged_events.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace hubsync {
namespace {

std::string field(const Event& event, std::string_view name) {
  const auto found = std::ranges::find(event.fields, name, [](const auto& pair) { return pair.first; });
  return found == event.fields.end() ? std::string{} : found->second;
}

LogLevel level_of(Severity severity) {
  switch (severity) {
    case Severity::debug:
      return LogLevel::debug;
    case Severity::warning:
      return LogLevel::warn;
    case Severity::error:
      return LogLevel::error;
    case Severity::info:
      break;
  }
  return LogLevel::info;
}

}  // namespace

void LoggedEvents::emit(Event event) {
  std::vector<LogField> fields{{"event", event.kind}};
  for (const auto& [name, value] : event.fields) {
    if (!value.empty()) {
      fields.push_back({name, value});
    }
  }
  log_.log(level_of(event.severity), event.text, fields);
  if (event.kind == "run.finished") {
    ++runs_[{field(event, "kind"), field(event, "state")}];
  }
}

}  // namespace hubsync
