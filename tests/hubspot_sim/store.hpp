// All records of one object type, with the indexes the API needs. Knows no HubSpot rules beyond ids and
// archiving.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "tests/hubspot_sim/record.hpp"

namespace hubspot_sim {

class ObjectStore {
 public:
  using Records = std::map<std::int64_t, Record>;

  ObjectStore(const ObjectType& type, std::int64_t first_id) : type_(&type), next_id_(first_id) {}

  [[nodiscard]] const Records& live() const { return live_; }
  [[nodiscard]] const Records& archived() const { return archived_; }

  /// A new live record with the next id; `gap` ids are left out before it.
  Record& create(std::int64_t gap, hubsync::Instant now, Source source);
  /// A live record by its own id, not following merges.
  [[nodiscard]] Record* find(std::int64_t id);
  [[nodiscard]] const Record* find(std::int64_t id) const;
  [[nodiscard]] Record* find_archived(std::int64_t id);
  /// Live or archived.
  [[nodiscard]] Record* find_any(std::int64_t id);
  /// The id that a merged-away id stands for now; any other id stands for itself.
  [[nodiscard]] std::int64_t resolve(std::int64_t id) const;

  bool set_value(Record& record, PropId prop, std::string text, hubsync::Instant at, Source source);
  void set_modified(Record& record, hubsync::Instant at);
  void archive(std::int64_t id, hubsync::Instant now);
  Record& restore(std::int64_t id);
  void purge(std::int64_t id);
  /// Removes `loser` and lets its id, and all that led to it, stand for `survivor`.
  void absorb(std::int64_t loser, std::int64_t survivor);

  /// Live records with this value of an indexed property, by ascending id; contacts also by their additional
  /// e-mails.
  [[nodiscard]] std::vector<std::int64_t> find_by_value(PropId prop, std::string_view text) const;
  /// Starts to index a property that was given unique values after records existed.
  void index_property(PropId prop);

  /// Live records by modified time and id.
  [[nodiscard]] const std::set<std::pair<hubsync::Instant, std::int64_t>>& by_modified() const {
    return by_modified_;
  }
  /// Ids in the order they were archived, for a search index that still shows them.
  [[nodiscard]] const std::deque<std::int64_t>& recently_archived() const { return recently_archived_; }

  std::map<std::pair<PropId, std::string>, std::int64_t>
      merged_keys;                                 ///< A loser's unique values → survivor.
  std::unordered_set<std::string> blocked_emails;  ///< Deleted for privacy.

 private:
  void index(const Record& record, bool add);
  void index_value(PropId prop, std::string_view text, std::int64_t id, bool add);

  const ObjectType* type_;
  std::int64_t next_id_;
  Records live_;
  Records archived_;
  std::unordered_map<std::int64_t, std::int64_t> aliases_;
  std::set<std::pair<hubsync::Instant, std::int64_t>> by_modified_;
  std::unordered_map<PropId, std::unordered_multimap<std::string, std::int64_t>> by_value_;
  std::deque<std::int64_t> recently_archived_;
};

}  // namespace hubspot_sim
