#include "tests/hubspot_sim/store.hpp"

#include <algorithm>

#include "common/assert.hpp"
#include "tests/hubspot_sim/text.hpp"

namespace hubspot_sim {
namespace {

constexpr std::size_t remembered_archives = 10'000;

}  // namespace

Record& ObjectStore::create(std::int64_t gap, hubsync::Instant now, Source source) {
  next_id_ += gap;
  Record record;
  record.id = next_id_++;
  record.created = now;
  record.modified = now;
  record.created_by = source;
  auto& stored = live_.emplace_hint(live_.end(), record.id, std::move(record))->second;
  by_modified_.emplace(stored.modified, stored.id);
  return stored;
}

Record* ObjectStore::find(std::int64_t id) {
  const auto found = live_.find(id);
  return found == live_.end() ? nullptr : &found->second;
}

const Record* ObjectStore::find(std::int64_t id) const {
  const auto found = live_.find(id);
  return found == live_.end() ? nullptr : &found->second;
}

Record* ObjectStore::find_archived(std::int64_t id) {
  const auto found = archived_.find(id);
  return found == archived_.end() ? nullptr : &found->second;
}

Record* ObjectStore::find_any(std::int64_t id) {
  Record* const live = find(id);
  return live != nullptr ? live : find_archived(id);
}

std::int64_t ObjectStore::resolve(std::int64_t id) const {
  for (auto found = aliases_.find(id); found != aliases_.end(); found = aliases_.find(id)) {
    id = found->second;
  }
  return id;
}

bool ObjectStore::set_value(
    Record& record, PropId prop, std::string text, hubsync::Instant at, Source source
) {
  const bool indexed = !record.is_archived();
  if (indexed) {
    index_value(prop, record.text(prop), record.id, false);
  }
  const bool changed = record.set(prop, std::move(text), at, source);
  if (indexed) {
    index_value(prop, record.text(prop), record.id, true);
  }
  return changed;
}

void ObjectStore::set_modified(Record& record, hubsync::Instant at) {
  if (at <= record.modified) {
    return;
  }
  if (!record.is_archived()) {
    by_modified_.erase({record.modified, record.id});
    by_modified_.emplace(at, record.id);
  }
  record.set_modified(at);
}

void ObjectStore::archive(std::int64_t id, hubsync::Instant now) {
  auto node = live_.extract(id);
  ASSERT(!node.empty());
  index(node.mapped(), false);
  by_modified_.erase({node.mapped().modified, id});
  node.mapped().archived = now;
  archived_.insert(std::move(node));
  recently_archived_.push_back(id);
  if (recently_archived_.size() > remembered_archives) {
    recently_archived_.pop_front();
  }
}

Record& ObjectStore::restore(std::int64_t id) {
  auto node = archived_.extract(id);
  ASSERT(!node.empty());
  node.mapped().archived = {};
  auto& record = live_.insert(std::move(node)).position->second;
  index(record, true);
  by_modified_.emplace(record.modified, id);
  return record;
}

void ObjectStore::purge(std::int64_t id) {
  if (const auto found = live_.find(id); found != live_.end()) {
    index(found->second, false);
    by_modified_.erase({found->second.modified, id});
    live_.erase(found);
  }
  archived_.erase(id);
}

void ObjectStore::absorb(std::int64_t loser, std::int64_t survivor) {
  purge(loser);
  aliases_[loser] = survivor;
}

std::vector<std::int64_t> ObjectStore::find_by_value(PropId prop, std::string_view text) const {
  std::vector<std::int64_t> ids;
  const auto values = by_value_.find(prop);
  if (values == by_value_.end()) {
    return ids;
  }
  const auto [first, last] = values->second.equal_range(lower(text));
  for (auto it = first; it != last; ++it) {
    ids.push_back(it->second);
  }
  std::ranges::sort(ids);
  ids.erase(std::ranges::unique(ids).begin(), ids.end());
  return ids;
}

void ObjectStore::index_property(PropId prop) {
  by_value_.erase(prop);
  for (const auto& [id, record] : live_) {
    index_value(prop, record.text(prop), id, true);
  }
}

void ObjectStore::index(const Record& record, bool add) {
  for (const auto& value : record.values) {
    index_value(value.prop, value.text, record.id, add);
  }
}

// Additional e-mail addresses are kept under the e-mail property: they are unique together.
void ObjectStore::index_value(PropId prop, std::string_view text, std::int64_t id, bool add) {
  if (text.empty()) {
    return;
  }
  const auto& def = type_->properties[prop];
  if (def.name == "hs_additional_emails") {
    for (const auto& address : split(text, ';')) {
      index_value(type_->by_name.at("email"), address, id, add);
    }
    return;
  }
  if (!def.indexed) {
    return;
  }
  auto& values = by_value_[prop];
  if (add) {
    values.emplace(lower(text), id);
    return;
  }
  const auto [first, last] = values.equal_range(lower(text));
  const auto found = std::find_if(first, last, [id](const auto& entry) { return entry.second == id; });
  if (found != last) {
    values.erase(found);
  }
}

}  // namespace hubspot_sim
