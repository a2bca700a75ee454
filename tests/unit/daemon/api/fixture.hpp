// The control API over fakes: a repository in memory, an engine that notes what it is asked, virtual time.
// One thread. The fakes refuse what the real ones refuse; what no route uses, they do not have.
#pragma once

#include <algorithm>
#include <stdexcept>

#include <boost/asio/post.hpp>

#include "common/api_codec.hpp"
#include "daemon/api/routes.hpp"
#include "tests/support/records.hpp"
#include "tests/support/virtual_clock.hpp"

namespace hubsync::api {

class FakeRepository : public Repository {
 public:
  std::map<std::string, hubsync::Record> records = {};
  std::vector<LogEntry> logs = {};
  std::vector<hubsync::Conflict> conflicts = {};
  std::vector<hubsync::DueItem> due = {};
  std::vector<hubsync::Run> runs = {};
  StoreStatus totals = {};
  std::vector<LocalEdit> edits = {};      ///< As asked for.
  RecordQuery record_query = {};          ///< The last one.
  LogQuery log_query = {};                ///< The last one.
  hubsync::Explanation explanation = {};  ///< But for the record.
  ConflictQuery conflict_query = {};      ///< The last one.
  std::string pause_actor = {};

  Result<hubsync::Record> create_record(const LocalEdit& edit, Instant now) override {
    edits.push_back(edit);
    for (const auto& [id, record] : records) {
      if (edit.fields.contains("email") && value_or_empty(record.local, "email") == edit.fields.at("email")) {
        return fail(ErrorCode::conflict, "another contact has this email", "", "email");
      }
    }
    hubsync::Record record;
    record.id = {"id-" + std::to_string(records.size() + 1)};
    record.type = edit.type;
    record.local_presence = Presence::live;
    record.created_at = now;
    return change(record, edit, now);
  }
  Result<hubsync::Record> update_record(const LocalEdit& edit, Instant now) override {
    return open(edit, [&](hubsync::Record& record) { return change(record, edit, now); });
  }
  Result<hubsync::Record> delete_record(const LocalEdit& edit, Instant now) override {
    return open(edit, [&](hubsync::Record& record) {
      record.local_presence = Presence::deleted;
      return change(record, edit, now);
    });
  }
  Result<hubsync::Record> restore_record(const LocalEdit& edit, Instant now) override {
    return open(edit, [&](hubsync::Record& record) {
      record.local_presence = Presence::live;
      return change(record, edit, now);
    });
  }
  Result<hubsync::Record> find_record(const std::string& type, const LocalId& id) override {
    const auto found = records.find(id.text);
    if (found == records.end() || found->second.type != type) {
      return fail(ErrorCode::not_found, "there is no " + type + " " + id.text);
    }
    return found->second;
  }
  hubsync::Page<hubsync::Record> list_records(const RecordQuery& query) override {
    record_query = query;
    hubsync::Page<hubsync::Record> page;
    for (const auto& [id, record] : records) {
      const bool wanted = record.type == query.type && (!query.after || id > *query.after);
      if (wanted && std::ssize(page.items) < query.limit) {
        page.items.push_back(record);
      }
    }
    page.total = std::ssize(page.items);
    return page;
  }

