// The admin endpoint's handlers; admin.cpp maps paths to them.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/hubspot_sim/call.hpp"

namespace hubspot_sim {

/// An admin request taken apart.
struct AdminCall {
  Portal& portal;
  std::vector<std::string> segments;  ///< After /_sim/.
  nlohmann::json body;
  TypeIndex type = 0;   ///< Of …/{t}/….
  std::int64_t id = 0;  ///< Of …/{id}.
};

[[nodiscard]] Response admin_error(int status, std::string_view message);

// admin_records.cpp
Response admin_create(AdminCall& call);
Response admin_show(AdminCall& call);
Response admin_edit(AdminCall& call);
Response admin_delete(AdminCall& call);
Response admin_restore(AdminCall& call);
Response admin_purge(AdminCall& call);
Response admin_merge(AdminCall& call);
Response admin_bulk_edit(AdminCall& call);
Response admin_bulk_delete(AdminCall& call);
Response admin_dump(AdminCall& call);
Response admin_associate(AdminCall& call);

// admin_control.cpp
Response admin_counters(AdminCall& call);
Response admin_reset_counters(AdminCall& call);
Response admin_options(AdminCall& call);
Response admin_set_options(AdminCall& call);
Response admin_list_faults(AdminCall& call);
Response admin_add_fault(AdminCall& call);
Response admin_clear_faults(AdminCall& call);
Response admin_remove_fault(AdminCall& call);
Response admin_token(AdminCall& call);
Response admin_rival(AdminCall& call);
Response admin_seed(AdminCall& call);
Response admin_events(AdminCall& call);

}  // namespace hubspot_sim
