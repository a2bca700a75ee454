// What the operator asks of the engine, and gets: comparing both sides, saved plans, looking into HubSpot.
// Plain data.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "common/result.hpp"
#include "daemon/core/run.hpp"
#include "daemon/ports/compare.hpp"
#include "daemon/ports/hub_types.hpp"
#include "daemon/ports/repository.hpp"

namespace hubsync {

struct VerifyPart {
  std::vector<Difference> differences = {};
  std::int64_t compared = 0;
  std::optional<std::string> next = {};
};

/// Part of a saved plan: the records of one type, at most batch_limit, and whether what is planned for them
/// now is still what was saved.
struct ApplyWish {
  std::string type;
  std::vector<HubspotId> linked = {};  ///< Records to read in HubSpot.
  std::vector<LocalId> pushes = {};    ///< Records with something to send.
  std::function<bool(const std::vector<PlannedChange>&)>
      approves;  ///< Pure; also called on the store's thread.
  bool check_only = false;
};

struct ApplyOutcome {
  bool moved = false;  ///< Not approved: nothing was done.
  RunCounts counts = {};
};

/// What HubSpot said about one type; an Error for what it refused.
struct TypeInspection {
  std::string type;
  std::vector<PropertyDefinition> properties = {};
  std::optional<Error> properties_error = {};
  std::optional<Error> list_error = {};
  std::optional<Error> search_error = {};
  std::optional<Error> associations_error = {};
  bool associations_asked = false;  ///< There was a record to ask about.
};

struct Inspection {
  std::optional<Account> account = {};
  std::optional<Error> account_error = {};
  std::optional<std::string> pinned_portal = {};
  std::vector<TypeInspection> types = {};  ///< Empty when the account could not be read.
};

/// A property that was to be created.
struct MadeProperty {
  std::string type;
  std::string field = {};  ///< Empty for the unique property.
  std::string property;
  std::optional<Error> error = {};
};

}  // namespace hubsync
