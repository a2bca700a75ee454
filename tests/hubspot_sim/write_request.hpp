// The writing half of the object endpoints, shared by single and batch calls: a request's properties and
// associations are checked first and applied later, so that a batch can be all or nothing.
#pragma once

#include <string>
#include <vector>

#include "tests/hubspot_sim/call.hpp"
#include "tests/hubspot_sim/render.hpp"
#include "tests/hubspot_sim/writes.hpp"

namespace hubspot_sim {

/// An association that a create asks for.
struct NewEdge {
  End to;
  std::vector<std::size_t> labels;
};

/// A checked write.
struct PreparedWrite {
  Changes changes;
  std::vector<NewEdge> edges;
};

[[nodiscard]] Expected<PreparedWrite> prepare_create(const Call& call, const nlohmann::json& input);
[[nodiscard]] Expected<PreparedWrite> prepare_update(
    const Call& call, const Record& record, const nlohmann::json& input
);

/// Carries out a checked write as the API and counts it.
Record& apply_create(Call& call, const PreparedWrite& write);
void apply_update(Call& call, Record& record, const PreparedWrite& write);

/// What the answer to the write shows.
[[nodiscard]] View create_echo(const Call& call, const PreparedWrite& write);
[[nodiscard]] View update_echo(const Call& call, const PreparedWrite& write);

}  // namespace hubspot_sim
