#include "cli/commands/context.hpp"

#include <algorithm>
#include <utility>

#include "cli/output/table.hpp"

namespace hubsync::cli {

ExitCode report(Output& out, const CallError& error) {
  out.error(error.error);
  return error.exit;
}

ExitCode report_usage(Output& out, std::string message, std::string hint, std::string field) {
  out.error({ErrorCode::invalid, std::move(message), std::move(hint), std::move(field)});
  return ExitCode::usage;
}

std::expected<std::optional<Duration>, Error> parse_timeout(const std::string& text) {
  if (text.empty()) {
    return std::optional<Duration>{};
  }
  const auto duration = parse_duration(text);
  if (!duration) {
    return fail(ErrorCode::invalid, "--timeout needs a duration", "such as 500ms, 30s, 5m, 24h", "--timeout");
  }
  return duration;
}

bool FailOn::wants(std::string_view condition) const {
  return std::ranges::find(conditions, condition) != conditions.end();
}

std::vector<std::string> failing(const FailOn& wanted, const api::Status& status) {
  std::int64_t failed = status.queue.failed;
  for (const auto& [type, counts] : status.records) {
    failed = std::max(failed, counts.error);
  }
  std::vector<std::string> found;
  if (wanted.wants("conflicts") && status.conflicts.pending > 0) {
    found.push_back(counted(status.conflicts.pending, "open conflict"));
  }
  if (wanted.wants("failed") && failed > 0) {
    found.push_back(counted(failed, "failed record"));
  }
  if (wanted.wants("guard") && status.guards.pending > 0) {
    found.push_back(counted(status.guards.pending, "guard") + " waiting");
  }
  if (wanted.wants("stalled") && status.freshness == "stalled") {
    found.emplace_back("syncing is stalled");
  }
  return found;
}

std::string counted(std::int64_t number, std::string_view noun) {
  return grouped(number) + " " + std::string{noun} + (number == 1 ? "" : "s");
}

std::string or_dash(const std::optional<std::string>& text) {
  return text && !text->empty() ? *text : "-";
}

std::string direction_words(const std::optional<std::string>& direction) {
  if (direction == "to_hubspot") {
    return "to HubSpot";
  }
  if (direction == "from_hubspot") {
    return "from HubSpot";
  }
  return direction == "bidirectional" ? "both ways" : or_dash(direction);
}

std::string page_note(std::int64_t page, std::int64_t limit, std::int64_t total) {
  const std::int64_t pages = limit > 0 ? (total + limit - 1) / limit : 1;
  if (pages <= 1) {
    return {};
  }
  return "page " + grouped(page) + " of " + grouped(pages) + ", " + grouped(total) + " in all";
}

}  // namespace hubsync::cli
