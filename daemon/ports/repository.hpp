// What is kept, as the engine and the API see it. A method is one transaction; nothing of it is visible
// before it is on disk (synchronous=FULL), and a method that throws has changed nothing. Only on the store's
// own thread (in the simulation: on the loop); ports/store.hpp is how the loop gets there.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/result.hpp"
#include "daemon/core/conflict.hpp"
#include "daemon/core/due.hpp"
#include "daemon/core/explain.hpp"
#include "daemon/core/guard.hpp"
#include "daemon/core/log_entry.hpp"
#include "daemon/core/reconcile.hpp"
#include "daemon/core/record.hpp"
#include "daemon/core/resolution.hpp"
#include "daemon/core/run.hpp"
#include "daemon/ports/command.hpp"
#include "daemon/ports/compare.hpp"
#include "daemon/ports/event_log.hpp"
#include "daemon/ports/hub_types.hpp"
#include "daemon/ports/inbox.hpp"

namespace hubsync {

/// A change that the custom application or a person makes to a record.
struct LocalEdit {
  std::string type;
  LocalId id = {};     ///< Not for a new record.
  Fields fields = {};  ///< Fields to set; "" clears. Fields not named stay.
  std::optional<std::int64_t> if_version = {};
  std::string actor = {};  ///< For the audit: who, as the listener knows it ("uid 1000").
};

struct RecordQuery {
  std::string type;
  std::int64_t page = 1;
  std::int64_t limit = 50;
  std::string search = {};  ///< Part of any value, without regard to ASCII case.
  std::optional<SyncStatus> status = {};
  bool deleted = false;
  std::optional<std::string> after = {
  };  ///< Walk: ids greater than this; page is ignored and total is not counted.
};

template <class T>
struct Page {
  std::vector<T> items = {};
  std::int64_t total = 0;
};

struct LogQuery {
  std::int64_t page = 1;
  std::int64_t limit = 50;
  std::optional<LogStatus> status = {};
  std::string type = {};
  std::string record = {};
  std::optional<SyncDirection> direction = {};
  std::optional<Instant> since = {};
};

/// The part of a full walk that a page covers: every live record of the type with after < id ≤ last.
struct WalkStep {
  std::int64_t after = 0;
  std::int64_t last = 0;  ///< The greatest int64 on the last page.
};

struct CursorMove {
  std::string name;
  std::string value;
};

/// What one page of a walk, a batch read or a reply showed.
struct ObservePage {
  std::string type;
  std::vector<RemoteRecord> seen = {};
  std::vector<BadRecord> bad = {
  };  ///< Parked: a failed log entry with the reason, the record's status error.
  std::vector<HubspotId> deleted = {};   ///< Proven to be archived in HubSpot (I9).
  std::vector<CursorMove> cursors = {};  ///< Move in the same transaction (I33).
  std::optional<WalkStep> walk = {};
  std::string run = {};  ///< Counts are added to this run; "" = none.
  bool dry_run = false;  ///< Plan only; nothing is written.
  /// By our clock, when the oldest of the reads was asked for: it shows no restoring of what was deleted
  /// since, and no link that we wrote since. None: read after whatever is known.
  std::optional<Instant> asked = {};
};

/// One record's part of a dry run.
struct PlannedChange {
  std::string type;
  LocalId record = {};  ///< Empty for a record that would be created here.
  std::optional<HubspotId> hubspot_id = {};
  SyncDirection direction = SyncDirection::none;
  RecordAction action = RecordAction::none;
  Fields before = {};
  Fields after = {};
  std::vector<FieldDispute> conflicts = {};
  bool deleted_here = false;  ///< Of a deletion conflict: the side that deleted.
};

struct ObserveResult {
  RunCounts counts = {};
  std::vector<HubspotId> absent = {
  };  ///< Linked, live, inside the walk's step, and not on the page: to be proven.
  std::vector<PlannedChange> planned = {};
  bool due_work = false;  ///< Some record became due, or is in conflict: somebody has something to do.
};

/// A due record that is about to be sent; nobody else gets it until it is settled.
struct Claim {
  LocalId id;
  std::string type;
  std::optional<HubspotId> hubspot_id;
  std::string uid;
  std::string key;           ///< Canonical natural key, "" for none.
  int attempts = 0;          ///< Failed attempts so far.
  bool sent_before = false;  ///< A create left earlier and its outcome is not known (I23).
  Fields sent = {};          ///< What that create sent.
  bool needs_history = false;
  bool reference_edited = false;  ///< What HubSpot has for the reference must be read before it is written.
};

struct PreparePush {
  std::string type;
  std::vector<LocalId> claims;
  std::vector<RemoteRecord> seen = {
  };  ///< What re-reading showed, by id, uid or key; archived ones under a new id too.
  std::vector<HubspotId> deleted = {};  ///< Proven to be archived.
  std::vector<HubspotId> unreadable = {
  };  ///< Neither found nor proven deleted: their claims fail with `unreadable_why`.
  std::string unreadable_why = {};
  std::vector<HubspotId> nowhere = {};  ///< Of the unreadable: neither live nor in the recycle bin.
  bool dry_run = false;
};

enum class PushKind : std::uint8_t { create, update, archive };

/// What to send for one record. It is committed as an intent before the caller gets it (I21).
struct PushAction {
  LocalId id;
  PushKind kind = PushKind::update;
  std::optional<HubspotId> hubspot_id;
  std::string uid;
  Fields fields;  ///< References left out.
  bool sets_reference = false;
  std::string reference_field;
  std::string reference_value;               ///< Local form: a LocalId or "".
  std::optional<HubspotId> associate = {};   ///< Link to make.
  std::optional<HubspotId> dissociate = {};  ///< Link to remove afterwards.
  int attempts = 0;
  StandingPtr standing = {};
};

struct PreparedPush {
  std::vector<PushAction> actions;  ///< Claims without an action had nothing left to send and are settled.
  RunCounts counts = {};
  std::vector<PlannedChange> planned = {};
};

/// How one action ended.
struct PushOutcome {
  LocalId id;
  PushKind kind = PushKind::update;
  Fields sent = {};                         ///< Local form, the reference included once its link is made.
  std::optional<RemoteRecord> answer = {};  ///< On success: what HubSpot echoed (its id for a create).
  std::optional<CallFailure> failure = {};
  std::optional<CallFailure> reference_failure = {
  };  ///< The record was written, its link was not: it stays to be sent.
  Fields refused = {};  ///< Values that HubSpot would not have; the others were sent without them.
  std::optional<CallFailure> refusal = {};  ///< What it said of them.
  bool dispatched = true;                   ///< false: nothing was sent (the re-read failed before).
  Duration retry_delay{0};                  ///< When to try again, for the outcomes that are tried again.
  bool gave_up = false;                     ///< No further attempt by itself.
  Duration duration{0};
};

/// Who last gave a field its value here.
struct LocalWriter {
  Instant at{};
  std::string actor;
  std::string action;
};

/// Everything the store knows about one record.
struct Explanation {
  Record record;
  RecordExplanation plan;
  std::optional<DueItem> due = {};
  LocalId waiting_on = {};  ///< The record that its due work waits for; empty for none.
  std::optional<Conflict> conflict = {};
  std::vector<LogEntry> logs = {};  ///< The newest.
  std::vector<HubspotId> aliases = {};
  std::map<std::string, LocalWriter, std::less<>> writers = {};  ///< By field; people and the application.
};

/// HubSpot's property history of some records.
struct HistoryRead {
  std::string type;
  std::vector<HubspotId> asked = {};  ///< Those not among `seen` are gone: nothing more is asked about them.
  std::vector<RemoteRecord> seen = {};
  Instant begun = {};  ///< Says nothing about writes that were answered since then.
};

/// What a wish to resolve a conflict is about.
struct ResolveTarget {
  std::optional<Error> error = {};  ///< It can not be carried out, whatever HubSpot has.
  Conflict conflict = {};           ///< As known; without an id when there is none.
  bool reads_reference = false;     ///< What HubSpot has for the reference is among the conflicting fields.
};

struct ResolveConflicts {
  std::vector<ConflictWish> wishes;
  std::vector<ObservePage> pages;  ///< What HubSpot has now of their records.
  std::string user = {};
};

/// What became of one wish.
struct ResolveOutcome {
  std::optional<Error> error = {};
  std::optional<Conflict> conflict = {};  ///< As it is afterwards; none when there is no such conflict.
};

class Repository;

/// What is to be committed together with decisions about conflicts.
using OnDecided = std::function<void(Repository&, const std::vector<ResolveOutcome>&)>;

struct RecordCounts {
  std::int64_t total = 0;
  std::int64_t synced = 0;
  std::int64_t pending = 0;
  std::int64_t conflict = 0;
  std::int64_t error = 0;
};

struct QueueCounts {
  std::int64_t pending = 0;
  std::int64_t running = 0;
  std::int64_t retrying = 0;
  std::int64_t failed = 0;
  std::int64_t completed = 0;  ///< Since the log's retention began.
};

struct StoreStatus {
  std::map<std::string, RecordCounts, std::less<>> records;  ///< By type.
  QueueCounts queue;
  std::int64_t open_conflicts = 0;
  std::optional<Run> last_full;
  std::optional<Run> last_poll;
  std::optional<Instant> seen_at = {
  };  ///< All types were seen as they were then: begin of a run that succeeded.
  std::optional<Instant> running_since = {};  ///< Begin of the oldest run that goes on.
  std::optional<Instant> last_work = {};      ///< Begin of the newest piece of sync work.
  InboxStatus inbox;
  std::int64_t open_guards = 0;
  bool paused = false;
};

/// A person's leave to carry out what a guard holds.
struct GuardRelease {
  std::int64_t id = 0;
  std::optional<std::int64_t> count = {
  };  ///< How many records the person saw in it: with another number, refused.
  std::string actor = {};
};

/// The end of the audit trail's hash chain: whoever has kept it can tell whether what was before it is still
/// the same (I30).
struct AuditHead {
  std::int64_t entry = 0;  ///< 0: there is no entry yet.
  std::string digest;      ///< SHA-256, in hexadecimal.
};

class Repository {
 public:
  virtual ~Repository() = default;

