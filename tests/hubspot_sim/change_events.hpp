// Records change events for a later webhook sender, when ModelOptions::record_events asks for it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tests/hubspot_sim/portal.hpp"

namespace hubspot_sim {

void emit_creation(Portal& portal, TypeIndex type, std::int64_t id, Source source);
/// A deletion, restore or privacyDeletion.
void emit_simple(Portal& portal, TypeIndex type, std::int64_t id, std::string_view verb, Source source);
void emit_property_change(
    Portal& portal,
    TypeIndex type,
    std::int64_t id,
    const std::string& name,
    const std::string& value,
    Source source
);
void emit_merge(
    Portal& portal,
    TypeIndex type,
    std::int64_t primary,
    std::int64_t loser,
    std::int64_t survivor,
    int moved,
    Source source
);

/// One direction of an association that was made or taken away.
struct AssociationChange {
  TypeIndex from_type = 0;
  std::int64_t from = 0;
  TypeIndex to_type = 0;
  std::int64_t to = 0;
  int type_id = 0;
  bool removed = false;
  bool primary = false;
};
void emit_association(Portal& portal, const AssociationChange& change, Source source);

}  // namespace hubspot_sim
