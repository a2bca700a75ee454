// The freshness verdict from what the handlers have at hand. Loop thread. The rule itself is core's.
#pragma once

#include "daemon/api/routes.hpp"
#include "daemon/core/freshness.hpp"

namespace hubsync::api {

[[nodiscard]] Freshness freshness(const Services& services, const StoreStatus& status);

}  // namespace hubsync::api
