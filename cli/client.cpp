#include "cli/client.hpp"

#include <sys/random.h>

#include <array>
#include <stdexcept>
#include <utility>

#include "common/api_codec.hpp"
#include "common/text.hpp"

namespace hubsync::cli {
namespace {

/// A resolution reads HubSpot first, and the rate limit may make that wait.
constexpr Duration resolve_timeout{120'000};
/// HubSpot is asked again and again, and the rate limit may make each call wait.
constexpr Duration hubspot_timeout{10 * 60'000};
/// A large database is read or written as a whole.
constexpr Duration whole_database_timeout{6 * 3'600'000};

/// Percent-encodes all but RFC 3986's unreserved characters, so that no id or search text can change the
/// request.
std::string escaped(std::string_view text) {
  constexpr std::string_view hex = "0123456789ABCDEF";
  constexpr std::string_view unreserved =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  std::string out;
  for (const char c : text) {
    if (unreserved.contains(c)) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += {'%', hex[byte >> 4U], hex[byte & 0xFU]};
    }
  }
  return out;
}

/// A path with its query; empty values are left out.
class Target {
 public:
  explicit Target(std::string_view path) : text_(path) {}

  Target& segment(std::string_view value) {
    text_ += '/';
    text_ += escaped(value);
    return *this;
  }

  Target& query(std::string_view name, std::string_view value) {
    return value.empty() ? *this : query_even_empty(name, value);
  }

  Target& query_even_empty(std::string_view name, std::string_view value) {
    text_ += first_ ? '?' : '&';
    first_ = false;
    text_.append(name).append("=").append(escaped(value));
    return *this;
  }

  Target& query(std::string_view name, std::int64_t value) { return query(name, std::to_string(value)); }

  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  std::string text_;
  bool first_ = true;
};

Target records_target(const std::string& type) {
  return Target{api::path::records}.segment(type);
}

Target filtered(const std::string& type, const RecordFilter& filter) {
  Target target = records_target(type);
  target.query("limit", filter.limit).query("search", filter.search).query("syncStatus", filter.status);
  target.query("deleted", filter.deleted ? "true" : "");
  return target;
}

ErrorCode code_for_status(int status) {
  switch (status) {
    case 400:
      return ErrorCode::invalid;
    case 401:
      return ErrorCode::unauthorized;
    case 403:
      return ErrorCode::forbidden;
    case 404:
      return ErrorCode::not_found;
    case 409:
      return ErrorCode::conflict;
    case 412:
      return ErrorCode::stale;
    case 413:
      return ErrorCode::too_large;
    case 503:
      return ErrorCode::unavailable;
    default:
      return ErrorCode::internal;
  }
}

/// Which types there are is configured in the daemon: only it can tell that a word is none of them.
bool names_no_type(const Error& error) {
  return error.code == ErrorCode::invalid &&
         (error.field == "type" || error.field == "types" || error.field == "entityType");
}

CallError refused_call(const HttpReply& reply) {
  const Error unknown{
      code_for_status(reply.status),
      "the daemon answered with status " + std::to_string(reply.status),
      "look into its log: journalctl -u hubsyncd",
      ""
  };
  const Error error = api::decode_error(reply.body).value_or(unknown);
  return {error, names_no_type(error) ? api::ExitCode::usage : exit_code_of(error.code)};
}

CallError not_understood(const Error& why) {
  return {
      Error{
          ErrorCode::internal,
          "the daemon's answer was not understood: " + why.message,
          "are hubsync and hubsyncd of the same version? `hubsync version` tells",
          why.field
      },
      api::ExitCode::failed
  };
}

std::string random_key() {
  constexpr std::string_view hex = "0123456789abcdef";
  std::array<unsigned char, 16> bytes{};
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    throw std::runtime_error("getrandom failed");
  }
  std::string key;
  for (const unsigned char byte : bytes) {
    key += {hex[byte >> 4U], hex[byte & 0xFU]};
  }
  return key;
}

}  // namespace

api::ExitCode exit_code_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::not_found:
      return api::ExitCode::not_found;
    case ErrorCode::stale:
      return api::ExitCode::stale;
    case ErrorCode::refused:
      return api::ExitCode::refused;
    case ErrorCode::guarded:
      return api::ExitCode::guarded;
    case ErrorCode::invalid:
    case ErrorCode::unauthorized:
    case ErrorCode::forbidden:
    case ErrorCode::not_allowed:
    case ErrorCode::conflict:
    case ErrorCode::too_large:
    case ErrorCode::unprocessable:
    case ErrorCode::unavailable:
    case ErrorCode::internal:
      break;
  }
  return api::ExitCode::failed;
}

std::expected<HttpReply, CallError> Client::send(const HttpRequest& request) {
  HttpRequest command = request;
  if (request.method != "GET") {
    command.key = random_key();
  }
  auto reply = transport_.send(command);
  if (!reply && reply.error().answer_lost && !command.key.empty()) {
    // Once more, under the same key. Where nobody answers then, the first error says what matters.
    if (auto second = transport_.send(command); second) {
      reply = std::move(second);
    }
  }
  if (reply && (reply->status < 200 || reply->status > 299)) {
    return std::unexpected(refused_call(*reply));
  }
  return reply;
}

