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

/// The write goes on from what was known, unless that has grown out of proportion. Told again, once as
/// intended and once as answered, it is known already.
void append_known(
    KnownValues& fields, const std::string& field, const std::string& seen, const std::string& written
) {
  std::vector<std::string>& known = fields[field];
  const std::size_t size = known.size();
  if (size >= max_versions) {
    known.clear();
  } else if (size >= 2 && known[size - 1] == written && known[size - 2] == seen) {
    return;
  }
  if (known.empty() || known.back() != seen) {
    known.push_back(seen);
  }
  known.push_back(written);
}

}  // namespace

void UnverifiedTable::add(const Record& record, const Fields& seen, const Fields& written, Instant since) {
  if (seen.empty() || !record.hubspot_id) {
    return;
  }
  KnownValues fields;
  if (auto before = find(record.id); before && before->hubspot_id == record.hubspot_id) {
    fields = std::move(before->fields);
  }
  for (const auto& [field, value] : seen) {
    if (const auto over = written.find(field); over != written.end()) {
      append_known(fields, field, value, over->second);
    }
  }
  Query{
      db_,
      "INSERT INTO unverified (record, type, hubspot_id, since, fields) VALUES (?, ?, ?, ?, ?) "
      "ON CONFLICT (record) DO UPDATE SET hubspot_id = excluded.hubspot_id, since = excluded.since, "
      "fields = excluded.fields",
      record.id,
      record.type,
      *record.hubspot_id,
      since,
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

void UnverifiedTable::forget(const std::string& type, HubspotId id, Instant before) {
  Query{db_, "DELETE FROM unverified WHERE hubspot_id = ? AND type = ? AND since < ?", id, type, before}.run(
  );
}

}  // namespace hubsync::store
