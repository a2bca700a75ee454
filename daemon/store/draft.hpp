// From a changed record to everything that follows from it, in one transaction: the record, its due work, its
// sync log, its conflict, the audit and the events. Decides nothing itself: it asks core::reconcile() and
// writes down the answer. Store thread.
#pragma once

#include <map>
#include <optional>

#include "common/uuid.hpp"
#include "daemon/core/reconcile.hpp"
#include "daemon/core/rules.hpp"
#include "daemon/store/recent.hpp"
#include "daemon/store/tables.hpp"

namespace hubsync::store {

/// A record being changed, and what it was when it was read.
struct Draft {
  Record record;
  bool is_new = false;
  bool dirty = false;  ///< Changed since it was read.
  Presence stored_local_presence = Presence::absent;
  std::optional<HubspotId> stored_link = {};
  SyncStatus stored_status = SyncStatus::pending;

  /// Of a record read from the store.
  [[nodiscard]] static Draft of(Record stored);
};

/// New records of one type that HubSpot showed, by consecutive row ids, of which counts, events and log do
/// not tell yet.
struct Arrivals {
  std::string type;
  std::int64_t first = 0;
  std::int64_t last = 0;  ///< 0: none.
  std::map<std::pair<Presence, SyncStatus>, std::int64_t> counts = {};
  /// What their references stand for: the same few companies again and again.
  std::map<HubspotId, std::optional<RecordTable::Resolved>> targets = {};
};

/// What brought the record here.
enum class Cause : std::uint8_t {
  edit,         ///< A person or the application: revives parked work.
  observation,  ///< HubSpot was read.
  push          ///< On its way out: the due row is the caller's.
};

/// What committing a draft did.
struct Committed {
  Effects effects;
  bool saved = false;
  bool conflict_opened = false;
  bool push_needed = false;                      ///< Or a history is needed to decide: the record is due.
  std::vector<std::string> awaits_history = {};  ///< Disputed fields that HubSpot's history is to decide.
};

struct CommitOptions {
  Cause cause = Cause::observation;
  FieldTimes remote_times = {};
  bool history_asked = false;  ///< HubSpot's history was read for this: what it did not decide is a conflict.
};

class Drafts {
 public:
  Drafts(Tables& tables, Claims& claims, const Rules& rules)
      : tables_(tables), claims_(claims), rules_(rules) {}

  /// A new local record, not saved yet.
  [[nodiscard]] Draft begin(const TypeRules& rules, Instant now);
  /// A fresh identifier.
  [[nodiscard]] std::string new_id(Instant now) { return ids_.next(now, tables_.random()); }
  /// Disputes that HubSpot's property history can still decide: not yet asked, and not in the open conflict.
  [[nodiscard]] static bool awaits_history(
      const FieldDispute& dispute,
      const TypeRules& rules,
      const FieldTimes& known,
      const std::optional<Conflict>& open
  );
  /// Points the record at the HubSpot record that was seen. An old link becomes an alias where a merge
  /// explains it; else two of HubSpot's records were taken for one, and the other one gets a record of its
  /// own.
  void relink(Draft& draft, const RemoteRecord& seen, const TypeRules& rules, Instant now);
  /// Forgets HubSpot's record: the local one will be created there anew, under a new uid (I8).
  void detach(Draft& draft, const TypeRules& rules, Instant now);
  /// A record that was archived was left behind by detach() after this reading was asked for: where none here
  /// leads to it, the reading is of before, and shows no new record (I8).
  [[nodiscard]] bool shows_before_detaching(const TypeRules& rules, HubspotId id, Instant asked, Instant now)
      const {
    return detached_.since({rules.name, id}, asked, now);
  }
  /// RemoteRecord::reference in local form; nothing when the observation did not tell.
  [[nodiscard]] std::optional<std::string> translate_reference(
      const TypeRules& rules, const RemoteRecord& seen
  );
  /// Folds a duplicate into the record that survives a merge in HubSpot, which `shown` tells the values of
  /// (I12): unsent edits, aliases and references move over, or are disputed; the duplicate becomes a
  /// tombstone without a link.
  void fold(Draft& survivor, Record duplicate, const TypeRules& rules, const Fields& shown, Instant now);

