// Change events with the facts HubSpot puts into a webhook (HUBSPOT.md §9.2). The model only records them, in
// order and once; numbering, batching, shuffling, repeating and sending is the business of whoever takes
// them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/time.hpp"

namespace hubspot_sim {

struct ChangeEvent {
  std::string subscription_type;  ///< "contact.creation", "company.propertyChange", …
  std::string object_type_id;     ///< "0-1"
  std::int64_t object_id = 0;     ///< 0 for association changes.
  hubsync::Instant occurred_at{};
  std::string change_source;  ///< "INTEGRATION", "CRM_UI", …
  std::string source_id;
  std::string change_flag;  ///< "NEW" on creation, else empty.

  std::string property_name;  ///< propertyChange only.
  std::string property_value;

  std::int64_t primary_object_id = 0;  ///< merge only; new_object_id is the survivor.
  std::vector<std::int64_t> merged_object_ids;
  std::int64_t new_object_id = 0;
  int moved_properties = 0;

  std::string association_type;  ///< "CONTACT_TO_COMPANY"; associationChange only.
  std::int64_t from_object_id = 0;
  std::int64_t to_object_id = 0;
  int association_type_id = 0;
  bool association_removed = false;
  bool is_primary = false;
};

}  // namespace hubspot_sim
