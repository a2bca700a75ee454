// Records of a realistic shape, the same for the same seed: names in many scripts, missing values, long
// texts, phone numbers in many forms, several contacts a company (a few companies have very many), companies
// that share a domain.
#pragma once

#include "tests/hubspot_sim/portal.hpp"

namespace hubspot_sim {

/// Adds companies, then contacts, then deals, created over the two years before portal.now; about 85 % of the
/// contacts belong to a company, and every deal when there are companies. Emits no events and schedules no
/// background work.
void seed_portal(Portal& portal, const SeedCounts& counts);

}  // namespace hubspot_sim
