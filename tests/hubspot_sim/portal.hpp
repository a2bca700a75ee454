// The state of the simulated portal, shared by the parts of the simulator. Owned by Model; single-threaded.
// The data is open on purpose: tests and the simulation's oracles look at it. Changes to records go through
// writes.hpp.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/hubspot_sim/counters.hpp"
#include "tests/hubspot_sim/events.hpp"
#include "tests/hubspot_sim/faults.hpp"
#include "tests/hubspot_sim/limits.hpp"
#include "tests/hubspot_sim/options.hpp"
#include "tests/hubspot_sim/random.hpp"
#include "tests/hubspot_sim/schema.hpp"
#include "tests/hubspot_sim/store.hpp"

namespace hubspot_sim {

/// A bearer token and what it may do.
struct Token {
  std::vector<std::string> scopes;
  bool revoked = false;
  hubsync::Instant expires{};  ///< The epoch = never.
  bool oauth = false;          ///< Granted for a refresh token.
};

/// Something HubSpot does later on its own.
struct Effect {
  enum class Kind { bump, auto_company, purge };
  Kind kind = Kind::bump;
  TypeIndex type = 0;
  std::int64_t id = 0;
};

struct Portal {
  explicit Portal(ModelOptions chosen);

  ModelOptions options;
  Schema schema;
  std::deque<ObjectStore> stores;  ///< One for each of schema.types.
  std::map<std::string, Token> tokens;
  Random random;
  hubsync::Instant now{};
  std::multimap<hubsync::Instant, Effect> effects;
  std::vector<ChangeEvent> events;
  Counters counters;
  Limits limits;
  Faults faults;

  [[nodiscard]] ObjectType& type(TypeIndex index) { return schema.types[index]; }
  [[nodiscard]] const ObjectType& type(TypeIndex index) const { return schema.types[index]; }
  [[nodiscard]] ObjectStore& store(TypeIndex index) { return stores[index]; }
  [[nodiscard]] const ObjectStore& store(TypeIndex index) const { return stores[index]; }

  /// A fresh correlation id in the form of a UUID.
  std::string correlation_id();
};

/// The value that a read shows; nothing when it is not set.
[[nodiscard]] std::optional<std::string> value_of(
    const Portal& portal, TypeIndex type, const Record& record, PropId prop
);

/// The live primary record of another type, or 0.
[[nodiscard]] std::int64_t primary_of(
    const Portal& portal, TypeIndex type, const Record& record, TypeIndex other
);

/// Whether the other end of an edge can be seen: archived records keep their edges but do not show them.
[[nodiscard]] bool visible(const Portal& portal, const Edge& edge);

}  // namespace hubspot_sim
