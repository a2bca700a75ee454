// Due work: one row for each record that waits to be sent, and the claims of those being sent now. Store
// thread. Decides nothing.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/core/log_entry.hpp"
#include "daemon/ports/repository.hpp"
#include "daemon/store/db.hpp"

namespace hubsync::store {

/// What was committed before a write left (I21).
enum class Intent : std::uint8_t { none, create, update, archive };

struct DueRow {
  LocalId record;
  std::string type;
  DueItem::State state = DueItem::State::ready;  ///< Never running: that is a claim.
  std::int64_t priority = 0;
  Instant since{};
  /// What waits for no time has `not_before`, which is zero where nothing was sent: an edit that is entered
  /// while our clock is wrong waits for no hour of it (I34).
  Instant next_at{};
  int attempts = 0;
  std::string error = {};
  LocalId waiting_on = {};
  std::int64_t log_id = 0;
  Intent intent = Intent::none;
  Fields intent_fields = {};
  Fields intent_seen = {};      ///< What HubSpot showed of the same fields when that was decided (I6).
  bool unknown_create = false;  ///< A create left earlier and its outcome was never learnt.
  Instant not_before{};  ///< A write whose outcome is unknown may arrive until then, on top of a newer one.
  int deaths = 0;        ///< See core/due.hpp.

  /// HubSpot may have the record without our knowing its id.
  [[nodiscard]] bool sent_create() const { return unknown_create || intent == Intent::create; }
  /// An archiving left, and HubSpot may still carry it out: the only write without fields.
  [[nodiscard]] bool may_have_archived() const {
    return not_before != Instant{} && intent_fields.empty() && !sent_create();
  }
};

class DueTable {
 public:
  explicit DueTable(Db& db) : db_(db) {}

  [[nodiscard]] std::optional<DueRow> find(const LocalId& record);
  void insert(const DueRow& row);
  void update(const DueRow& row);
  void erase(const LocalId& record);

  /// Ready rows in the order they are sent: by priority, then first come first served.
  [[nodiscard]] std::vector<DueRow> ready(const std::string& type, Instant now, std::int64_t limit);
  [[nodiscard]] std::vector<DueRow> failed();
  /// Those whose create may have arrived in HubSpot without our knowing, the oldest first.
  [[nodiscard]] std::vector<DueRow> unanswered_creates(const std::string& type);
  [[nodiscard]] std::vector<DueRow> list(std::int64_t offset, std::int64_t limit);
  [[nodiscard]] std::int64_t count();
  [[nodiscard]] DueSummary summary(const std::string& type, Instant now);
  [[nodiscard]] QueueCounts counts();
  /// Rows that wait for another attempt are ready now, or once an open write cannot arrive any more; how
  /// many.
  std::int64_t hasten(Instant now);
  /// Rows that waited for the record are ready now; also those whose other part failed: there is more to
  /// send.
  void wake(const LocalId& waited_for);

 private:
  Db& db_;
};

/// A decision to send something. The one thing that the store's thread and the loop share besides values.
class Decided final : public Standing {
 public:
  void overturn() { overturned_ = true; }
  [[nodiscard]] bool holds() const override { return !overturned_; }

 private:
  std::atomic<bool> overturned_ = false;
};

enum class HeldBack : std::uint8_t {
  newer,      ///< An own write was sent twice, over a restart. It may be sent again as it was.
  everything  ///< What was sent for another record, which HubSpot has merged with this one.
};

/// Which records are being sent. In memory: after a restart nothing is. Follows the transaction it is part of
/// through checkpoint() and rollback(). The database has a copy, so that the next process knows what was
/// being sent when this one died (I28).
class Claims {
 public:
  struct State {
    bool needs_history = false;
    bool alone = false;                     ///< Nothing else is to be sent beside it.
    bool planned = false;                   ///< For a dry run, which sends nothing.
    std::shared_ptr<Decided> decided = {};  ///< To be sent for it.
  };

  explicit Claims(Db& db) : db_(db) {}

  /// False when the record is claimed already.
  bool add(const LocalId& record, State state);
  void remove(const LocalId& record);
  [[nodiscard]] const State* find(const LocalId& record) const;
  [[nodiscard]] bool contains(const LocalId& record) const { return find(record) != nullptr; }
  [[nodiscard]] std::size_t size() const { return claims_.size(); }
  [[nodiscard]] const std::map<LocalId, State>& all() const { return claims_; }
  [[nodiscard]] bool one_goes_alone() const;

  /// It is decided what to send for the record: as long as HubSpot does not show it otherwise.
  [[nodiscard]] StandingPtr decide(const LocalId& record);
  void overturn(const LocalId& record) const;

  /// What the process before was sending when it ended, once.
  [[nodiscard]] std::vector<LocalId> take_left_over();
  /// From here on nothing that is being sent counts as left over.
  void forget_left_over();

  /// An older write may arrive in HubSpot until then, of which the record's due row knows nothing (any more):
  /// nothing newer may leave before (I23, I24).
  void hold_back(const LocalId& record, HeldBack what, Instant until, Instant now);
  /// Until when it may not leave; nothing where it may leave now.
  [[nodiscard]] std::optional<Instant> held_back_until(const LocalId& record, HeldBack what, Instant now)
      const;

  [[nodiscard]] std::size_t checkpoint() const { return undo_.size(); }
  void rollback(std::size_t checkpoint);
  void commit() { undo_.clear(); }

 private:
  struct Undo {
    LocalId record;
    std::optional<State> before;
  };

  Db& db_;
  std::map<LocalId, State> claims_;
  std::vector<Undo> undo_;
};

}  // namespace hubsync::store
