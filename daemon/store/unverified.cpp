#include "daemon/store/unverified.hpp"

#include <nlohmann/json.hpp>

#include "daemon/core/history.hpp"
#include "daemon/ports/store_error.hpp"

namespace hubsync::store {
namespace {

KnownValues read_known(const std::string& text) {
  try {
    return nlohmann::json::parse(text).get<KnownValues>();
  } catch (const nlohmann::json::exception&) {
    throw StoreCorrupt("the database: the writes that are not confirmed are not readable");
  }
}

std::string write_known(const KnownValues& fields) {
  return nlohmann::json(fields).dump();
}

/// The write goes on from what was known, unless that has grown out of proportion.
void append_known(KnownValues& fields, const KnownValues& written) {
  for (const auto& [field, values] : written) {
    std::vector<std::string>& known = fields[field];
    if (known.empty() || known.size() >= max_versions) {
      known = values;
    } else {
      known.push_back(values.back());
    }
  }
}

}  // namespace

void UnverifiedTable::add(const Unverified& written) {
  KnownValues fields;
  if (auto before = find(written.record); before && before->hubspot_id == written.hubspot_id) {
    fields = std::move(before->fields);
  }
  append_known(fields, written.fields);
  Query{
      db_,
      "INSERT INTO unverified (record, type, hubspot_id, since, fields) VALUES (?, ?, ?, ?, ?) "
      "ON CONFLICT (record) DO UPDATE SET hubspot_id = excluded.hubspot_id, since = excluded.since, "
      "fields = excluded.fields",
      written.record,
      written.type,
      written.hubspot_id,
      written.since,
      write_known(fields)
  }
      .run();
}

std::optional<Unverified> UnverifiedTable::find(const LocalId& record) {
  Query query{db_, "SELECT record, type, hubspot_id, since, fields FROM unverified WHERE record = ?", record};
  if (!query.next()) {
    return std::nullopt;
  }
  return Unverified{
      .record = {query.text(0)},
      .type = query.text(1),
      .hubspot_id = {query.integer(2)},
      .since = query.instant(3),
      .fields = read_known(query.text(4))
  };
}

std::vector<HubspotId> UnverifiedTable::due(const std::string& type, Instant before, std::int64_t limit) {
  std::vector<HubspotId> ids;
  Query query{
      db_,
      "SELECT hubspot_id FROM unverified WHERE type = ? AND since <= ? ORDER BY since LIMIT ?",
      type,
      before,
      limit
  };
  while (query.next()) {
    ids.push_back({query.integer(0)});
  }
  return ids;
}

void UnverifiedTable::forget(const std::string& type, HubspotId id) {
  Query{db_, "DELETE FROM unverified WHERE hubspot_id = ? AND type = ?", id, type}.run();
}

}  // namespace hubsync::store
