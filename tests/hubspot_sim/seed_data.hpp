// Records of a realistic shape, the same for the same seed: names in many scripts, missing values, long
// texts, phone numbers in many forms, several contacts a company (a few companies have very many), companies
// that share a domain.
#pragma once

#include <cstddef>

#include "tests/hubspot_sim/portal.hpp"

namespace hubspot_sim {

/// Adds companies, then contacts, created over the two years before portal.now; about 85 % of the contacts
/// belong to a company. Emits no events and schedules no background work.
void seed_portal(Portal& portal, std::size_t contacts, std::size_t companies);

}  // namespace hubspot_sim
