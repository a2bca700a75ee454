// What the simulated server saw, for tests and benchmarks to assert on. Plain data; single-threaded.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace hubspot_sim {

struct CallCount {
  std::int64_t calls = 0;      ///< Everything that arrived, the refused included.
  std::int64_t throttled = 0;  ///< Of these, answered 429.
  std::map<int, std::int64_t> status;
};

/// What became of change events on their way to the webhook's address.
struct WebhookCount {
  std::int64_t events = 0;    ///< Made, repeats and lost ones included.
  std::int64_t lost = 0;      ///< Never sent, as if HubSpot had given up.
  std::int64_t requests = 0;  ///< Sent, repeats included.
  std::int64_t accepted = 0;
  std::int64_t failed = 0;  ///< No answer in time, or another than 2xx.
  std::int64_t given_up = 0;  ///< Events whose last attempt failed.
  std::int64_t waiting = 0;   ///< Events to be sent, now or later.
};

struct Counters {
  std::map<std::string, CallCount> calls;  ///< By kind: "contacts.list", "companies.batch_update", …
  std::int64_t max_burst_arrivals = 0;     ///< Most calls in any 10 s, the refused included.
  std::int64_t max_burst_accepted = 0;
  std::int64_t max_search_arrivals = 0;  ///< Most searches in any 1 s.
  std::int64_t max_search_accepted = 0;
  std::int64_t mutations = 0;  ///< Records or edges changed through the API.
  std::int64_t creates = 0;
  std::int64_t noop_writes = 0;  ///< Record writes through the API that changed no value.
  std::map<std::string, std::int64_t> creates_by_key;  ///< "contacts.email=a@b.c" → records created with it.
  std::map<std::string, std::int64_t> writes_by_type;
  WebhookCount webhooks;
};

}  // namespace hubspot_sim