  /// Writes down a conflict that a rule decided, once: `details` says which (I5).
  void add_auto_resolved(
      const Draft& draft,
      const TypeRules& rules,
      DecidedFields decided,
      const std::string& details,
      Instant now
  );

  /// Takes the record, which goes, out of those that refer to it.
  void drop_references(const LocalId& gone, Instant now);

  /// Reconciles and saves.
  Committed commit(Draft& draft, const TypeRules& rules, const CommitOptions& options, Instant now);

  /// While one is alive, new records that HubSpot showed are gathered and told of together, which takes a
  /// third of the time: at tell(), and before any other record is saved, so that nothing overtakes them.
  class Gathering {
   public:
    explicit Gathering(Drafts& drafts) : drafts_(drafts) { drafts_.arrivals_.emplace(); }
    Gathering(const Gathering&) = delete;
    Gathering& operator=(const Gathering&) = delete;
    /// What was not told is forgotten: its transaction is rolled back.
    ~Gathering() { drafts_.arrivals_.reset(); }

    void tell(Instant now) { drafts_.tell_arrivals(now); }

   private:
    Drafts& drafts_;
  };

 private:
  static void hold_undecided(
      Draft& draft,
      const TypeRules& rules,
      const CommitOptions& options,
      const std::optional<Conflict>& open,
      Committed& result
  );
  void save(Draft& draft, const TypeRules& rules, Instant now);
  /// Saves a new record and leaves the rest to tell_arrivals().
  void save_arrival(const Draft& draft, const TypeRules& rules);
  void tell_arrivals(Instant now);
  std::optional<RecordTable::Resolved> resolve(
      const TypeRules& rules, const std::string& target, HubspotId id
  );
  bool is_old_name(const Record& record, HubspotId id);
  static Record take_apart(Draft& draft, HubspotId id, Record other);
  /// What HubSpot shows by now of what was sent without an answer.
  void settle_shown(Draft& draft, const TypeRules& rules, const DueRow& row, Instant now);
  /// What a commit makes of the record's due work.
  struct DueChange {
    bool look_again = false;  ///< What was sent may still show up.
    bool revive = false;      ///< Parked or sleeping work starts again.
    Cause cause = Cause::observation;
  };
  void update_due(
      const Draft& draft,
      std::optional<DueRow> row,
      const Committed& result,
      const DueChange& change,
      Instant now
  );
  std::int64_t open_log(const Draft& draft, LogAction action, Instant now);
  void edit_due(DueRow row, LogAction action, bool revive);
  void write_pulled(const Draft& draft, const Effects& effects, Instant now);
  void write_superseded(const Draft& draft, const TypeRules& rules, const Effects& effects, Instant now);
  void write_decided(const Draft& draft, const TypeRules& rules, const Effects& effects, Instant now);
  void update_conflict(
      const Draft& draft, const TypeRules& rules, std::optional<Conflict> open, Committed& result, Instant now
  );
  void follow_link(const Draft& draft, Instant now);
  /// One record has the HubSpot record of another one now: what was sent for that one may still arrive there,
  /// and nothing newer may leave before then (I24).
  void await_writes_of(const LocalId& from, const LocalId& to, Instant now);
  void move_references(const LocalId& from, const LocalId& to, Instant now);

  Tables& tables_;
  Claims& claims_;
  const Rules& rules_;
  Recent<std::pair<std::string, HubspotId>> detached_;
  UuidSequence ids_;
  std::optional<Arrivals> arrivals_ = {};  ///< While they are gathered.
};

/// An observation older than what was seen already, by HubSpot's own time; taking it would undo an edit.
[[nodiscard]] bool is_stale(const Record& record, const RemoteRecord& seen);

/// What sending the record would do, in the words of the log.
[[nodiscard]] LogAction log_action(RecordAction action);

/// Removes due work that turned out to be none. Its log entry goes too when nothing was ever sent for it.
void drop_due(Tables& tables, const DueRow& row, Instant now);

/// Lets parked or sleeping due work start again at once.
void revive_due(Tables& tables, DueRow& row);

}  // namespace hubsync::store
