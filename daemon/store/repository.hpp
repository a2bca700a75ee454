// SqliteRepository: the store's operations, each to be run inside one transaction (job_group.hpp). Store
// thread, or the loop in the simulation. Makes no decision about values: core::reconcile() does.
#pragma once

#include "daemon/ports/repository.hpp"
#include "daemon/store/backup.hpp"
#include "daemon/store/draft.hpp"
#include "daemon/store/tables.hpp"

namespace hubsync::store {

class SqliteRepository final : public Repository {
 public:
  /// `db` must be migrated and outlive this. `random` yields ten random bytes a call.
  SqliteRepository(Db& db, Rules rules, RandomBytes random);

  /// Takes over a changed configuration.
  void set_rules(Rules rules);

  Result<Record> create_record(const LocalEdit& edit, Instant now) override;
  Result<Record> update_record(const LocalEdit& edit, Instant now) override;
  Result<Record> delete_record(const LocalEdit& edit, Instant now) override;
  Result<Record> restore_record(const LocalEdit& edit, Instant now) override;
  Result<Record> find_record(const std::string& type, const LocalId& id) override;
  Page<Record> list_records(const RecordQuery& query) override;

  std::optional<KnownCommand> find_command(const Command& command, Instant now) override;
  void keep_answer(const Command& command, const LocalId& record, const CommandAnswer& answer, Instant now)
      override;

  ObserveResult observe(const ObservePage& page, Instant now) override;
  std::map<HubspotId, Instant> known_modified(const std::string& type, const std::vector<HubspotId>& ids)
      override;

  DueSummary due_summary(const std::string& type, Instant now) override;
  std::vector<Claim> claim_due(const std::string& type, std::int64_t limit, Instant now) override;
  std::vector<Claim> claim_for_plan(const std::string& type, std::int64_t limit, Instant now) override;
  std::optional<Claim> claim_record(const std::string& type, const LocalId& id, Instant now) override;
  PreparedPush prepare_push(const PreparePush& push, Instant now) override;
  RunCounts settle_push(const std::string& type, const std::vector<PushOutcome>& outcomes, Instant now)
      override;
  void release_claims(const std::vector<LocalId>& ids) override;
  std::int64_t recover_claims(Instant now) override;
  void begin_stop() override;

  Page<DueItem> list_due(std::int64_t page, std::int64_t limit) override;
  Result<void> cancel_due(const LocalId& id, const std::string& actor, Instant now) override;
  void set_paused(bool paused, const std::string& actor, Instant now) override;
  Page<LogEntry> list_logs(const LogQuery& query) override;
  Result<LogEntry> find_log(std::int64_t id) override;
  Result<LogEntry> retry_log(std::int64_t id) override;
  std::int64_t retry_all(Instant now) override;
  std::int64_t hasten_retries(Instant now) override;
  Page<Conflict> list_conflicts(const ConflictQuery& query) override;
  Result<Conflict> find_conflict(std::int64_t id) override;
  Result<Explanation> explain(const std::string& type, const LocalId& id) override;
  std::vector<HubspotId> histories_wanted(const std::string& type, Instant written_before, std::int64_t limit)
      override;
  std::int64_t save_histories(const HistoryRead& read, Instant now) override;
  std::vector<ResolveTarget> resolve_targets(const std::vector<ConflictWish>& wishes) override;
  std::vector<ResolveOutcome> resolve_conflicts(const ResolveConflicts& wanted, Instant now) override;

  void follow_clock(Duration by, Instant now) override;
  void mend_times(Instant now) override;
  void set_clock_skew(Duration skew) override;
  void save_run(const Run& run) override;
  Result<Run> find_run(const std::string& id) override;
  Page<Run> list_runs(std::int64_t page, std::int64_t limit) override;
  std::vector<Run> unfinished_runs() override;

  StoreStatus status() override;
  std::optional<std::string> cursor(const std::string& name) override;
  void set_cursors(const std::vector<CursorMove>& cursors) override;
  void remove_cursors(const std::string& beginning) override;
  std::optional<std::string> fact(const std::string& name) override;
  void set_fact(const std::string& name, const std::string& value) override;
  std::int64_t purge_logs(Instant before, std::int64_t limit) override;

