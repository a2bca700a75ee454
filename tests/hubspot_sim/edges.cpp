// The association half of writes.hpp, and the background work that makes associations.
#include <algorithm>
#include <array>

#include "common/assert.hpp"
#include "tests/hubspot_sim/change_events.hpp"
#include "tests/hubspot_sim/text.hpp"
#include "tests/hubspot_sim/writes.hpp"

namespace hubspot_sim {
namespace {

void emit_both(Portal& portal, End from, End to, std::size_t label, bool removed, Source source) {
  const auto one = [&](End a, End b) {
    const auto& type = portal.schema.find_pair(a.type, b.type)->types[label];
    emit_association(portal, {a.type, a.id, b.type, b.id, type.type_id, removed, type.primary}, source);
  };
  one(from, to);
  one(to, from);
}

/// Takes the primary label from every edge of `owner` to that type, hidden ones too.
void clear_primary(Portal& portal, End owner, TypeIndex other, std::size_t primary, Source source) {
  Record& record = *portal.store(owner.type).find_any(owner.id);
  for (auto& edge : record.edges) {
    if (edge.type != other || (edge.labels >> primary & 1U) == 0) {
      continue;
    }
    edge.labels &= ~(1U << primary);
    if (Record* const far = portal.store(other).find_any(edge.id)) {
      far->unlink(owner.type, owner.id, 1U << primary);
    }
    emit_both(portal, owner, {other, edge.id}, primary, true, source);
  }
}

bool link_both(Portal& portal, End from, End to, std::size_t label, Source source) {
  const std::uint32_t labels = 1U | 1U << label;
  Record& near = *portal.store(from.type).find_any(from.id);
  Record& far = *portal.store(to.type).find_any(to.id);
  const bool changed = near.link(to.type, to.id, labels);
  far.link(from.type, from.id, labels);
  if (changed) {
    emit_both(portal, from, to, label, false, source);
  }
  return changed;
}

constexpr std::array<std::string_view, 6> free_mail{
    "gmail.com", "outlook.com", "yahoo.com", "hotmail.com", "icloud.com", "gmx.de"
};

void make_company(Portal& portal, std::int64_t contact_id) {
  constexpr TypeIndex contact = 0;
  constexpr TypeIndex company = 1;
  Record* const record = portal.store(contact).find(contact_id);
  if (record == nullptr || primary_of(portal, contact, *record, company) != 0) {
    return;
  }
  const auto email = record->text(*portal.type(contact).find("email"));
  const auto at = email.find('@');
  if (at == std::string_view::npos || std::ranges::find(free_mail, email.substr(at + 1)) != free_mail.end()) {
    return;
  }
  const std::string domain{email.substr(at + 1)};
  const auto domain_prop = *portal.type(company).find("domain");
  auto found = portal.store(company).find_by_value(domain_prop, domain);
  if (found.empty()) {
    const Changes changes{{domain_prop, domain}, {*portal.type(company).find("name"), domain}};
    found.push_back(create_record(portal, company, changes, Source::automation).id);
  }
  associate(portal, {contact, contact_id}, {company, found.front()}, 0, Source::automation);
}

}  // namespace

bool associate(Portal& portal, End from, End to, std::size_t label, Source source) {
  const Pair* const pair = portal.schema.find_pair(from.type, to.type);
  const Pair* const reverse = portal.schema.find_pair(to.type, from.type);
  ASSERT(pair != nullptr && reverse != nullptr);
  if (reverse->single_primary) {
    std::swap(from, to);
  }
  const Pair* const owner_pair = reverse->single_primary ? reverse : pair;
  const auto primary = owner_pair->primary();
  if (!primary || !owner_pair->single_primary) {
    return link_both(portal, from, to, label, source);
  }
  const Record& owner = *portal.store(from.type).find_any(from.id);
  const std::int64_t current = primary_of(portal, from.type, owner, to.type);
  // The first company of a contact becomes its primary one without being asked.
  const bool becomes_primary = label == *primary || current == 0;
  if (becomes_primary && current != to.id) {
    clear_primary(portal, from, to.type, *primary, source);
  }
  bool changed = link_both(portal, from, to, label, source);
  if (becomes_primary && label != *primary) {
    changed = link_both(portal, from, to, *primary, source) || changed;
  }
  return changed;
}

bool dissociate(Portal& portal, End from, End to, std::uint32_t labels, Source source) {
  Record* const near = portal.store(from.type).find_any(from.id);
  Record* const far = portal.store(to.type).find_any(to.id);
  const Edge* const edge = near == nullptr ? nullptr : near->find_edge(to.type, to.id);
  if (edge == nullptr || far == nullptr) {
    return false;
  }
  const std::uint32_t taken = (labels & 1U) != 0 ? edge->labels : edge->labels & labels;
  near->unlink(to.type, to.id, taken);
  far->unlink(from.type, from.id, taken);
  for (std::size_t label = 0; label < 32; ++label) {
    if ((taken >> label & 1U) != 0) {
      emit_both(portal, from, to, label, true, source);
    }
  }
  return taken != 0;
}

void run_effects(Portal& portal, hubsync::Instant now) {
  while (!portal.effects.empty() && portal.effects.begin()->first <= now) {
    const auto [at, effect] = *portal.effects.begin();
    portal.effects.erase(portal.effects.begin());
    portal.now = std::max(portal.now, at);
    auto& store = portal.store(effect.type);
    switch (effect.kind) {
      case Effect::Kind::bump:
        if (Record* const record = store.find(effect.id)) {
          store.set_modified(*record, at);
        }
        break;
      case Effect::Kind::auto_company:
        make_company(portal, effect.id);
        break;
      case Effect::Kind::purge: {
        const Record* const record = store.find_archived(effect.id);
        if (record != nullptr && at - record->archived >= std::chrono::days{90}) {
          purge_record(portal, effect.type, effect.id, false);
        }
        break;
      }
    }
  }
  portal.now = std::max(portal.now, now);
}

}  // namespace hubspot_sim
