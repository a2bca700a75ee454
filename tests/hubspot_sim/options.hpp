// Everything about the simulated portal that can be chosen, and the names under which hubspot-sim's admin
// endpoint reads and changes it while running. Plain data.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/time.hpp"

namespace hubspot_sim {

struct ModelOptions {
  std::uint64_t seed = 1;
  std::int64_t portal_id = 48000001;
  std::string token = "pat-na1-sim";
  std::vector<std::string> scopes = {
      "crm.objects.contacts.read",
      "crm.objects.contacts.write",
      "crm.objects.companies.read",
      "crm.objects.companies.write",
      "crm.objects.deals.read",
      "crm.objects.deals.write",
      "crm.objects.custom.read",
      "crm.objects.custom.write",
      "crm.schemas.contacts.read",
      "crm.schemas.contacts.write",
      "crm.schemas.companies.read",
      "crm.schemas.companies.write",
      "crm.schemas.deals.read",
      "crm.schemas.deals.write",
      "crm.schemas.custom.read",
      "crm.schemas.custom.write",
  };
  std::string time_zone = "America/New_York";
  std::int64_t utc_offset_minutes = -300;  ///< The day of the daily limit starts at midnight of this offset.

  bool limits = true;
  std::int64_t burst_limit = 100;  ///< Calls in any 10 s.
  std::int64_t search_limit = 5;   ///< Searches in any 1 s.
  std::int64_t daily_limit = 250000;
  bool retry_after = false;       ///< 429 answers carry Retry-After; they did not in 2022.
  bool daily_headers = true;      ///< The two Daily headers; absent with OAuth tokens.
  bool secondly_headers = false;  ///< The retired X-HubSpot-RateLimit-Secondly headers.

  hubsync::Duration search_lag{0};  ///< A change is searchable after half to all of this.
  hubsync::Duration latency{0};     ///< Added to every API answer.
  bool bump = true;                 ///< HubSpot's own later write to `modified`, 1–25 s after ours.
  bool noop_bumps = true;  ///< A write that changes nothing moves `modified` too (not verified, §13).
  bool shuffle_batches = true;
  bool trim_fractions = true;       ///< Envelope times lose trailing zeros ("…:10.5Z").
  bool auto_company = false;        ///< A contact's business e-mail creates and associates a company, later.
  bool merge_new_id = true;         ///< false = the old merge, where the primary keeps its id.
  bool merged_in_batch = false;     ///< batch/read finds the survivor by a merged-away id.
  bool merged_unique_keys = false;  ///< Upsert by the loser's unique value finds the survivor.
  bool gdpr_blocklist = true;       ///< An address deleted for privacy cannot come back.
  bool write_validation =
      false;               ///< 2026-09 only: creates need lifecyclestage, as a customised portal may ask.
  bool large_ids = false;  ///< Ids start above 2³¹.
  std::int64_t short_page_percent =
      0;  ///< Share of list pages that are shorter than asked for without being the last.
  bool record_events = false;

  std::string webhook_url = {};  ///< Where change events are sent; "" = nowhere.
  std::string webhook_secret = {};
  hubsync::Duration webhook_delay{0};  ///< An event is sent after nothing to all of this.
  std::int64_t webhook_loss_percent = 0;
  std::int64_t webhook_duplicate_percent = 0;
  std::int64_t webhook_reused_id_percent = 0;  ///< Events that get the eventId of an earlier one.
  bool webhook_shuffle = false;
  hubsync::Duration webhook_retry_spread{24LL * 3'600'000};  ///< The ten retries are spread over this.
  std::int64_t webhook_concurrency = 10;

  std::string oauth_client_id = {};  ///< "" = no OAuth app.
  std::string oauth_client_secret = {};
  std::string refresh_token = {};                 ///< "" = the app is uninstalled.
  hubsync::Duration token_lifetime{30 * 60'000};  ///< Of access tokens that are granted for it.
  bool rotate_refresh_token = false;              ///< Each grant brings another one, and ends the one before.
};

/// How many records a portal begins with.
struct SeedCounts {
  std::size_t contacts = 0;
  std::size_t companies = 0;
  std::size_t deals = 0;
};

using OptionMember = std::variant<
    bool ModelOptions::*,
    std::int64_t ModelOptions::*,
    hubsync::Duration ModelOptions::*,
    std::string ModelOptions::*>;

struct OptionName {
  std::string_view name;
  OptionMember member;
};

/// The options that may change at run time, by name.
[[nodiscard]] std::span<const OptionName> runtime_options();

}  // namespace hubspot_sim
