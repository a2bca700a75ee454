// HubSpot as its own users see it: the model's records by local field names, changed the way people change
// them in the user interface. One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "daemon/core/record.hpp"
#include "daemon/core/rules.hpp"
#include "tests/hubspot_sim/model.hpp"
#include "tests/hubspot_sim/portal.hpp"
#include "tests/sim/setup.hpp"

namespace hubsync::sim {

class Crm {
 public:
  explicit Crm(const Setup& setup) : rules_(setup.rules), model_(setup.portal) {}

  [[nodiscard]] hubspot_sim::Model& model() { return model_; }
  [[nodiscard]] hubspot_sim::Portal& portal() { return model_.portal(); }
  [[nodiscard]] const std::string& token() { return portal().options.token; }

  // Each refuses what HubSpot refuses; `now` never goes back.
  std::optional<std::int64_t> create(const TypeRules& rules, const Fields& values, Instant now);
  bool edit(const TypeRules& rules, std::int64_t id, const Fields& values, Instant now);
  bool archive(const TypeRules& rules, std::int64_t id, Instant now);
  bool restore(const TypeRules& rules, std::int64_t id, Instant now);
  std::optional<std::int64_t> merge(
      const TypeRules& rules, std::int64_t primary, std::int64_t loser, Instant now
  );
  /// Makes the company the contact's primary one.
  bool associate(std::int64_t contact, std::int64_t company, Instant now);
  bool dissociate(std::int64_t contact, std::int64_t company, Instant now);

  [[nodiscard]] std::vector<std::int64_t> live(const TypeRules& rules);
  [[nodiscard]] bool is_live(const TypeRules& rules, std::int64_t id);
  [[nodiscard]] std::vector<std::int64_t> archived(const TypeRules& rules);
  /// Of a live or archived record: every mapped property that is not empty.
  [[nodiscard]] Fields values(const TypeRules& rules, std::int64_t id);
  /// Our own id of it; "" when it has none.
  [[nodiscard]] std::string uid(const TypeRules& rules, std::int64_t id);
  /// The contact's primary company as hubsync understands it; 0 = none.
  [[nodiscard]] std::int64_t company_of(std::int64_t contact);
  [[nodiscard]] std::int64_t resolve(const TypeRules& rules, std::int64_t id);

 private:
  [[nodiscard]] hubspot_sim::TypeIndex index_of(const TypeRules& rules);

  const Rules& rules_;
  hubspot_sim::Model model_;
};

}  // namespace hubsync::sim
