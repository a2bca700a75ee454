// The truth about what people did: every value somebody wrote on either side, and what they saw when they
// replaced it. The oracles hold the end of a history against it. Every value is written once only, so that a
// value tells where it came from. One thread.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/core/record.hpp"
#include "daemon/core/rules.hpp"

namespace hubsync::sim {

/// What ends an e-mail address that HubSpot refuses.
inline constexpr std::string_view no_address = " is no address";

enum class Side : std::uint8_t { local, hubspot };

struct Written {
  Instant at{};
  Side side = Side::local;
  std::string type;
  std::string record;  ///< LocalId or HubSpot id.
  std::string field;
  std::string value;     ///< "": cleared.
  std::string replaced;  ///< What the writer saw.
  bool certain = false;  ///< Committed and told so; a killed daemon may or may not have it.
};

class Ledger {
 public:
  explicit Ledger(const Rules& rules) : rules_(rules) {}

  /// A value nobody wrote before, of a shape that fits the field.
  [[nodiscard]] std::string fresh(const FieldRule& rule);

  std::size_t wrote(Written write);
  void make_certain(std::size_t number) { writes_[number].certain = true; }

  /// The write put back what was there before; the value that it replaced is nobody's any more.
  void took_back(std::size_t number) { taken_back_.push_back(number); }
  [[nodiscard]] const std::vector<std::size_t>& taken_back() const { return taken_back_; }

  /// Somebody saw the value and replaced or deleted it: it need not be anywhere any more.
  void let_go(const std::string& type, const std::string& field, const std::string& value);
  void let_go(const std::string& type, const Fields& values);

  /// Asked for; a killed daemon may or may not have done it. Returns its number for surely_deleted_locally().
  std::size_t deleted_locally(const LocalId& id);
  /// The user was told so; a restore may have come since.
  void surely_deleted_locally(const LocalId& id, std::size_t number);
  void restored_locally(const LocalId& id);
  void archived_in_hubspot(const std::string& type, std::int64_t id) { archived_.insert({type, id}); }
  /// Its id leads to another record now.
  /// A merge left no record in HubSpot that can be found by it.
  void lost_uid(const std::string& uid) { lost_uids_.insert(uid); }
  [[nodiscard]] bool was_lost(const std::string& uid) const { return lost_uids_.contains(uid); }
  void merged_in_hubspot(const std::string& type, std::int64_t id) { merged_.insert({type, id}); }
  void survived_merge(const std::string& type, std::int64_t id) { survivors_.insert({type, id}); }
  /// Restored or merged: HubSpot itself brings it to life.
  void revived_in_hubspot(const std::string& type, std::int64_t id) { revived_.insert({type, id}); }

  /// HubSpot's user restored a record that was this one's here (I13).
  void restored_in_hubspot(const std::string& type, std::int64_t id, const LocalId& linked) {
    old_links_.insert_or_assign({type, id}, linked);
  }

  [[nodiscard]] const std::map<std::pair<std::string, std::int64_t>, LocalId>& old_links() const {
    return old_links_;
  }
  /// Under whichever of HubSpot's ids it was known then.
  [[nodiscard]] bool was_restored_in_hubspot(const LocalId& id) const {
    return std::ranges::any_of(old_links_, [&id](const auto& link) { return link.second == id; });
  }
  [[nodiscard]] const std::vector<Written>& writes() const { return writes_; }
  [[nodiscard]] bool was_let_go(const std::string& type, const std::string& field, const std::string& value)
      const;
  [[nodiscard]] bool was_written(const std::string& type, const std::string& field, const std::string& value)
      const;
  [[nodiscard]] bool was_deleted_locally(const LocalId& id) const { return deleted_locally_.contains(id); }
  /// Deleted here, and not restored here since.
  [[nodiscard]] const std::set<LocalId>& gone_locally() const { return gone_locally_; }
  [[nodiscard]] bool was_archived(const std::string& type, std::int64_t id) const {
    return archived_.contains({type, id});
  }
  [[nodiscard]] bool was_merged(const std::string& type, std::int64_t id) const {
    return merged_.contains({type, id});
  }
  [[nodiscard]] bool is_survivor(const std::string& type, std::int64_t id) const {
    return survivors_.contains({type, id});
  }
  [[nodiscard]] bool was_restored_locally(const LocalId& id) const { return restored_locally_.contains(id); }
  [[nodiscard]] bool was_revived(const std::string& type, std::int64_t id) const {
    return revived_.contains({type, id});
  }

 private:
  using Place = std::pair<std::string, std::string>;  ///< Type and field.

  [[nodiscard]] std::string form(const std::string& type, const std::string& field, const std::string& value)
      const;

  const Rules& rules_;
  int last_value_ = 0;
  std::vector<Written> writes_;
  std::vector<std::size_t> taken_back_;
  std::map<Place, std::set<std::string>> written_;
  std::map<Place, std::set<std::string>> let_go_;
  std::set<LocalId> deleted_locally_;
  std::set<LocalId> gone_locally_;
  std::map<LocalId, std::size_t> restored_locally_;  ///< The number of the last time.
  std::size_t presences_changed_ = 0;
  std::set<std::pair<std::string, std::int64_t>> merged_;
  std::set<std::pair<std::string, std::int64_t>> survivors_;
  std::set<std::string> lost_uids_;
  std::set<std::pair<std::string, std::int64_t>> archived_;
  std::set<std::pair<std::string, std::int64_t>> revived_;
  std::map<std::pair<std::string, std::int64_t>, LocalId> old_links_;
};

}  // namespace hubsync::sim
