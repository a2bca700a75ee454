// People on both sides, who create, edit, clear, delete, restore, link and merge records at times of their
// own, and the portal's administrators and other apps. Local ones use the store as the control API does. One
// thread.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "tests/sim/world.hpp"

namespace hubsync::sim {

class Users {
 public:
  explicit Users(World& world);

  /// Before the daemon is there: what HubSpot has already.
  void enter_first_records();
  /// One thing that somebody does now.
  void act();

  // What support does when all is quiet again.
  void retry_everything();
  void trigger_full_run();

 private:
  /// On which side the next deed is done.
  [[nodiscard]] bool in_hubspot() { return draw_.chance(world_.setup.hubspot_share); }
  [[nodiscard]] bool here() { return draw_.chance(1 - world_.setup.hubspot_share); }
  /// What counts once the user has the answer.
  struct Deeds {
    std::vector<std::size_t> writes = {};                         ///< Numbers in the ledger.
    std::vector<std::size_t> taken_back = {};                     ///< Those that put an older value back.
    std::optional<std::pair<LocalId, std::size_t>> deleted = {};  ///< With its number in the ledger.
  };
  /// A user's request, in one transaction.
  using Job = std::function<Deeds(Repository&, Instant)>;
  struct Habit {
    double weight;
    void (Users::*deed)();
  };

  void create();
  void edit();
  void clear();
  void remove();
  void restore();
  void associate();
  void merge();
  void twin();
  void same_edit();
  void take_back();
  void swap_keys();
  void exchange_keys();
  void bad_value();
  void resolve();

  void submit(Job job);
  Task<void> carry_out(Process& process, Job job);
  Task<void> decide(Process& process);
  ConflictWish wish_for(const Conflict& conflict, std::vector<std::size_t>& writes);

  void create_in_hubspot(const TypeRules& rules, Fields values);
  void edit_in_hubspot(
      const TypeRules& rules, std::int64_t id, const std::string& field, const std::string& value
  );
  void edit_here(
      const TypeRules& rules, std::optional<LocalId> id, const std::string& field, std::string value
  );
  Deeds edit_now(
      Repository& repository,
      const TypeRules& rules,
      const LocalId& id,
      const std::string& field,
      const std::string& value,
      Instant now
  );
  void associate_here();
  void associate_in_hubspot();

  [[nodiscard]] const TypeRules& any_type();
  [[nodiscard]] const FieldRule& any_field(const TypeRules& rules);
  [[nodiscard]] Fields first_values(const TypeRules& rules);
  [[nodiscard]] std::optional<std::int64_t> any_in_hubspot(const TypeRules& rules);
  [[nodiscard]] std::optional<Record> any_here(Repository& repository, const TypeRules& rules, bool deleted);
  std::size_t note(
      Side side,
      const std::string& type,
      const std::string& record,
      const std::string& field,
      const std::string& value,
      const std::string& replaced
  );

  World& world_;
  Draw draw_;
  std::vector<Habit> choices_;
};

}  // namespace hubsync::sim
