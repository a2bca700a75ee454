// From a request to its handler: paths of all versions, tokens, scopes, limits. Single-threaded.
#pragma once

#include "tests/hubspot_sim/call.hpp"

namespace hubspot_sim {

/// Answers an API request, limits and authorization included.
Response answer_api(Portal& portal, const Request& request);

}  // namespace hubspot_sim