  Page<Guard> list_guards(bool closed_too, std::int64_t page, std::int64_t limit) override;
  std::vector<Guard> guards_over(const std::vector<std::string>& types, const LocalId& record, Instant now)
      override;
  Result<Guard> release_guard(const GuardRelease& wish, Instant now) override;
  void hold_deletions_here(const std::string& type, const std::vector<HubspotId>& deleted, Instant now)
      override;
  std::vector<HubspotId> released_deletions(const std::string& type) override;
  void forget_deletions(const std::string& type, const std::vector<HubspotId>& alive) override;

  InboxReceipt receive_events(const std::vector<InboxEvent>& events, std::int64_t max_backlog, Instant now)
      override;
  HintBatch take_hints(
      std::int64_t portal, const std::vector<std::string>& resting, std::int64_t limit, Instant now
  ) override;
  void settle_hints(const std::vector<HintOutcome>& outcomes, Instant now) override;
  void recover_inbox() override;
  void erase(const std::string& type, HubspotId id, Instant now) override;
  InboxStatus inbox_status() override;
  Page<InboxItem> list_inbox(const InboxQuery& query) override;
  Result<InboxItem> find_inbox(std::int64_t id) override;
  Result<InboxItem> replay_inbox(std::int64_t id) override;
  EventPage events_after(std::int64_t since, std::int64_t limit) override;

  std::vector<Difference> compare(const CompareStep& step) override;
  UnlinkedPart unlinked_after(const std::string& type, const LocalId& after, std::int64_t limit) override;
  AuditHead audit_head() override;
  DatabaseCheck check_database(bool quick) override;
  Result<void> begin_backup(const std::string& path, bool force) override;
  BackupProgress backup_progress() override;

  /// Outside a transaction, after each commit.
  void after_commit();
  [[nodiscard]] Db& db() { return db_; }
  [[nodiscard]] Tables& tables() { return tables_; }
  [[nodiscard]] Claims& claims() { return claims_; }

 private:
  // edit.cpp
  [[nodiscard]] Result<Draft> open_for_edit(const LocalEdit& edit, const TypeRules& rules);
  [[nodiscard]] Result<void> check_fields(
      const LocalEdit& edit, const TypeRules& rules, const Record& record
  );
  [[nodiscard]] Result<void> check_key(const Record& record, const TypeRules& rules);
  void audit_edit(
      const LocalEdit& edit, const char* action, const Record& before, const Record& after, Instant now
  );

  // observe.cpp
  struct Match {
    std::optional<Draft> draft = {};
    bool old_name = false;  ///< The id became an alias by a merge.
  };
  /// The local record that an observation is about; folds those that a merge made one. `stranger`: it is
  /// known that no record here has its id.
  Match match(const TypeRules& rules, const RemoteRecord& seen, bool stranger, Instant now);
  void observe_record(
      const ObservePage& page,
      const TypeRules& rules,
      const RemoteRecord& seen,
      bool stranger,
      ObserveResult& result,
      Instant now
  );
  void observe_deleted(
      const ObservePage& page, const TypeRules& rules, HubspotId id, ObserveResult& result, Instant now
  );
  void observe_bad(const TypeRules& rules, const BadRecord& bad, ObserveResult& result, Instant now);

  // guarded.cpp
  std::optional<Guard> hold_deletions(
      const TypeRules& rules, SyncDirection direction, std::vector<LocalId> records, Instant now
  );
  [[nodiscard]] bool is_released(const LocalId& record);
  [[nodiscard]] bool is_held_there(const TypeRules& rules, DueRow row, Instant now);
  [[nodiscard]] bool is_held_here(const TypeRules& rules, HubspotId id, Instant now);
  [[nodiscard]] std::vector<LocalId> doomed(
      const TypeRules& rules, const std::vector<HubspotId>& deleted, Instant now
  );
  void note_deletion(
      const TypeRules& rules, SyncDirection direction, const LocalId& record, bool released, Instant now
  );

  // erase.cpp
  [[nodiscard]] std::vector<Record> records_of_person(const TypeRules& rules, HubspotId id);
  void erase_record(const TypeRules& rules, const Record& record, Instant now);

  // queue.cpp
  void revive(DueRow& row);

  // conflicts_history.cpp
  void explain_conflict(const Record& record, const Histories& histories, const TypeRules& rules);
  void verify_writes(
      Record record, const Histories& histories, const TypeRules& rules, Instant begun, Instant now
  );
  void settle_lost(
      Draft& draft,
      const FieldRule& rule,
      const std::vector<PropertyVersion>& overwritten,
      const TypeRules& rules,
      Instant now
  );

