// The control API as data: what hubsyncd answers and hubsync reads. Names and order of members are those of
// the JSON (api_codec.hpp); a null of the JSON is an empty optional. Closed vocabularies stay text: the
// daemon's core owns their enums, and an older client must pass on a newer word. Plain data; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"
#include "common/time.hpp"

namespace hubsync::api {

/// What the CLI exits with.
enum class ExitCode : std::uint8_t {
  done = 0,
  failed = 1,
  usage = 2,
  unreachable = 3,  ///< No daemon behind the socket.
  not_found = 4,
  refused = 5,      ///< HubSpot refused: authentication, scope.
  some_failed = 6,  ///< Some records failed.
  guarded = 7,      ///< A guard stopped it; a person must decide.
  timed_out = 8,    ///< Waiting took too long; the work goes on.
  stale = 9         ///< The version, conflict or plan has moved on.
};

inline constexpr std::string_view default_socket = "/run/hubsync/hubsyncd.sock";

/// Paths; one with an id is this and "/<id>" and perhaps a verb.
namespace path {
inline constexpr std::string_view records = "/api";  ///< And "/<type>".
inline constexpr std::string_view status = "/api/sync/status";
inline constexpr std::string_view trigger = "/api/sync/trigger";
inline constexpr std::string_view runs = "/api/sync/runs";
inline constexpr std::string_view entity = "/api/sync/entity";
inline constexpr std::string_view logs = "/api/sync/logs";
inline constexpr std::string_view retry = "/api/sync/retry";
inline constexpr std::string_view conflicts = "/api/conflicts";
inline constexpr std::string_view conflict_history = "/api/conflicts/history";
inline constexpr std::string_view conflict_bulk = "/api/conflicts/resolve";
inline constexpr std::string_view explain = "/api/explain";
inline constexpr std::string_view guards = "/api/guards";
inline constexpr std::string_view queue = "/api/queue";
inline constexpr std::string_view queue_pause = "/api/queue/pause";
inline constexpr std::string_view queue_resume = "/api/queue/resume";
inline constexpr std::string_view config = "/api/config";
inline constexpr std::string_view events = "/api/events";
inline constexpr std::string_view metrics = "/metrics";
inline constexpr std::string_view health = "/healthz";
}  // namespace path

inline constexpr std::int64_t default_limit = 50;
inline constexpr std::int64_t max_limit = 500;
/// Resolutions in one request.
inline constexpr std::size_t max_resolutions = 500;

/// The fields of a type that stand at the top of its JSON; all other mapped fields live in customFields.
inline constexpr std::array<std::string_view, 5> contact_fields{
    "email", "firstName", "lastName", "phone", "company"
};
inline constexpr std::array<std::string_view, 3> company_fields{"name", "domain", "industry"};

/// The list above for "contacts" or "companies"; empty for anything else.
[[nodiscard]] std::span<const std::string_view> top_level_fields(std::string_view type);

/// One field; no value = empty.
struct Field {
  std::string name = {};
  std::optional<std::string> value = {};
  bool operator==(const Field&) const = default;
};

/// An object of fields whose order is kept.
using FieldList = std::vector<Field>;

struct Record {
  std::string type = {};  ///< Not in the JSON: the path says it.
  std::string id = {};
  std::optional<std::string> hubspot_id = {};
  FieldList fields = {};  ///< top_level_fields(type), in that order, each of them.
  FieldList custom_fields = {};
  std::string sync_status = {};                    ///< synced | pending | conflict | error
  std::optional<std::string> sync_direction = {};  ///< to_hubspot | from_hubspot | bidirectional
  std::optional<Instant> last_modified_local = {};
  std::optional<Instant> last_modified_hubspot = {};
  std::optional<Instant> last_synced_at = {};
  std::int64_t version = 0;
  bool deleted = false;
  Instant created_at{};
  Instant updated_at{};
  std::optional<std::string> error_message = {};  ///< Why sync_status is error.
};

/// What POST and PUT of a record ask for: local field name → new value, "" clears; customFields are flattened
/// in.
struct RecordInput {
  std::map<std::string, std::string, std::less<>> fields = {};
};

template <class T>
struct Page {
  std::vector<T> items = {};
  std::int64_t page = 1;
  std::int64_t limit = default_limit;
  std::int64_t total = 0;
};

/// A list asked for with `after`: everything, by ascending id.
template <class T>
struct WalkPage {
  std::vector<T> items = {};
  std::optional<std::string> next = {};  ///< Give it as `after`; none on the last page.
};

struct SyncLog {
  std::string id = {};
  std::string entity_type = {};
  std::optional<std::string> entity_id = {};
  std::optional<std::string> hubspot_id = {};
  std::string action = {};                    ///< create | update | delete
  std::optional<std::string> direction = {};  ///< to_hubspot | from_hubspot | bidirectional
  std::string status = {};                    ///< success | failed | pending | retrying
  std::int64_t retry_count = 0;
  std::int64_t max_retries = 0;
  std::optional<Instant> next_retry_at = {};
  std::optional<std::string> error_message = {};
  std::optional<std::string> correlation_id = {};
  std::optional<std::int64_t> duration_ms = {};
  Instant created_at{};
  std::optional<Instant> completed_at = {};
  std::optional<FieldList> payload = {};     ///< Only on the single-item view; left out of lists.
  std::optional<std::string> response = {};  ///< Only on the single-item view; left out of lists.
};

/// What was decided about one conflicting field.
struct DecidedField {
  std::string field = {};
  std::optional<std::string> base = {};
  std::optional<std::string> local = {};
  std::optional<std::string> hubspot = {};
  std::optional<std::string> kept = {};
};

/// Who gave a conflicting field which value in HubSpot.
struct HubspotChange {
  std::string field = {};
  std::optional<std::string> value = {};
  Instant timestamp{};
  std::optional<std::string> source = {};  ///< HubSpot's sourceType, such as CRM_UI.
  std::optional<std::string> user = {};
};

struct AuditEntry {
  std::string action = {};
  Instant timestamp{};
  std::optional<std::string> user = {};
  std::optional<std::string> details = {};
};

struct Conflict {
  std::string id = {};
  std::string entity_type = {};
  std::string entity_id = {};
  std::optional<std::string> hubspot_id = {};
  FieldList local_version = {};
  FieldList hubspot_version = {};
  FieldList base_version = {};
  std::vector<std::string> conflicting_fields = {};  ///< "deleted" for edit against delete.
  std::optional<Instant> local_timestamp = {};
  std::optional<Instant> hubspot_timestamp = {};
  Instant detected_at{};
  std::optional<Instant> resolved_at = {};
  std::string resolution_type = {};  ///< pending | keep_local | keep_hubspot | merged | auto_resolved
  std::optional<std::string> resolved_by = {};
  FieldList merged_data = {};
  std::int64_t priority = 0;
  std::vector<AuditEntry> audit_log = {};
  std::int64_t version = 0;  ///< Grows with each change; ResolveRequest::version names it.
  std::vector<HubspotChange> hubspot_changes = {};  ///< Of the conflicting fields, newest first.
  std::vector<DecidedField> decisions = {
  };  ///< What became of each decided field; the losing values are here.
};

/// What one conflicting field is to become: the value of a side, or another one.
struct FieldChoice {
  std::string field = {};
  std::string take = {};                  ///< local | hubspot | value
  std::optional<std::string> value = {};  ///< With "value"; none clears.
};

/// What POST of a conflict's resolution asks for.
struct ResolveRequest {
  std::string id = {};                       ///< Only in a list of them; else the path says it.
  std::string resolution = {};               ///< keep_local | keep_hubspot | merged
  std::vector<FieldChoice> fields = {};      ///< Of merged.
  bool partial = false;                      ///< merged may leave fields open.
  std::optional<std::int64_t> version = {};  ///< Only while the conflict has this version.
};

/// What became of one of many resolutions.
struct ResolveResult {
  std::string id = {};
  std::optional<Error> error = {};
  std::optional<Conflict> conflict = {};  ///< As it is afterwards; none when there is no such conflict.
};

struct ResolveResults {
  std::vector<ResolveResult> items = {};
};

/// One record of what a guard stopped.
struct GuardedRecord {
  std::string type = {};
  std::string id = {};
  std::optional<std::string> hubspot_id = {};
  std::optional<std::string> label = {};  ///< Its e-mail, domain or name.
};

/// What a guard stopped: it waits for a person, and a release lets exactly this set through, once.
struct Guard {
  std::string id = {};
  std::string kind = {};  ///< max_delete | portal | mapping
  std::optional<std::string> entity_type = {};
  std::optional<std::string> direction = {};
  std::int64_t count = 0;  ///< Records in the set.
  std::int64_t limit = 0;
  std::string message = {};
  Instant created_at{};
  std::optional<Instant> released_at = {};
  std::optional<std::string> released_by = {};
  std::vector<GuardedRecord> sample = {};  ///< Some of the set.
};

struct EffectCounts {
  std::int64_t created = 0;
  std::int64_t updated = 0;
  std::int64_t deleted = 0;
  std::int64_t unchanged = 0;
  std::int64_t conflicts = 0;
  std::int64_t failed = 0;
};

struct RunCounts {
  EffectCounts to_hubspot = {};
  EffectCounts from_hubspot = {};
};

struct RunProgress {
  std::int64_t done = 0;
  std::optional<std::int64_t> total = {};  ///< None while it is not known.
};

/// A field that a dry run would change on the side it goes to.
struct PlannedField {
  std::string field = {};
  std::optional<std::string> before = {};
  std::optional<std::string> after = {};
};

/// A field on which a dry run found both sides changed.
struct PlannedConflict {
  std::string field = {};
  std::optional<std::string> base = {};
  std::optional<std::string> local = {};
  std::optional<std::string> hubspot = {};
};

/// What a run would do to one record in one direction.
struct PlannedChange {
  std::string type = {};
  std::optional<std::string> id = {};  ///< None for a record that would be created here.
  std::optional<std::string> hubspot_id = {};
  std::optional<std::string> direction = {};    ///< to_hubspot | from_hubspot; none for a conflict.
  std::string action = {};                      ///< create | update | delete | conflict
  std::vector<PlannedField> fields = {};        ///< Of a create: all that have a value. Of a delete: none.
  std::vector<PlannedConflict> conflicts = {};  ///< "deleted" with "true"/"false" for edit against delete.
};

struct Run {
  std::string id = {};
  std::string kind = {};  ///< full | incremental | entity
  std::vector<std::string> types = {};
  bool dry_run = false;
  std::string state = {};  ///< running | succeeded | partial | failed | stopped
  Instant started_at{};
  std::optional<Instant> finished_at = {};
  std::map<std::string, RunProgress, std::less<>> progress = {};  ///< By type.
  RunCounts counts = {};
  std::int64_t api_calls = 0;
  std::vector<Guard> guards = {};
  std::optional<Error> error = {};  ///< Its code decides the exit code: refused, guarded, else failed.
  std::optional<std::vector<PlannedChange>> plan = {
  };  ///< Only of a finished dry run, on the single-item view.
};

/// A person's leave to carry out what a guard holds.
struct ReleaseRequest {
  std::optional<std::int64_t> count = {};  ///< Refused when the guard holds another number of records by now.
};

struct TriggerRequest {
  std::vector<std::string> types = {};  ///< Empty = all.
  bool full = false;
  bool dry_run = false;
};

/// The answer to a trigger: 202 for a new run, 200 for one that was going already.
struct Triggered {
  std::string run_id = {};
  bool joined = false;
};

struct RecordCounts {
  std::int64_t total = 0;
  std::int64_t synced = 0;
  std::int64_t pending = 0;
  std::int64_t conflict = 0;
  std::int64_t error = 0;
};

struct QueueStatus {
  std::int64_t pending = 0;
  std::int64_t running = 0;
  std::int64_t retrying = 0;
  std::int64_t failed = 0;
  std::int64_t completed = 0;
};

struct RateStatus {
  std::int64_t capacity = 0;
  std::int64_t available = 0;
  std::int64_t waiting = 0;
  std::int64_t interval_ms = 0;
  std::int64_t daily_used = 0;
  std::int64_t daily_limit = 0;
};

struct WebhookStatus {
  bool listening = false;
  std::int64_t received = 0;
  std::int64_t rejected = 0;
  std::int64_t backlog = 0;
  std::optional<Instant> last_event_at = {};
};

/// How many wait for a person.
struct Waiting {
  std::int64_t pending = 0;
};

struct Status {
  std::string state = {};  ///< idle | syncing | paused | degraded
  std::string version = {};
  std::int64_t uptime_seconds = 0;
  std::map<std::string, RecordCounts, std::less<>> records = {};  ///< By type.
  QueueStatus queue = {};
  RateStatus rate_limit = {};
  WebhookStatus webhooks = {};
  Waiting conflicts = {};
  std::optional<Run> last_full_sync = {};
  std::optional<Run> last_poll = {};
  std::string freshness = {};  ///< current | idle | stalled | unknown
  Waiting guards = {};
  std::vector<Error> problems = {};  ///< Why it is degraded, and what is off (webhooks without a secret).
  std::optional<std::string> portal_id = {};  ///< The portal that the store belongs to.
};

/// A record that waits to be sent.
struct DueItem {
  std::string id = {};  ///< What `queue cancel` takes: the record's.
  std::string entity_type = {};
  std::string entity_id = {};
  std::optional<std::string> hubspot_id = {};
  std::string state = {};  ///< ready | waiting | running | failed
  std::int64_t attempts = 0;
  Instant since{};
  std::optional<Instant> next_at = {};
  std::optional<std::string> error_message = {};
  std::optional<std::string> log_id = {};
};

/// Who last gave a field its value on one side.
struct LastWriter {
  Instant timestamp{};
  std::optional<std::string> user = {};
  std::optional<std::string> source = {};  ///< Here: what was done. In HubSpot: its sourceType.
};

/// What the planner sees in one field.
struct ExplainedField {
  std::string field = {};
  std::optional<std::string> property = {};
  std::optional<std::string> rule = {};  ///< "conflict = newest", "direction = pull"
  std::optional<std::string> local = {};
  std::optional<std::string> base = {};
  std::optional<std::string> base_hubspot = {};  ///< The same in HubSpot's form.
  std::optional<std::string> hubspot = {};
  std::string state = {};  ///< in step | to HubSpot | from HubSpot | conflict | unknown | only here
  std::optional<std::string> why = {};
  std::optional<LastWriter> last_local = {};
  std::optional<LastWriter> last_hubspot = {};
};

/// Why a record is as it is.
struct Explanation {
  std::string type = {};
  std::string id = {};
  std::optional<std::string> hubspot_id = {};
  std::vector<std::string> former_hubspot_ids = {};
  std::string uid = {};
  std::string summary = {};
  std::string local_presence = {};  ///< live | deleted | absent
  std::string hubspot_presence = {};
  std::string base_presence = {};
  std::string sync_status = {};
  std::int64_t version = 0;
  std::optional<Instant> last_synced_at = {};
  std::optional<std::string> error_message = {};
  std::vector<ExplainedField> fields = {};
  std::optional<DueItem> pending = {};
  std::optional<std::string> waiting_on = {};  ///< The record that the pending work waits for.
  std::optional<Conflict> conflict = {};
  std::vector<SyncLog> recent_logs = {};
};

/// Answer of queue/pause and queue/resume.
struct QueuePaused {
  bool paused = false;
};

/// Answer of a retry of all that failed.
struct Retried {
  std::int64_t retried = 0;
};

/// The effective configuration, secrets left out.
struct ConfigText {
  std::optional<std::string> file = {};  ///< None when there is no file.
  std::string toml = {};
};

}  // namespace hubsync::api
