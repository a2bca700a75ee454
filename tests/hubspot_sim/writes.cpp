#include "tests/hubspot_sim/writes.hpp"

#include <algorithm>

#include "common/assert.hpp"
#include "tests/hubspot_sim/change_events.hpp"
#include "tests/hubspot_sim/text.hpp"

namespace hubspot_sim {
namespace {

constexpr std::size_t max_merges = 250;
constexpr std::int64_t bump_percent = 79;
constexpr std::size_t max_id_gap = 24;
constexpr auto bin_days = std::chrono::days{90};

void schedule(Portal& portal, hubsync::Duration after, Effect effect) {
  portal.effects.emplace(portal.now + after, effect);
}

void schedule_bump(Portal& portal, TypeIndex type, std::int64_t id) {
  const auto& object_type = portal.type(type);
  if (!portal.options.bump || object_type.bump_max == hubsync::Duration{} ||
      !portal.random.percent(bump_percent)) {
    return;
  }
  const hubsync::Duration after{
      portal.random.between(object_type.bump_min.count(), object_type.bump_max.count())
  };
  schedule(portal, after, {Effect::Kind::bump, type, id});
}

bool goes_back(const PropertyDef& def, std::string_view current, std::string_view wanted) {
  const auto at = [&](std::string_view value) {
    return std::ranges::find(def.options, value, &PropertyOption::value) - def.options.begin();
  };
  return def.forward_only && !current.empty() && !wanted.empty() && at(wanted) < at(current);
}

bool apply(Portal& portal, TypeIndex type, Record& record, const Changes& changes, Source source) {
  bool changed = false;
  for (const auto& [prop, text] : changes) {
    const auto& def = portal.type(type).properties[prop];
    if (goes_back(def, record.text(prop), text)) {
      continue;
    }
    if (portal.store(type).set_value(record, prop, text, portal.now, source)) {
      changed = true;
      emit_property_change(portal, type, record.id, def.name, text, source);
    }
  }
  return changed;
}

// A company created with a domain and no website got website = domain in all recordings of 2022 (HUBSPOT.md
// §4.3).
void fill_website(Portal& portal, TypeIndex type, Record& record, Source source) {
  const auto& object_type = portal.type(type);
  const auto domain = object_type.find("domain");
  const auto website = object_type.find("website");
  if (domain && website && !record.text(*domain).empty() && record.text(*website).empty()) {
    apply(portal, type, record, {{*website, std::string{record.text(*domain)}}}, source);
  }
}

void move_edges(Portal& portal, TypeIndex type, Record& from, Record& to) {
  const auto edges = std::exchange(from.edges, {});
  for (const auto& edge : edges) {
    const Pair* const pair = portal.schema.find_pair(type, edge.type);
    const auto primary = pair->primary();
    std::uint32_t labels = edge.labels;
    // The survivor keeps its own primary record.
    if (primary && pair->single_primary && primary_of(portal, type, to, edge.type) != 0) {
      labels &= ~(1U << *primary);
    }
    Record* const other = portal.store(edge.type).find_any(edge.id);
    if (other == nullptr || (edge.type == type && edge.id == to.id)) {
      continue;
    }
    other->unlink(type, from.id, ~0U);
    other->link(type, to.id, labels);
    to.link(edge.type, edge.id, labels);
  }
  std::erase_if(to.edges, [&](const Edge& edge) { return edge.type == type && edge.id == from.id; });
}

void drop_edges(Portal& portal, TypeIndex type, Record& record) {
  for (const auto& edge : record.edges) {
    if (Record* const other = portal.store(edge.type).find_any(edge.id)) {
      other->unlink(type, record.id, ~0U);
    }
  }
  record.edges.clear();
}

void remember_merge(Portal& portal, Record& survivor, const Record& gone) {
  auto& merged = survivor.ensure_past().merged;
  merged.push_back({gone.id, portal.now});
  if (gone.past) {
    merged.insert(merged.end(), gone.past->merged.begin(), gone.past->merged.end());
  }
}

// The loser's e-mail addresses become additional ones of the survivor, after the survivor's own.
void merge_emails(Portal& portal, TypeIndex type, Record& survivor, const std::vector<std::string>& others) {
  const auto email = portal.type(type).find("email");
  const auto additional = portal.type(type).find("hs_additional_emails");
  if (!email || !additional) {
    return;
  }
  auto all = split(survivor.text(*additional), ';');
  for (const auto& other : others) {
    const bool known = other == survivor.text(*email) || std::ranges::find(all, other) != all.end();
    if (!known) {
      all.push_back(other);
    }
  }
  portal.store(type).set_value(survivor, *additional, join(all, ";"), portal.now, Source::merge);
}

std::vector<std::string> emails_of(const Portal& portal, TypeIndex type, const Record& record) {
  std::vector<std::string> emails;
  for (const auto* const name : {"email", "hs_additional_emails"}) {
    if (const auto prop = portal.type(type).find(name)) {
      const auto found = split(record.text(*prop), ';');
      emails.insert(emails.end(), found.begin(), found.end());
    }
  }
  return emails;
}

/// Copies what the survivor lacks. Returns how many values moved.
int fill_gaps(Portal& portal, TypeIndex type, Record& survivor, const std::vector<Value>& values) {
  int moved = 0;
  for (const auto& value : values) {
    const auto& def = portal.type(type).properties[value.prop];
    if (def.unique && !value.text.empty()) {
      portal.store(type).merged_keys[{value.prop, lower(value.text)}] = survivor.id;
    }
    if (survivor.text(value.prop).empty() && def.name != "hs_additional_emails" && !value.text.empty()) {
      portal.store(type).set_value(survivor, value.prop, value.text, portal.now, Source::merge);
      ++moved;
    }
  }
  return moved;
}

/// Takes everything from `gone` and lets its id stand for the survivor.
int take_over(Portal& portal, TypeIndex type, Record& survivor, std::int64_t gone_id) {
  auto& store = portal.store(type);
  Record& gone = *store.find(gone_id);
  const auto values = gone.values;
  const auto emails = emails_of(portal, type, gone);
  move_edges(portal, type, gone, survivor);
  remember_merge(portal, survivor, gone);
  store.absorb(gone_id, survivor.id);
  const int moved = fill_gaps(portal, type, survivor, values);
  merge_emails(portal, type, survivor, emails);
  return moved;
}

}  // namespace

Record& create_record(Portal& portal, TypeIndex type, const Changes& changes, Source source) {
  auto& record = portal.store(type).create(
      static_cast<std::int64_t>(portal.random.below(max_id_gap)), portal.now, source
  );
  emit_creation(portal, type, record.id, source);
  apply(portal, type, record, changes, source);
  fill_website(portal, type, record, source);
  schedule_bump(portal, type, record.id);
  if (portal.options.auto_company && type == 0) {
    const hubsync::Duration after{portal.random.between(2'000, 20'000)};
    schedule(portal, after, {Effect::Kind::auto_company, type, record.id});
  }
  return record;
}

bool update_record(Portal& portal, TypeIndex type, Record& record, const Changes& changes, Source source) {
  const bool changed = apply(portal, type, record, changes, source);
  if (changed || portal.options.noop_bumps) {
    portal.store(type).set_modified(record, portal.now);
    schedule_bump(portal, type, record.id);
  }
  return changed;
}

void archive_record(Portal& portal, TypeIndex type, std::int64_t id, Source source) {
  portal.store(type).archive(id, portal.now);
  schedule(portal, bin_days, {Effect::Kind::purge, type, id});
  emit_simple(portal, type, id, "deletion", source);
}

std::optional<ApiError> restore_record(Portal& portal, TypeIndex type, std::int64_t id, Source source) {
  auto& store = portal.store(type);
  const Record* const record = store.find_archived(id);
  if (record == nullptr) {
    return object_not_found();
  }
  for (const auto& email : emails_of(portal, type, *record)) {
    if (!store.find_by_value(*portal.type(type).find("email"), email).empty()) {
      return validation_error("A contact with the same email address exists; the record cannot be restored");
    }
  }
  store.restore(id);
  emit_simple(portal, type, id, "restore", source);
  return std::nullopt;
}

Expected<std::int64_t> merge_records(
    Portal& portal, TypeIndex type, std::int64_t primary_id, std::int64_t loser_id, Source source
) {
  auto& store = portal.store(type);
  const std::int64_t primary = store.resolve(primary_id);
  const std::int64_t loser = store.resolve(loser_id);
  Record* const winner = store.find(primary);
  if (winner == nullptr || store.find(loser) == nullptr) {
    return Unexpected{object_not_found()};
  }
  if (primary == loser) {
    return Unexpected{validation_error("Cannot merge an object into itself")};
  }
  const auto merges = [](const Record& record) { return record.past ? record.past->merged.size() : 0; };
  if (merges(*winner) + merges(*store.find(loser)) + 1 > max_merges) {
    ApiError error = validation_error("The merge would exceed 250 merged ids");
    error.status = 414;
    return Unexpected{error};
  }
  Record* survivor = winner;
  if (portal.options.merge_new_id) {
    survivor = &store.create(static_cast<std::int64_t>(portal.random.below(max_id_gap)), portal.now, source);
    survivor->created = std::min(winner->created, store.find(loser)->created);
    take_over(portal, type, *survivor, primary);
  }
  const int moved = take_over(portal, type, *survivor, loser);
  store.set_modified(*survivor, portal.now);
  schedule_bump(portal, type, survivor->id);
  emit_merge(portal, type, primary, loser, survivor->id, moved, source);
  return survivor->id;
}

void purge_record(Portal& portal, TypeIndex type, std::int64_t id, bool privacy) {
  auto& store = portal.store(type);
  Record* const record = store.find_any(id);
  if (record == nullptr) {
    return;
  }
  if (privacy) {
    for (const auto& email : emails_of(portal, type, *record)) {
      store.blocked_emails.insert(email);
    }
    emit_simple(portal, type, id, "privacyDeletion", Source::crm_ui);
    emit_simple(portal, type, id, "deletion", Source::crm_ui);
  }
  drop_edges(portal, type, *record);
  store.purge(id);
}

}  // namespace hubspot_sim