  // conflicts_resolve.cpp
  [[nodiscard]] Result<Choices> check_wish(const ConflictWish& wish, const Conflict& conflict);
  [[nodiscard]] Result<Choices> check_undo(const Conflict& conflict);
  struct ResolveBy {
    std::string user;
    Instant now;
  };
  [[nodiscard]] Result<void> undo_one(const ConflictWish& wish, Conflict conflict, const ResolveBy& by);
  [[nodiscard]] Result<void> resolve_one(
      const ConflictWish& wish, const Conflict& before, Conflict now, const ResolveBy& by
  );
  [[nodiscard]] Result<void> check_values(
      const Choices& choices, const Record& record, const Record& decided, const TypeRules& rules
  );
  void close_resolved(
      Conflict& conflict,
      const ConflictWish& wish,
      const Choices& choices,
      const Decision& decision,
      const ResolveBy& by
  );
  void write_resolved(
      const Draft& draft, const Conflict& conflict, const Decision& decision, const ResolveBy& by
  );

  // compare.cpp
  void compare_record(const TypeRules& rules, const RemoteRecord& seen, std::vector<Difference>& differences);

  // repository.cpp
  void forget_unmapped(const TypeRules& type);
  void follow_key(const TypeRules& type);

  // claims.cpp
  [[nodiscard]] Claim claim_of(
      const Record& record, const TypeRules& rules, const std::optional<DueRow>& row
  );
  [[nodiscard]] std::vector<DueRow> unclaimed(const TypeRules& rules, std::int64_t limit, Instant now);
  void add_claim(const Claim& claim, int deaths);

  // prepare.cpp
  void follow_into_bin(const TypeRules& rules, const RemoteRecord& seen, Instant now);
  std::vector<HubspotId> follow_merges(
      const PreparePush& push, const TypeRules& rules, PreparedPush& result, Instant now
  );
  void intend(
      const PreparePush& push,
      const TypeRules& rules,
      const Draft& draft,
      const Committed& committed,
      DueRow row,
      PreparedPush& result,
      Instant now
  );
  void prepare_one(
      const PreparePush& push, const TypeRules& rules, const LocalId& id, PreparedPush& result, Instant now
  );
  void take_reading(
      const PreparePush& push,
      const TypeRules& rules,
      Draft& draft,
      std::optional<DueRow>& row,
      CommitOptions& options,
      Instant now
  );
  [[nodiscard]] const RemoteRecord* find_seen(
      const PreparePush& push, const TypeRules& rules, const Record& record, const std::optional<DueRow>& row
  );
  /// The record that is being sent with the key that this one has in HubSpot, where this one is to have its:
  /// neither gets it before one of the two lets go of its own.
  [[nodiscard]] std::optional<LocalId> exchanges_key_with(const TypeRules& rules, const Record& record);
  [[nodiscard]] PushAction plan_action(
      const Draft& draft, const TypeRules& rules, const Effects& effects, DueRow& row
  );

  // settle.cpp
  void send_again(const LocalId& record);
  void pass_on_key(const TypeRules& rules, const Record& record, const std::string& held);
  void settle_success(const TypeRules& rules, const PushOutcome& outcome, RunCounts& counts, Instant now);
  void settle_failure(const TypeRules& rules, const PushOutcome& outcome, RunCounts& counts, Instant now);
  void fail_due(
      Record record, const TypeRules& rules, DueRow row, const CallFailure& failure, int retries, Instant now
  );
  void park_refused(
      const TypeRules& rules,
      const PushOutcome& outcome,
      const Committed& committed,
      RunCounts& counts,
      Instant now
  );
  void audit_success(const Record& record, const PushOutcome& outcome, Instant now);
  void audit_failure(const Record& record, PushKind kind, const Fields& sent, Instant now);
  void close_log(const DueRow& row, const Record& record, const PushOutcome& outcome, Instant now);
  void keep_rest(
      const Draft& draft,
      const TypeRules& rules,
      const PushOutcome& outcome,
      const Committed& committed,
      Instant now
  );

  Db& db_;
  Tables tables_;
  Rules rules_;             ///< Its newest_margin holds clock_skew_.
  Duration clock_skew_{0};  ///< Without its sign.
  Claims claims_;
  Recent<LocalId> sent_references_;  ///< Associations have no modified time: only this tells.
  Drafts drafts_;
  bool checkpoint_wanted_ = false;
  Backup backup_;
};

/// What a commit means for a dry run: one entry for each direction that something would travel.
void append_planned(std::vector<PlannedChange>& planned, const Draft& draft, const Committed& committed);

}  // namespace hubsync::store
