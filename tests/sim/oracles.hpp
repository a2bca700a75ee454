// What must hold at the end of a history, when faults and users have been quiet and the daemon says that it
// is done: both sides against each other, against the database, and against the ledger of what people did.
// One thread.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "daemon/store/repository.hpp"
#include "tests/sim/world.hpp"

namespace hubsync::sim {

class Oracles {
 public:
  /// The daemon must be running.
  explicit Oracles(World& world);

  /// Every breach goes to the world's verdict.
  void check();

 private:
  struct Known {
    Record record;
    std::optional<store::DueRow> due = {};
    std::optional<Conflict> open = {};
    std::vector<std::int64_t> former = {};  ///< HubSpot ids that were its names before.

    [[nodiscard]] bool parked() const;
    /// Whether a person is asked about this field: about all, or about the value alone that HubSpot refuses
    /// (I28).
    [[nodiscard]] bool waits(const FieldRule& rule) const;
    /// A person has to decide first.
    [[nodiscard]] bool undecided(std::string_view field) const;
  };

  void load();
  void check_presence(const TypeRules& rules, const Known& known);
  void check_fields(const TypeRules& rules, const Known& known);
  void check_exchange(const TypeRules& rules, const Known& known);
  void check_reference(const TypeRules& rules, const Known& known);
  void check_remote(const TypeRules& rules);
  void check_deletions(const TypeRules& rules, const Known& known);
  void check_resurrection(const TypeRules& rules, const Known& known);
  void check_invention(const TypeRules& rules, const Fields& values, const std::string& where);
  bool lost_its_history(const Written& write, const std::string& form);
  bool was_covered_by_repeat(const Written& write);
  void check_lost_writes();
  void check_taken_back();
  void check_creates();
  void check_doubles(const TypeRules& rules);
  void check_restored();
  void check_audit();
  void check_limit();
  void check_database();

  [[nodiscard]] std::set<std::string> kept_values(const TypeRules& rules, const FieldRule& field);
  [[nodiscard]] const Known* linked_to(const std::string& type, std::int64_t id) const;
  [[nodiscard]] const Known* known_as(const std::string& type, const LocalId& id) const;
  [[nodiscard]] std::string show(const TypeRules& rules, const Known& known);
  void breach(const std::string& oracle, const TypeRules& rules, const Known& known, const std::string& what);

  World& world_;
  store::SqliteRepository& repository_;
  std::map<std::string, std::vector<Known>> known_;
  std::vector<Conflict> conflicts_;
  std::map<std::pair<std::string, std::string>, std::set<std::string>>
      told_;  ///< Values in conflicts and the audit.
};

}  // namespace hubsync::sim