  // The local side.
  virtual Result<Record> create_record(const LocalEdit& edit, Instant now) = 0;
  virtual Result<Record> update_record(const LocalEdit& edit, Instant now) = 0;
  virtual Result<Record> delete_record(const LocalEdit& edit, Instant now) = 0;
  virtual Result<Record> restore_record(const LocalEdit& edit, Instant now) = 0;
  virtual Result<Record> find_record(const std::string& type, const LocalId& id) = 0;
  virtual Page<Record> list_records(const RecordQuery& query) = 0;

  // Commands that may be repeated (I20).
  virtual std::optional<KnownCommand> find_command(const Command& command, Instant now) = 0;
  /// In the transaction of the command's effect. `record`: the only one whose values are in the answer; empty
  /// when it may hold anybody's, which is forgotten whenever somebody is erased (I14).
  virtual void keep_answer(
      const Command& command, const LocalId& record, const CommandAnswer& answer, Instant now
  ) = 0;

  // HubSpot's side.
  virtual ObserveResult observe(const ObservePage& page, Instant now) = 0;
  /// The modified times last seen of these records; what is not linked is left out. For skipping what is
  /// known already.
  virtual std::map<HubspotId, Instant> known_modified(
      const std::string& type, const std::vector<HubspotId>& ids
  ) = 0;