template <class T>
Reply<T> Client::call(const HttpRequest& request) {
  auto reply = send(request);
  if (!reply) {
    return std::unexpected(std::move(reply.error()));
  }
  auto value = api::decode<T>(reply->body);
  if (!value) {
    return std::unexpected(not_understood(value.error()));
  }
  return Answer<T>{std::move(*value), std::move(reply->body)};
}

Reply<api::Record> Client::record_call(const std::string& type, const HttpRequest& request) {
  auto answer = call<api::Record>(request);
  if (answer) {
    answer->value.type = type;
  }
  return answer;
}

Reply<api::Status> Client::status() {
  return call<api::Status>({.target = std::string{api::path::status}});
}

Reply<api::ConfigText> Client::config() {
  return call<api::ConfigText>({.target = std::string{api::path::config}});
}

Reply<api::Triggered> Client::trigger(const api::TriggerRequest& request) {
  return call<api::Triggered>(
      {.method = "POST", .target = std::string{api::path::trigger}, .body = api::encode(request)}
  );
}

Reply<api::Run> Client::run(const std::string& id) {
  return call<api::Run>({.target = Target{api::path::runs}.segment(id).take()});
}

Reply<api::Run> Client::sync_record(const std::string& type, const std::string& id, Duration timeout) {
  return call<api::Run>(
      {.method = "POST",
       .target = Target{api::path::entity}.segment(type).segment(id).take(),
       .timeout = timeout}
  );
}

Reply<api::Page<api::Record>> Client::records(
    const std::string& type, const RecordFilter& filter, std::int64_t page
) {
  return call<api::Page<api::Record>>({.target = filtered(type, filter).query("page", page).take()});
}

Reply<api::WalkPage<api::Record>> Client::walk(
    const std::string& type, const RecordFilter& filter, const std::string& after
) {
  return call<api::WalkPage<api::Record>>(
      {.target = filtered(type, filter).query_even_empty("after", after).take()}
  );
}

Reply<api::Record> Client::record(const std::string& type, const std::string& id) {
  return record_call(type, {.target = records_target(type).segment(id).take()});
}

Reply<api::Record> Client::create(const std::string& type, const std::string& body) {
  return record_call(type, {.method = "POST", .target = records_target(type).take(), .body = body});
}

Reply<api::Record> Client::update(
    const std::string& type,
    const std::string& id,
    const std::string& body,
    std::optional<std::int64_t> if_version
) {
  return record_call(
      type,
      {.method = "PUT",
       .target = records_target(type).segment(id).take(),
       .body = body,
       .if_version = if_version}
  );
}

Reply<api::Record> Client::remove(
    const std::string& type, const std::string& id, std::optional<std::int64_t> if_version
) {
  return record_call(
      type, {.method = "DELETE", .target = records_target(type).segment(id).take(), .if_version = if_version}
  );
}

Reply<api::Record> Client::restore(
    const std::string& type, const std::string& id, std::optional<std::int64_t> if_version
) {
  return record_call(
      type,
      {.method = "POST",
       .target = records_target(type).segment(id).segment("restore").take(),
       .if_version = if_version}
  );
}

Reply<api::Page<api::SyncLog>> Client::logs(const LogFilter& filter) {
  Target target{api::path::logs};
  target.query("page", filter.page).query("limit", filter.limit).query("status", filter.status);
  target.query("entityType", filter.type).query("entityId", filter.id).query("direction", filter.direction);
  target.query("since", filter.since ? format_instant(*filter.since) : "");
  return call<api::Page<api::SyncLog>>({.target = target.take()});
}

Reply<api::SyncLog> Client::log(const std::string& id) {
  return call<api::SyncLog>({.target = Target{api::path::logs}.segment(id).take()});
}

Reply<api::SyncLog> Client::retry(const std::string& log_id) {
  return call<api::SyncLog>({.method = "POST", .target = Target{api::path::retry}.segment(log_id).take()});
}

Reply<api::Retried> Client::retry_all() {
  return call<api::Retried>({.method = "POST", .target = std::string{api::path::retry}});
}

Reply<api::Page<api::Conflict>> Client::conflicts(const ConflictFilter& filter) {
  Target target{filter.open ? api::path::conflicts : api::path::conflict_history};
  target.query("page", filter.page).query("limit", filter.limit);
  target.query("entityType", filter.type).query("field", filter.field);
  return call<api::Page<api::Conflict>>({.target = target.take()});
}

Reply<api::Conflict> Client::conflict(const std::string& id) {
  return call<api::Conflict>({.target = Target{api::path::conflicts}.segment(id).take()});
}

Reply<api::Conflict> Client::resolve(const std::string& id, const api::ResolveRequest& request) {
  return call<api::Conflict>(
      {.method = "POST",
       .target = Target{api::path::conflicts}.segment(id).segment("resolve").take(),
       .body = api::encode_resolve_request(request),
       .timeout = resolve_timeout}
  );
}