  hubsync::Page<hubsync::DueItem> list_due(std::int64_t, std::int64_t) override {
    return {.items = due, .total = std::ssize(due)};
  }
  Result<void> cancel_due(const LocalId& id, const std::string& actor, Instant) override {
    if (std::erase_if(due, [&](const hubsync::DueItem& item) { return item.record == id; }) == 0) {
      return fail(ErrorCode::not_found, "nothing waits for " + id.text);
    }
    pause_actor = actor;
    return {};
  }
  void set_paused(bool paused, const std::string& actor, Instant) override {
    totals.paused = paused;
    pause_actor = actor;
  }
  hubsync::Page<LogEntry> list_logs(const LogQuery& query) override {
    log_query = query;
    return {.items = logs, .total = std::ssize(logs)};
  }
  Result<LogEntry> find_log(std::int64_t id) override { return find(logs, &LogEntry::id, id); }
  Result<LogEntry> retry_log(std::int64_t id) override { return find(logs, &LogEntry::id, id); }
  std::int64_t retry_all(Instant) override { return std::ssize(logs); }
  std::int64_t hasten_retries(Instant) override { return 0; }
  hubsync::Page<hubsync::Conflict> list_conflicts(const ConflictQuery& query) override {
    conflict_query = query;
    return {.items = conflicts, .total = std::ssize(conflicts)};
  }
  Result<hubsync::Conflict> find_conflict(std::int64_t id) override {
    return find(conflicts, &hubsync::Conflict::id, id);
  }
  Result<hubsync::Run> find_run(const std::string& id) override { return find(runs, &hubsync::Run::id, id); }
  hubsync::Page<hubsync::Run> list_runs(std::int64_t, std::int64_t) override {
    return {.items = runs, .total = std::ssize(runs)};
  }
  StoreStatus status() override { return totals; }

  std::vector<InboxItem> inbox = {};
  InboxQuery inbox_query = {};  ///< The last one.
  EventPage event_page = {};
  hubsync::Page<InboxItem> list_inbox(const InboxQuery& query) override {
    inbox_query = query;
    return {.items = inbox, .total = std::ssize(inbox)};
  }
  Result<InboxItem> find_inbox(std::int64_t id) override { return find(inbox, &InboxItem::id, id); }
  Result<InboxItem> replay_inbox(std::int64_t id) override { return find(inbox, &InboxItem::id, id); }
  EventPage events_after(std::int64_t, std::int64_t) override { return event_page; }

