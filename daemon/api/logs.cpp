// The sync log and retries.
#include <utility>

#include "common/api_codec.hpp"
#include "daemon/api/convert.hpp"
#include "daemon/api/handlers.hpp"

namespace hubsync::api {
namespace {

/// A time, or how long ago: "2026-11-24T00:00:00Z", "24h".
Result<std::optional<Instant>> read_since(const http::Request& request, Instant now) {
  const auto text = request.query_value("since");
  if (!text || text->empty()) {
    return std::optional<Instant>{};
  }
  if (const auto instant = parse_instant(*text)) {
    return instant;
  }
  if (const auto ago = parse_duration(*text); ago && *ago < now.time_since_epoch()) {
    return std::optional{now - *ago};
  }
  return fail(ErrorCode::invalid, "`since` is not a time", "such as 2026-11-24T00:00:00Z or 24h", "since");
}

std::optional<SyncDirection> parse_named_direction(std::string_view text) {
  return text.empty() ? std::nullopt : parse_sync_direction(text);
}

Result<LogQuery> read_query(const http::Request& request, const Rules& rules, Instant now) {
  const auto page = read_page(request);
  if (!page) {
    return std::unexpected(page.error());
  }
  const auto status =
      read_word<LogStatus>(request, "status", parse_log_status, "success, failed, pending, retrying");
  if (!status) {
    return std::unexpected(status.error());
  }
  const auto direction = read_word<SyncDirection>(
      request, "direction", parse_named_direction, "to_hubspot, from_hubspot, bidirectional"
  );
  if (!direction) {
    return std::unexpected(direction.error());
  }
  auto type = read_entity_type(request, rules);
  if (!type) {
    return std::unexpected(type.error());
  }
  const auto since = read_since(request, now);
  if (!since) {
    return std::unexpected(since.error());
  }
  return LogQuery{
      .page = page->page,
      .limit = page->limit,
      .status = *status,
      .type = std::move(*type),
      .record = std::string{request.query_value("entityId").value_or("")},
      .direction = *direction,
      .since = *since
  };
}

}  // namespace

Answer list_logs(Services& services, Call call) {
  const auto query = read_query(call.request, services.engine.rules(), services.clock.now());
  if (!query) {
    co_return std::unexpected(query.error());
  }
  const auto found = co_await services.store.run([query = *query](Repository& repository) {
    return repository.list_logs(query);
  });
  co_return json(encode(to_page(
      found,
      query->page,
      query->limit,
      [max_retries = services.max_retries](const LogEntry& entry) {
        return to_api(entry, max_retries, false);
      }
  )));
}

Answer show_log(Services& services, Call call) {
  const auto id = read_number(call.parameters.at(0), "log entry");
  if (!id) {
    co_return std::unexpected(id.error());
  }
  const auto entry =
      co_await services.store.run([id = *id](Repository& repository) { return repository.find_log(id); });
  if (!entry) {
    co_return std::unexpected(entry.error());
  }
  co_return json(encode(to_api(*entry, services.max_retries, true)));
}

Answer retry_log(Services& services, Call call) {
  const auto id = read_number(call.parameters.at(0), "log entry");
  if (!id) {
    co_return std::unexpected(id.error());
  }
  const auto entry =
      co_await services.store.run([id = *id](Repository& repository) { return repository.retry_log(id); });
  if (!entry) {
    co_return std::unexpected(entry.error());
  }
  services.engine.local_edits();
  co_return json(encode(to_api(*entry, services.max_retries, true)), 202);
}

Answer retry_all(Services& services, Call) {
  const Instant now = services.clock.now();
  const std::int64_t count =
      co_await services.store.run([now](Repository& repository) { return repository.retry_all(now); });
  services.engine.local_edits();
  co_return json(encode(Retried{.retried = count}), 202);
}

}  // namespace hubsync::api