  // Sending.
  virtual DueSummary due_summary(const std::string& type, Instant now) = 0;
  /// The due records that are sent next, together. Fewer than `limit`, or none for now, where the process
  /// died while it sent one of them (I28).
  virtual std::vector<Claim> claim_due(const std::string& type, std::int64_t limit, Instant now) = 0;
  /// For a dry run: any that are due, also of a paused queue. What is claimed so is not sent.
  virtual std::vector<Claim> claim_for_plan(const std::string& type, std::int64_t limit, Instant now) = 0;
  /// Claims one record whether due or not; nothing when it does not exist or is claimed already.
  virtual std::optional<Claim> claim_record(const std::string& type, const LocalId& id, Instant now) = 0;
  virtual PreparedPush prepare_push(const PreparePush& push, Instant now) = 0;
  virtual RunCounts settle_push(
      const std::string& type, const std::vector<PushOutcome>& outcomes, Instant now
  ) = 0;
  /// Claims whose work did not begin, given back as they were.
  virtual void release_claims(const std::vector<LocalId>& ids) = 0;
  /// At the start: counts a death for what was being sent when the process ended, and parks a record that it
  /// has died of often enough (I28); how many it parked.
  virtual std::int64_t recover_claims(Instant now) = 0;
  /// A clean stop begins: what is cut off by its end is no death.
  virtual void begin_stop() = 0;