  // No route uses these.
  Result<hubsync::Explanation> explain(const std::string& type, const LocalId& id) override {
    auto record = find_record(type, id);
    if (!record) {
      return std::unexpected(record.error());
    }
    hubsync::Explanation known = explanation;
    known.record = *record;
    return known;
  }
  std::vector<HubspotId> histories_wanted(const std::string&, Instant, std::int64_t) override { none(); }
  std::int64_t save_histories(const HistoryRead&, Instant) override { none(); }
  std::vector<ResolveTarget> resolve_targets(const std::vector<ConflictWish>&) override { none(); }
  std::vector<ResolveOutcome> resolve_conflicts(const ResolveConflicts&, Instant) override { none(); }
  InboxReceipt receive_events(const std::vector<InboxEvent>&, std::int64_t, Instant) override { none(); }
  HintBatch take_hints(std::int64_t, const std::vector<std::string>&, std::int64_t, Instant) override {
    none();
  }
  void settle_hints(const std::vector<HintOutcome>&, Instant) override { none(); }
  void recover_inbox() override { none(); }
  void erase(const std::string&, HubspotId, Instant) override { none(); }
  std::vector<hubsync::Guard> guards = {};
  bool closed_guards_too = false;  ///< As asked for.
  GuardRelease release = {};       ///< The last one.
  hubsync::Page<hubsync::Guard> list_guards(bool closed_too, std::int64_t, std::int64_t) override {
    closed_guards_too = closed_too;
    return {.items = guards, .total = std::ssize(guards)};
  }
  Result<hubsync::Guard> release_guard(const GuardRelease& wish, Instant now) override {
    release = wish;
    auto guard = find(guards, &hubsync::Guard::id, wish.id);
    if (guard && guard->closed_at) {
      return fail(ErrorCode::stale, "released already");
    }
    if (guard) {
      guard->closed_at = now;
      guard->released_by = wish.actor;
    }
    return guard;
  }
  std::vector<hubsync::Guard> guards_over(const std::vector<std::string>&, const LocalId&, Instant) override {
    none();
  }
  void hold_deletions_here(const std::string&, const std::vector<HubspotId>&, Instant) override { none(); }
  std::vector<HubspotId> released_deletions(const std::string&) override { none(); }
  void forget_deletions(const std::string&, const std::vector<HubspotId>&) override { none(); }
  using CommandName = std::pair<std::string, std::string>;  ///< Sender and key.
  std::map<CommandName, KnownCommand> commands = {};
  std::map<CommandName, std::string> command_requests = {};
  LocalId kept_for = {"nobody"};  ///< The record of the last answer that was kept.
  std::optional<KnownCommand> find_command(const Command& command, Instant) override {
    const auto found = commands.find({command.sender, command.key});
    if (found == commands.end()) {
      return std::nullopt;
    }
    found->second.same_request = command_requests.at(found->first) == command.request;
    return found->second;
  }
  void keep_answer(const Command& command, const LocalId& record, const CommandAnswer& answer, Instant)
      override {
    commands[{command.sender, command.key}] = {.answer = answer};
    command_requests[{command.sender, command.key}] = command.request;
    kept_for = record;
  }
  InboxStatus inbox_status() override { none(); }
  ObserveResult observe(const ObservePage&, Instant) override { none(); }
  std::map<HubspotId, Instant> known_modified(const std::string&, const std::vector<HubspotId>&) override {
    none();
  }
  std::map<std::string, std::int64_t> ready = {};  ///< Due work by type.
  DueSummary due_summary(const std::string& type, Instant) override { return {.ready = ready[type]}; }
  std::vector<Claim> claim_due(const std::string&, std::int64_t, Instant) override { none(); }
  std::vector<Claim> claim_for_plan(const std::string&, std::int64_t, Instant) override { none(); }
  std::optional<Claim> claim_record(const std::string&, const LocalId&, Instant) override { none(); }
  PreparedPush prepare_push(const PreparePush&, Instant) override { none(); }
  hubsync::RunCounts settle_push(const std::string&, const std::vector<PushOutcome>&, Instant) override {
    none();
  }
  void release_claims(const std::vector<LocalId>&) override { none(); }
  std::int64_t recover_claims(Instant) override { none(); }
  void begin_stop() override { none(); }
  void follow_clock(Duration, Instant) override {}
  void mend_times(Instant) override {}
  void set_clock_skew(Duration) override {}
  void save_run(const hubsync::Run&) override { none(); }
  std::vector<hubsync::Run> unfinished_runs() override { none(); }
  std::optional<std::string> cursor(const std::string&) override { none(); }
  void set_cursors(const std::vector<CursorMove>&) override { none(); }
  void remove_cursors(const std::string&) override { none(); }
  std::map<std::string, std::string> facts = {};
  std::optional<std::string> fact(const std::string& name) override {
    return facts.contains(name) ? std::optional{facts.at(name)} : std::nullopt;
  }
  DatabaseCheck checked = {};
  AuditHead audit_head() override { none(); }
  DatabaseCheck check_database(bool) override { return checked; }
  Result<void> backup_begun = {};
  std::string backup_path = {};
  int backup_steps = 0;  ///< Left.
  Result<void> begin_backup(const std::string& path, bool) override {
    backup_path = path;
    return backup_begun;
  }
  BackupProgress backup_progress() override { return {.done = backup_steps-- <= 0, .bytes = 4'096}; }
  std::vector<hubsync::Difference> compare(const CompareStep&) override { none(); }
  UnlinkedPart unlinked_after(const std::string&, const LocalId&, std::int64_t) override { none(); }
  void set_fact(const std::string&, const std::string&) override { none(); }
  std::int64_t purge_logs(Instant, std::int64_t) override { none(); }

 private:
  [[noreturn]] static void none() { throw std::logic_error("the API has no business here"); }

  template <class T, class Key>
  static Result<T> find(const std::vector<T>& items, Key T::* key, const Key& wanted) {
    const auto found = std::ranges::find(items, wanted, key);
    if (found == items.end()) {
      return fail(ErrorCode::not_found, "there is no such thing");
    }
    return *found;
  }

  Result<hubsync::Record> change(hubsync::Record& record, const LocalEdit& edit, Instant now) {
    for (const auto& [name, value] : edit.fields) {
      record.local[name] = value;
    }
    ++record.version;
    record.updated_at = now;
    record.local_modified = now;
    return records[record.id.text] = record;
  }

  template <class Change>
  Result<hubsync::Record> open(const LocalEdit& edit, Change apply) {
    edits.push_back(edit);
    auto found = find_record(edit.type, edit.id);
    if (found && edit.if_version && *edit.if_version != found->version) {
      return fail(ErrorCode::stale, "it has another version by now");
    }
    return found ? apply(*found) : found;
  }
};

class FakeStore : public Store {
 public:
  FakeStore(Repository& repository, boost::asio::io_context& loop) : repository_(repository), loop_(loop) {}

 protected:
  void submit(Work work, Done done) override {
    std::exception_ptr error;
    try {
      work(repository_);
    } catch (...) {
      error = std::current_exception();
    }
    boost::asio::post(loop_, [done = std::move(done), error]() mutable { done(error); });
  }

 private:
  Repository& repository_;
  boost::asio::io_context& loop_;
};

class FakeEngine : public SyncControl {
 public:
  Result<Engine::Triggered> trigger_answer = Engine::Triggered{.run_id = "run-1", .joined = false};
  Result<hubsync::Run> entity_answer = hubsync::Run{.id = "run-2", .kind = RunKind::entity, .types = {}};
  std::map<std::string, std::vector<hubsync::PlannedChange>> plans = {};
  std::optional<hubsync::Run> live = {};
  Engine::State now = Engine::State::idle;
  std::vector<Error> why = {};
  int edits = 0;
  std::optional<bool> paused = {};
  std::vector<std::string> types = {};
  bool full = false;
  bool dry_run = false;
  std::string entity = {};
  std::vector<ConflictWish> wishes = {};  ///< As asked for.
  std::string resolver = {};
  std::vector<ResolveOutcome> outcomes = {};

  Task<Result<Engine::Triggered>> trigger(std::vector<std::string> wanted, bool all, bool dry) override {
    types = std::move(wanted);
    full = all;
    dry_run = dry;
    co_return trigger_answer;
  }
  Task<Result<hubsync::Run>> sync_entity(std::string type, LocalId id) override {
    entity = type + "/" + id.text;
    co_return entity_answer;
  }
  std::vector<std::string> released = {};
  Task<void> guard_released(std::string type) override {
    released.push_back(std::move(type));
    co_return;
  }
  Histories history = {};
  Task<Histories> histories(std::string, HubspotId) override { co_return history; }
  Repository* repository = nullptr;
  Task<std::vector<ResolveOutcome>> resolve(
      std::vector<ConflictWish> wanted, std::string user, OnDecided on_decided
  ) override {
    wishes = std::move(wanted);
    resolver = std::move(user);
    if (on_decided) {
      on_decided(*repository, outcomes);
    }
    co_return outcomes;
  }
  Result<hubsync::VerifyPart> verify_answer = hubsync::VerifyPart{};
  std::string verified = {};
  Task<Result<hubsync::VerifyPart>> verify(std::string type, std::string after) override {
    verified = type + "?" + after;
    co_return verify_answer;
  }
  std::vector<hubsync::PlannedChange> planned_now = {};  ///< What apply() finds.
  ApplyWish applied = {};
  Task<Result<ApplyOutcome>> apply(ApplyWish wish) override {
    applied = std::move(wish);
    co_return ApplyOutcome{.moved = !applied.approves(planned_now)};
  }
  Inspection inspection = {};
  std::vector<MadeProperty> made = {};
  Rules known_rules = test::default_rules();
  Task<Inspection> inspect() override { co_return inspection; }
  Task<std::vector<MadeProperty>> make_properties() override { co_return made; }
  [[nodiscard]] const Rules& rules() const override { return known_rules; }
  void local_edits() override { ++edits; }
  std::int64_t webhooks = 0;
  void webhook_events(std::int64_t count) override { webhooks += count; }
  void set_paused(bool wanted) override { paused = wanted; }
  [[nodiscard]] const std::vector<hubsync::PlannedChange>* plan_of(const std::string& id) const override {
    const auto found = plans.find(id);
    return found == plans.end() ? nullptr : &found->second;
  }
  [[nodiscard]] const hubsync::Run* running(const std::string& id) const override {
    return live && live->id == id ? &*live : nullptr;
  }
  [[nodiscard]] Engine::State state() const override { return now; }
  [[nodiscard]] std::vector<Error> problems() const override { return why; }
};

class NoTransport : public Transport {
 public:
  Task<std::expected<HttpReply, TransportFailure>> send(HttpRequest) override {
    throw std::logic_error("the API calls nobody");
  }
};

/// The API with its surroundings; `get("/api/…?a=b")` and so on go through the routes.
struct ApiFixture {
  ApiFixture() { engine.repository = &repository; }

  boost::asio::io_context loop;
  VirtualClock clock{loop};
  FakeRepository repository;
  FakeStore store{repository, loop};
  FakeEngine engine;
  NoTransport transport;
  Throttle throttle{transport, clock, {}};
  Services services{
      .store = store,
      .engine = engine,
      .clock = clock,
      .throttle = throttle,
      .started_at = clock.now() - Duration{90'500},
      .config = [] { return ConfigText{.file = "/etc/hubsync/hubsync.toml", .toml = "[sync]\n"}; },
      .webhooks = [] { return WebhookStatus{.listening = true, .received = 7, .last_event_at = {}}; },
      .version = "1.2.3"
  };
  http::Handler handler = make_handler(services);
  http::Peer peer{.uid = 1000};

  http::Response send(
      std::string method,
      std::string target,
      std::string body = {},
      std::vector<std::pair<std::string, std::string>> headers = {}
  ) {
    http::Request request;
    request.method = std::move(method);
    request.target = target;
    request.body = std::move(body);
    request.peer = peer;
    const std::size_t mark = std::min(target.find('?'), target.size());
    request.path = target.substr(0, mark);
    std::string_view rest = std::string_view{target}.substr(std::min(mark + 1, target.size()));
    while (!rest.empty()) {
      const std::string_view pair = rest.substr(0, rest.find('&'));
      rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
      const std::size_t equals = std::min(pair.find('='), pair.size());
      request.query.emplace_back(pair.substr(0, equals), pair.substr(std::min(equals + 1, pair.size())));
    }
    for (auto& [name, value] : headers) {
      request.headers.add(std::move(name), std::move(value));
    }
    return clock.run(handler(std::move(request)));
  }

  http::Response get(std::string target) { return send("GET", std::move(target)); }

  hubsync::Record& add_record(std::string id, std::string type, Fields fields) {
    hubsync::Record record;
    record.id = {id};
    record.type = std::move(type);
    record.local_presence = Presence::live;
    record.local = std::move(fields);
    record.version = 3;
    record.created_at = record.updated_at = clock.now();
    return repository.records[std::move(id)] = std::move(record);
  }
};

/// The error in a body; fails the test when there is none of the right shape.
inline Error error_in(const http::Response& response) {
  const auto error = decode_error(response.body);
  if (!error || error->message.empty()) {
    throw std::runtime_error("no error in: " + response.body);
  }
  return *error;
}

inline std::string header_of(const http::Response& response, std::string_view name) {
  const auto found = std::ranges::find(response.headers, name, &std::pair<std::string, std::string>::first);
  return found == response.headers.end() ? "" : found->second;
}

/// The answer's body as a struct of the API.
template <class T>
T body_of(const http::Response& response) {
  auto decoded = decode<T>(response.body);
  if (!decoded) {
    throw std::runtime_error(decoded.error().message + " in: " + response.body);
  }
  return std::move(*decoded);
}

}  // namespace hubsync::api
