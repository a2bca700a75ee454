// Every change to a record or an edge happens here, whoever makes it: the API, a simulated user, HubSpot's
// own background work. Applies side effects, history, indexes and events; the values come checked
// (validate.hpp).
#pragma once

#include <cstdint>
#include <optional>

#include "tests/hubspot_sim/api_error.hpp"
#include "tests/hubspot_sim/portal.hpp"
#include "tests/hubspot_sim/validate.hpp"

namespace hubspot_sim {

/// Creates a record.
Record& create_record(Portal& portal, TypeIndex type, const Changes& changes, Source source);
/// Writes values; returns whether any stored value changed.
bool update_record(Portal& portal, TypeIndex type, Record& record, const Changes& changes, Source source);
/// Moves a live record to the recycle bin.
void archive_record(Portal& portal, TypeIndex type, std::int64_t id, Source source);
/// Takes a record out of the recycle bin; refused while a live contact holds one of its e-mail addresses.
std::optional<ApiError> restore_record(Portal& portal, TypeIndex type, std::int64_t id, Source source);
/// Merges two live records (HUBSPOT.md §4.6); returns the survivor's id.
Expected<std::int64_t> merge_records(
    Portal& portal, TypeIndex type, std::int64_t primary, std::int64_t loser, Source source
);
/// Deletes a record without trace, for privacy or after 90 days in the bin.
void purge_record(Portal& portal, TypeIndex type, std::int64_t id, bool privacy);

/// A record's end of an edge.
struct End {
  TypeIndex type = 0;
  std::int64_t id = 0;
};

/// Gives the edge between two live records the type at `label` of from's pair, with the unlabelled one, both
/// ways.
bool associate(Portal& portal, End from, End to, std::size_t label, Source source);
/// Takes labels (bits) from an edge, both ways; the unlabelled type takes all.
bool dissociate(Portal& portal, End from, End to, std::uint32_t labels, Source source);

/// Carries out background work that is due by `now`.
void run_effects(Portal& portal, hubsync::Instant now);

}  // namespace hubspot_sim