  // The queue and the log.
  virtual Page<DueItem> list_due(std::int64_t page, std::int64_t limit) = 0;
  virtual Result<void> cancel_due(const LocalId& id, const std::string& actor, Instant now) = 0;
  virtual void set_paused(bool paused, const std::string& actor, Instant now) = 0;
  virtual Page<LogEntry> list_logs(const LogQuery& query) = 0;
  virtual Result<LogEntry> find_log(std::int64_t id) = 0;
  virtual Result<LogEntry> retry_log(std::int64_t id) = 0;
  virtual std::int64_t retry_all(Instant now) = 0;
  /// What failed and waits for its next attempt gets it now, or as soon as a write that is still open can no
  /// longer arrive: for when a person has changed what made it fail. How many that are.
  virtual std::int64_t hasten_retries(Instant now) = 0;

  // Conflicts.
  virtual Page<Conflict> list_conflicts(const ConflictQuery& query) = 0;
  virtual Result<Conflict> find_conflict(std::int64_t id) = 0;
  /// Why a record is as it is.
  virtual Result<Explanation> explain(const std::string& type, const LocalId& id) = 0;
  /// HubSpot's ids of the records whose property history is needed: for open conflicts, and for writes of
  /// ours up to `written_before` that somebody else's may lie under (I6).
  virtual std::vector<HubspotId> histories_wanted(
      const std::string& type, Instant written_before, std::int64_t limit
  ) = 0;
  /// Takes in what was read; how many records became due or disputed by it.
  virtual std::int64_t save_histories(const HistoryRead& read, Instant now) = 0;
  /// Checks the wishes against what is known, and tells what to read in HubSpot for those that stand.
  virtual std::vector<ResolveTarget> resolve_targets(const std::vector<ConflictWish>& wishes) = 0;
  /// Observes what was read and carries out each wish that still stands; one outcome for each, in order.
  virtual std::vector<ResolveOutcome> resolve_conflicts(const ResolveConflicts& wanted, Instant now) = 0;

  // Guards (I10).
  /// Newest first; those that wait, or all.
  virtual Page<Guard> list_guards(bool closed_too, std::int64_t page, std::int64_t limit) = 0;
  /// Those that wait, of these types; with a record: only when one holds it.
  virtual std::vector<Guard> guards_over(
      const std::vector<std::string>& types, const LocalId& record, Instant now
  ) = 0;
  virtual Result<Guard> release_guard(const GuardRelease& wish, Instant now) = 0;
  /// Of deletions found in HubSpot in several pages: holds them all, before the first page is observed, when
  /// they are too many.
  virtual void hold_deletions_here(
      const std::string& type, const std::vector<HubspotId>& deleted, Instant now
  ) = 0;
  /// Records whose deletion here a person has released, and that still live.
  virtual std::vector<HubspotId> released_deletions(const std::string& type) = 0;
  /// HubSpot has these alive again: their deletion is neither held nor released any more.
  virtual void forget_deletions(const std::string& type, const std::vector<HubspotId>& alive) = 0;

