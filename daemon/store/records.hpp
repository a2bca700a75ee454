// The table of records and the aliases of merged ids: rows in, rows out. Store thread. Decides nothing.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "daemon/core/record.hpp"
#include "daemon/core/rules.hpp"
#include "daemon/ports/repository.hpp"
#include "daemon/store/db.hpp"

namespace hubsync::store {

class RecordTable {
 public:
  explicit RecordTable(Db& db) : db_(db) {}

  [[nodiscard]] std::optional<Record> find(const LocalId& id);
  [[nodiscard]] std::optional<Record> find_linked(const std::string& type, HubspotId id);
  /// By an id that a merge made an old name.
  [[nodiscard]] std::optional<Record> find_alias(const std::string& type, HubspotId id);
  [[nodiscard]] std::optional<Record> find_uid(const std::string& type, const std::string& uid);
  /// The oldest live record without a link that has the key.
  [[nodiscard]] std::optional<Record> find_unlinked(const std::string& type, const std::string& key);
  /// Every record without a link that has the key, whether live or not.
  [[nodiscard]] std::vector<LocalId> unlinked_with_key(const std::string& type, const std::string& key);
  /// Another live record that has the key.
  [[nodiscard]] std::optional<LocalId> other_with_key(
      const std::string& type, const std::string& key, const LocalId& not_this
  );
  struct Resolved {
    LocalId id;
    bool live = false;  ///< Not deleted here.
  };
  /// The record a HubSpot id stands for, by link or alias.
  [[nodiscard]] std::optional<Resolved> resolve(const std::string& type, HubspotId id);
  /// The ids that merges made old names of it, ascending.
  [[nodiscard]] std::vector<HubspotId> aliases_of(const LocalId& id);
  [[nodiscard]] std::optional<HubspotId> link_of(const LocalId& id);
  [[nodiscard]] bool is_live(const std::string& type, const LocalId& id);

  /// Records whose local view refers to `id`.
  [[nodiscard]] std::vector<LocalId> referring_to(const LocalId& id);
  /// Records of `type` whose remote view refers to a HubSpot record that was not known.
  [[nodiscard]] std::vector<LocalId> waiting_for(const std::string& type, HubspotId unresolved);
  /// Linked records HubSpot is believed to have, with after < id ≤ last, ascending.
  [[nodiscard]] std::vector<HubspotId> linked_between(
      const std::string& type, std::int64_t after, std::int64_t last
  );

  /// Every id of HubSpot's, old names too, that leads to a record here, with after < id ≤ last.
  [[nodiscard]] std::set<HubspotId> names_between(
      const std::string& type, std::int64_t after, std::int64_t last
  );

  /// Inserts a row and returns its row id, which is above all others; it is not counted before count_new().
  std::int64_t insert(const Record& record, const TypeRules& rules);
  void count_new(const std::string& type, Presence presence, SyncStatus status, std::int64_t number);
  void update(const Record& record, const TypeRules& rules);
  void add_alias(const std::string& type, HubspotId old_id, const LocalId& record);
  /// Lets every alias of `from` stand for `to`.
  void move_aliases(const LocalId& from, const LocalId& to);

  [[nodiscard]] Page<Record> list(const RecordQuery& query);
  [[nodiscard]] std::map<std::string, RecordCounts, std::less<>> counts();

  /// Computes the key of every record of the type again, after its configuration changed.
  void rekey(const TypeRules& rules);
  /// Forgets what was agreed, sent or seen of these fields, in every record of the type; the local values
  /// stay.
  void forget_fields(const TypeRules& rules, const std::vector<std::string>& fields);

 private:
  [[nodiscard]] std::int64_t count(const RecordQuery& query);

  Db& db_;
};

}  // namespace hubsync::store
