#include "tests/hubspot_sim/options.hpp"

#include <array>

namespace hubspot_sim {

std::span<const OptionName> runtime_options() {
  static const std::array names{
      OptionName{"limits", &ModelOptions::limits},
      OptionName{"burst_limit", &ModelOptions::burst_limit},
      OptionName{"search_limit", &ModelOptions::search_limit},
      OptionName{"daily_limit", &ModelOptions::daily_limit},
      OptionName{"retry_after", &ModelOptions::retry_after},
      OptionName{"daily_headers", &ModelOptions::daily_headers},
      OptionName{"secondly_headers", &ModelOptions::secondly_headers},
      OptionName{"search_lag", &ModelOptions::search_lag},
      OptionName{"latency", &ModelOptions::latency},
      OptionName{"bump", &ModelOptions::bump},
      OptionName{"noop_bumps", &ModelOptions::noop_bumps},
      OptionName{"shuffle_batches", &ModelOptions::shuffle_batches},
      OptionName{"trim_fractions", &ModelOptions::trim_fractions},
      OptionName{"auto_company", &ModelOptions::auto_company},
      OptionName{"merge_new_id", &ModelOptions::merge_new_id},
      OptionName{"merged_in_batch", &ModelOptions::merged_in_batch},
      OptionName{"merged_unique_keys", &ModelOptions::merged_unique_keys},
      OptionName{"gdpr_blocklist", &ModelOptions::gdpr_blocklist},
      OptionName{"write_validation", &ModelOptions::write_validation},
      OptionName{"short_page_percent", &ModelOptions::short_page_percent},
      OptionName{"record_events", &ModelOptions::record_events},
      OptionName{"webhook_url", &ModelOptions::webhook_url},
      OptionName{"webhook_secret", &ModelOptions::webhook_secret},
      OptionName{"webhook_delay", &ModelOptions::webhook_delay},
      OptionName{"webhook_loss_percent", &ModelOptions::webhook_loss_percent},
      OptionName{"webhook_duplicate_percent", &ModelOptions::webhook_duplicate_percent},
      OptionName{"webhook_reused_id_percent", &ModelOptions::webhook_reused_id_percent},
      OptionName{"webhook_shuffle", &ModelOptions::webhook_shuffle},
      OptionName{"webhook_retry_spread", &ModelOptions::webhook_retry_spread},
      OptionName{"webhook_concurrency", &ModelOptions::webhook_concurrency},
      OptionName{"oauth_client_id", &ModelOptions::oauth_client_id},
      OptionName{"oauth_client_secret", &ModelOptions::oauth_client_secret},
      OptionName{"refresh_token", &ModelOptions::refresh_token},
      OptionName{"token_lifetime", &ModelOptions::token_lifetime},
      OptionName{"rotate_refresh_token", &ModelOptions::rotate_refresh_token},
      OptionName{"portal_id", &ModelOptions::portal_id},
      OptionName{"time_zone", &ModelOptions::time_zone},
      OptionName{"utc_offset_minutes", &ModelOptions::utc_offset_minutes},
  };
  return names;
}

}  // namespace hubspot_sim