  // Clocks (I34).
  /// Our clock was set forward or, less than zero, back by so much: what waits goes on waiting as long as it
  /// would have. Zero: the process starts, and it may have been set before; then what may still arrive in
  /// HubSpot is waited for anew.
  virtual void follow_clock(Duration by, Instant now) = 0;
  /// Nothing waits for a time that a clock gave it which was wrong for a moment that nobody noticed. At the
  /// start and after each setting of the clock it is done anyway.
  virtual void mend_times(Instant now) = 0;
  /// HubSpot's clock is so far from ours: `newest` decides by that much later.
  virtual void set_clock_skew(Duration skew) = 0;

  // Runs.
  virtual void save_run(const Run& run
  ) = 0;  ///< Inserts or replaces all but the counts, which observe() and settle add to.
  virtual Result<Run> find_run(const std::string& id) = 0;
  virtual Page<Run> list_runs(std::int64_t page, std::int64_t limit) = 0;
  virtual std::vector<Run> unfinished_runs() = 0;

  // The webhook inbox and the event stream.
  /// Stores new events; known ones only count. Nothing once `max_backlog` wait (I35).
  virtual InboxReceipt receive_events(
      const std::vector<InboxEvent>& events, std::int64_t max_backlog, Instant now
  ) = 0;
  /// The oldest records that events hint at, at most `limit` and all of one type, with every item about them.
  /// Events of a portal other than `portal` are set aside, those of `resting` types wait. No items: nothing
  /// is due.
  virtual HintBatch take_hints(
      std::int64_t portal, const std::vector<std::string>& resting, std::int64_t limit, Instant now
  ) = 0;
  virtual void settle_hints(const std::vector<HintOutcome>& outcomes, Instant now) = 0;
  /// Once at the start: notes which hints were being read when the process ended (I28).
  virtual void recover_inbox() = 0;
  /// Removes every value of the record and of all that was kept about it; neither its id nor its key can come
  /// back (I14).
  virtual void erase(const std::string& type, HubspotId id, Instant now) = 0;
  virtual InboxStatus inbox_status() = 0;
  virtual Page<InboxItem> list_inbox(const InboxQuery& query) = 0;
  virtual Result<InboxItem> find_inbox(std::int64_t id) = 0;
  /// Lets an event be worked off again.
  virtual Result<InboxItem> replay_inbox(std::int64_t id) = 0;
  /// Events with seq > since, ascending.
  virtual EventPage events_after(std::int64_t since, std::int64_t limit) = 0;

  // For the operator; nothing of it writes a record.
  virtual AuditHead audit_head() = 0;
  /// Where the local records and these of HubSpot's are not the same.
  virtual std::vector<Difference> compare(const CompareStep& step) = 0;
  virtual UnlinkedPart unlinked_after(const std::string& type, const LocalId& after, std::int64_t limit) = 0;
  /// Reads the whole file; damage is a result here, not an exception. `quick` compares no index with its
  /// table.
  virtual DatabaseCheck check_database(bool quick) = 0;
  /// Begins to copy the database to `path`, which appears when it is complete; `force` replaces an older
  /// copy. Each later transaction copies a part.
  virtual Result<void> begin_backup(const std::string& path, bool force) = 0;
  virtual BackupProgress backup_progress() = 0;

  // The rest.
  virtual StoreStatus status() = 0;
  virtual std::optional<std::string> cursor(const std::string& name) = 0;
  virtual void set_cursors(const std::vector<CursorMove>& cursors) = 0;
  /// Those whose names begin so.
  virtual void remove_cursors(const std::string& beginning) = 0;
  /// Small facts that outlive a restart: portal pin, mapping hash.
  virtual std::optional<std::string> fact(const std::string& name) = 0;
  virtual void set_fact(const std::string& name, const std::string& value) = 0;
  /// Removes successful log entries completed before `before`, and runs, events and webhooks as old, of each
  /// at most `limit`; less than that of entries and of runs: all are gone.
  virtual std::int64_t purge_logs(Instant before, std::int64_t limit) = 0;
};

}  // namespace hubsync
