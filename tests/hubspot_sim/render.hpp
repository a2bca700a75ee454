// Records as the API shows them, appended to a buffer: this is where a listing of a hundred thousand records
// spends its time. Reads the portal, changes nothing.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tests/hubspot_sim/portal.hpp"

namespace hubspot_sim {

/// Which parts of records to show; made once for all records of an answer.
struct View {
  TypeIndex type = 0;
  std::vector<PropId> properties;  ///< By name.
  std::vector<PropId> history;
  std::vector<TypeIndex> associations;
  bool omit_unset = false;  ///< A write's echo leaves out what has no value; a read shows null.
};

/// A view of the asked-for properties and those HubSpot always adds; unknown names are silently left out
/// (§4.2).
[[nodiscard]] View read_view(
    const Portal& portal, TypeIndex type, const std::vector<std::string>& properties
);
/// A view of what a write answers: the sent properties and a few system fields (§4.3).
[[nodiscard]] View echo_view(
    const Portal& portal,
    TypeIndex type,
    const std::vector<PropId>& sent,
    const std::vector<std::string>& system
);
/// The ids of live properties with these names.
[[nodiscard]] std::vector<PropId> find_all(const ObjectType& type, const std::vector<std::string>& names);

/// Appends a record; `extra` is raw JSON members such as `,"new":true`.
void append_record(
    std::string& out,
    const Portal& portal,
    const View& view,
    const Record& record,
    std::string_view extra = {}
);

/// Appends `"name":"time"` with the envelope's fraction style.
void append_time_member(std::string& out, const Portal& portal, std::string_view name, hubsync::Instant at);

}  // namespace hubspot_sim
