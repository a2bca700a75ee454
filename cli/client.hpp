// The daemon as the CLI sees it: one typed call per endpoint of the control API. Owns no connection between
// calls. One thread. Prints nothing and decides nothing.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/api.hpp"
#include "common/api_operate.hpp"
#include "common/api_webhooks.hpp"
#include "common/result.hpp"

namespace hubsync::cli {

struct HttpRequest {
  std::string method = "GET";
  std::string target;
  std::string body = {};
  std::optional<std::int64_t> if_version = {};
  std::string key = {};  ///< Of a command that the daemon carries out once, however often it comes.
  Duration timeout{30'000};
};

struct HttpReply {
  int status = 0;
  std::string body;
};

/// Why a call did not succeed, and what the program exits with because of it.
struct CallError {
  Error error;
  api::ExitCode exit = api::ExitCode::failed;
  bool answer_lost =
      false;  ///< The connection broke after the request was sent: it may have been carried out.
};

/// How a request gets to the daemon and its reply back; a test's fake answers by itself.
class Transport {
 public:
  virtual ~Transport() = default;
  virtual std::expected<HttpReply, CallError> send(const HttpRequest& request) = 0;
  /// Hands on the texts of a WebSocket until `on_text` says false; how it ended otherwise.
  virtual std::expected<void, CallError> stream(
      const std::string& target, const std::function<bool(const std::string&)>& on_text
  ) = 0;
};

/// HTTP over the daemon's Unix-domain socket. A request is sent at most once.
[[nodiscard]] std::unique_ptr<Transport> unix_socket_transport(std::string socket);

/// What the program exits with when the daemon answers with this kind of error.
[[nodiscard]] api::ExitCode exit_code_of(ErrorCode code);

/// A decoded answer, and the JSON it came as.
template <class T>
struct Answer {
  T value;
  std::string json;
};

template <class T>
using Reply = std::expected<Answer<T>, CallError>;

struct RecordFilter {
  std::string search = {};
  std::string status = {};
  bool deleted = false;
  std::int64_t limit = api::default_limit;
};

struct LogFilter {
  std::string status = {};
  std::string type = {};
  std::string id = {};
  std::string direction = {};
  std::optional<Instant> since = {};
  std::int64_t page = 1;
  std::int64_t limit = api::default_limit;
};

struct ConflictFilter {
  bool open = true;  ///< Else those in the history.
  std::string type = {};
  std::string field = {};
  std::int64_t page = 1;
  std::int64_t limit = api::default_limit;
};

class Client {
 public:
  /// `transport` outlives the client.
  explicit Client(Transport& transport) : transport_(transport) {}

  Reply<api::Status> status();
  Reply<api::ConfigText> config();

  Reply<api::Triggered> trigger(const api::TriggerRequest& request);
  Reply<api::Run> run(const std::string& id);
  /// Syncs one record and answers with the finished run.
  Reply<api::Run> sync_record(const std::string& type, const std::string& id, Duration timeout);

  Reply<api::Page<api::Record>> records(
      const std::string& type, const RecordFilter& filter, std::int64_t page
  );
  /// The part of all records that follows `after`; "" begins.
  Reply<api::WalkPage<api::Record>> walk(
      const std::string& type, const RecordFilter& filter, const std::string& after
  );
  Reply<api::Record> record(const std::string& type, const std::string& id);
  Reply<api::Record> create(const std::string& type, const std::string& body);
  Reply<api::Record> update(
      const std::string& type,
      const std::string& id,
      const std::string& body,
      std::optional<std::int64_t> if_version
  );
  Reply<api::Record> remove(
      const std::string& type, const std::string& id, std::optional<std::int64_t> if_version
  );
  Reply<api::Record> restore(
      const std::string& type, const std::string& id, std::optional<std::int64_t> if_version
  );

  Reply<api::Page<api::SyncLog>> logs(const LogFilter& filter);
  Reply<api::SyncLog> log(const std::string& id);
  Reply<api::SyncLog> retry(const std::string& log_id);
  Reply<api::Retried> retry_all();

  Reply<api::Page<api::Conflict>> conflicts(const ConflictFilter& filter);
  Reply<api::Conflict> conflict(const std::string& id);
  Reply<api::Conflict> resolve(const std::string& id, const api::ResolveRequest& request);
  Reply<api::Conflict> undo(const std::string& id);
  /// Each with its own outcome; at most api::max_resolutions.
  Reply<api::ResolveResults> resolve_many(const std::vector<api::ResolveRequest>& requests);

  Reply<api::Explanation> explain(const std::string& type, const std::string& id);

  /// What waits for a person, or all.
  Reply<api::Page<api::Guard>> guards(bool released_too, std::int64_t page, std::int64_t limit);
  Reply<api::Guard> release_guard(const std::string& id);

  Reply<api::Page<api::DueItem>> queue(std::int64_t page, std::int64_t limit);
  Reply<api::QueuePaused> pause_queue(bool paused);
  Reply<api::Page<api::WebhookItem>> webhooks(
      const std::string& status, std::int64_t page, std::int64_t limit
  );
  Reply<api::WebhookItem> webhook(const std::string& id);
  Reply<api::WebhookItem> replay_webhook(const std::string& id);
  Reply<api::WebhookSetup> webhook_setup();
  Reply<api::WebhookTest> test_webhooks();

  Reply<api::BackupDone> backup(const api::BackupRequest& request);
  Reply<api::DbCheck> check_database();
  /// The part of the comparison that follows `after`; "" begins.
  Reply<api::VerifyPart> verify(const std::string& type, const std::string& after);
  Reply<api::ApplyResult> apply(const api::ApplyRequest& request);
  Reply<api::Diagnosis> diagnosis();
  /// How HubSpot stands; with `make`, after what is missing was created.
  Reply<api::Setup> setup(bool make);

  /// Every event after `since`, or from now on, until `on_event` says false.
  std::expected<void, CallError> follow_events(
      std::optional<std::int64_t> since, const std::function<bool(const std::string&)>& on_event
  );

  /// The answer has no body.
  std::expected<void, CallError> cancel(const std::string& record_id);

 private:
  template <class T>
  Reply<T> call(const HttpRequest& request);
  Reply<api::Record> record_call(const std::string& type, const HttpRequest& request);
  std::expected<HttpReply, CallError> send(const HttpRequest& request);

  Transport& transport_;
};

}  // namespace hubsync::cli
