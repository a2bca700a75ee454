// What a changed mapping does to the records that are here.
#include "daemon/store/records.hpp"

namespace hubsync::store {

void RecordTable::forget_fields(const TypeRules& rules, const std::vector<std::string>& fields) {
  LocalId after;
  for (bool more = true; more;) {
    std::vector<LocalId> batch;
    {
      Query query{
          db_, "SELECT id FROM records WHERE type = ? AND id > ? ORDER BY id LIMIT 500", rules.name, after
      };
      while (query.next()) {
        batch.push_back({query.text(0)});
      }
    }
    for (const LocalId& id : batch) {
      Record record = *find(id);
      std::size_t known = 0;
      for (const std::string& field : fields) {
        known += record.remote.erase(field) + record.base.erase(field) + record.edited.erase(field) +
                 record.lost.erase(field);
      }
      if (known > 0) {
        update(record, rules);
      }
      after = id;
    }
    more = !batch.empty();
  }
}

}  // namespace hubsync::store
