#include "daemon/store/facts.hpp"

namespace hubsync::store {

std::optional<std::string> FactTable::fact(const std::string& name) {
  Query query{db_, "SELECT value FROM facts WHERE name = ?", name};
  return query.next() ? std::optional{query.text(0)} : std::nullopt;
}

void FactTable::set_fact(const std::string& name, const std::string& value) {
  Query{
      db_,
      "INSERT INTO facts (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
      name,
      value
  }
      .run();
}

std::optional<std::string> FactTable::cursor(const std::string& name) {
  Query query{db_, "SELECT value FROM cursors WHERE name = ?", name};
  return query.next() ? std::optional{query.text(0)} : std::nullopt;
}

void FactTable::set_cursor(const std::string& name, const std::string& value) {
  Query{
      db_,
      "INSERT INTO cursors (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
      name,
      value
  }
      .run();
}

void FactTable::remove_cursors(const std::string& beginning) {
  Query{db_, "DELETE FROM cursors WHERE substr(name, 1, length(?1)) = ?1", beginning}.run();
}

}  // namespace hubsync::store