Reply<api::Conflict> Client::undo(const std::string& id) {
  return call<api::Conflict>(
      {.method = "POST",
       .target = Target{api::path::conflicts}.segment(id).segment("undo").take(),
       .timeout = resolve_timeout}
  );
}

Reply<api::ResolveResults> Client::resolve_many(const std::vector<api::ResolveRequest>& requests) {
  return call<api::ResolveResults>(
      {.method = "POST",
       .target = std::string{api::path::conflict_bulk},
       .body = api::encode_resolve_requests(requests),
       .timeout = resolve_timeout}
  );
}

Reply<api::Explanation> Client::explain(const std::string& type, const std::string& id) {
  return call<api::Explanation>({.target = Target{api::path::explain}.segment(type).segment(id).take()});
}

Reply<api::Page<api::Guard>> Client::guards(bool released_too, std::int64_t page, std::int64_t limit) {
  return call<api::Page<api::Guard>>(
      {.target = Target{api::path::guards}
                     .query("page", page)
                     .query("limit", limit)
                     .query("all", released_too ? "true" : "")
                     .take()}
  );
}

Reply<api::Guard> Client::release_guard(const std::string& id) {
  return call<api::Guard>(
      {.method = "POST", .target = Target{api::path::guards}.segment(id).segment("release").take()}
  );
}

Reply<api::Page<api::DueItem>> Client::queue(std::int64_t page, std::int64_t limit) {
  return call<api::Page<api::DueItem>>(
      {.target = Target{api::path::queue}.query("page", page).query("limit", limit).take()}
  );
}

Reply<api::QueuePaused> Client::pause_queue(bool paused) {
  const std::string_view path = paused ? api::path::queue_pause : api::path::queue_resume;
  return call<api::QueuePaused>({.method = "POST", .target = std::string{path}});
}

Reply<api::Page<api::WebhookItem>> Client::webhooks(
    const std::string& status, std::int64_t page, std::int64_t limit
) {
  return call<api::Page<api::WebhookItem>>(
      {.target = Target{api::path::webhooks}
                     .query("status", status)
                     .query("page", std::to_string(page))
                     .query("limit", std::to_string(limit))
                     .take()}
  );
}

Reply<api::WebhookItem> Client::webhook(const std::string& id) {
  return call<api::WebhookItem>({.target = Target{api::path::webhooks}.segment(id).take()});
}

Reply<api::WebhookItem> Client::replay_webhook(const std::string& id) {
  return call<api::WebhookItem>(
      {.method = "POST", .target = Target{api::path::webhooks}.segment(id).segment("replay").take()}
  );
}

Reply<api::WebhookSetup> Client::webhook_setup() {
  return call<api::WebhookSetup>({.target = std::string{api::path::webhook_setup}});
}

Reply<api::WebhookTest> Client::test_webhooks() {
  return call<api::WebhookTest>({.method = "POST", .target = std::string{api::path::webhook_test}});
}

Reply<api::BackupDone> Client::backup(const api::BackupRequest& request) {
  return call<api::BackupDone>(
      {.method = "POST",
       .target = std::string{api::path::db_backup},
       .body = api::encode(request),
       .timeout = whole_database_timeout}
  );
}

Reply<api::DbCheck> Client::check_database() {
  return call<api::DbCheck>({.target = std::string{api::path::db_check}, .timeout = whole_database_timeout});
}

Reply<api::VerifyPart> Client::verify(const std::string& type, const std::string& after) {
  return call<api::VerifyPart>(
      {.target = Target{api::path::verify}.query("type", type).query("after", after).take(),
       .timeout = hubspot_timeout}
  );
}

Reply<api::ApplyResult> Client::apply(const api::ApplyRequest& request) {
  return call<api::ApplyResult>(
      {.method = "POST",
       .target = std::string{api::path::apply},
       .body = api::encode(request),
       .timeout = hubspot_timeout}
  );
}

Reply<api::Diagnosis> Client::diagnosis() {
  return call<api::Diagnosis>({.target = std::string{api::path::doctor}, .timeout = hubspot_timeout});
}

Reply<api::Setup> Client::setup(bool make) {
  return call<api::Setup>(
      {.method = make ? "POST" : "GET", .target = std::string{api::path::setup}, .timeout = hubspot_timeout}
  );
}

std::expected<void, CallError> Client::follow_events(
    std::optional<std::int64_t> since, const std::function<bool(const std::string&)>& on_event
) {
  const std::string query = since ? "?since=" + std::to_string(*since) : "";
  return transport_.stream(std::string{api::path::events} + query, on_event);
}

std::expected<void, CallError> Client::cancel(const std::string& record_id) {
  const auto reply = send({.method = "DELETE", .target = Target{api::path::queue}.segment(record_id).take()});
  if (!reply) {
    return std::unexpected(reply.error());
  }
  return {};
}

}  // namespace hubsync::cli
