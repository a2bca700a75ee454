// What a seed chooses before anything happens: the portal's oddities, the daemon's configuration, which kinds
// of trouble exist and how often they strike (swarm testing: most seeds have few kinds, some have all). Plain
// data.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "daemon/core/rules.hpp"
#include "tests/hubspot_sim/options.hpp"
#include "tests/sim/draw.hpp"

namespace hubsync::sim {

/// What may befall one call to HubSpot.
enum class Fault : std::uint8_t {
  none,
  refused,        ///< No connection: surely not sent.
  dropped,        ///< The connection ends before HubSpot has the request.
  reply_lost,     ///< Applied; the connection ends without an answer.
  cut_short,      ///< Applied; half an answer.
  truncated,      ///< Applied; a complete answer whose JSON ends in the middle.
  hung,           ///< HubSpot never gets it; we wait until the time is up.
  hung_applied,   ///< Applied; we wait until the time is up.
  late,           ///< Applied after our time was up.
  slow,           ///< Answered just before our time is up.
  server_error,   ///< 500, 502, 503 or 504, not applied.
  applied_error,  ///< Applied, then answered 502.
  html,           ///< A gateway's page, not applied.
  empty_success,  ///< 200 with "{}", not applied.
  throttled,      ///< 429 without Retry-After.
  told_to_wait,   ///< 429 with Retry-After.
  locked,         ///< 423.
};
inline constexpr std::size_t fault_kinds = 17;
[[nodiscard]] std::string_view name_of(Fault fault);

/// Probabilities; 0 where the seed has no such trouble.
struct Troubles {
  std::array<double, fault_kinds> call{};  ///< By Fault, for each call.
  double kill_at_call = 0;
  double kill_at_commit = 0;
  double power_cut = 0;   ///< Share of the kills that take the power with them.
  double clean_stop = 0;  ///< For each user action: the daemon is stopped and started.
  double revoked = 0;     ///< For each user action: the token is refused for a while.
  double rival = 0;       ///< For each user action: another app takes a part of the limit.
  double day_spent = 0;   ///< For each user action: the day's calls are used up.
  double clock_set = 0;   ///< For each user action: the machine's clock is set, forward or back.
};

/// How often users do what, relative to each other.
struct Habits {
  double create = 2;
  double edit = 10;
  double clear = 1;
  double remove = 1;
  double restore = 0.7;
  double associate = 2;
  double merge = 0;          ///< HubSpot's users only.
  double twin = 0;           ///< Both sides enter the same person.
  double same_edit = 0.5;    ///< Both sides enter the same value.
  double swap_keys = 0;      ///< Two contacts change e-mail addresses.
  double bad_value = 0;      ///< A value that HubSpot refuses.
  double resolve = 0;        ///< An open conflict is decided.
  double exchange_keys = 0;  ///< As swap_keys, entered here.
  double take_back = 0;      ///< A value entered here is replaced by the one before, soon.
};

/// What becomes of HubSpot's webhooks; none come when `share` is 0.
struct Post {
  double share = 0;    ///< Delivered at all.
  double doubled = 0;  ///< Of those, delivered again.
  Duration delay{0};   ///< Longest; so much they may overtake each other.
};

/// What a history is about.
enum class Theme : std::uint8_t {
  everything,
  creates,     ///< Records made here, while every third reply is lost and the daemon is killed (I7).
  events,      ///< HubSpot's users alone; webhooks come in any order, doubled, or never (I17).
  directions,  ///< As everything, with more fields that travel one way.
  keys         ///< As everything, and keys change places here, too.
};

struct Setup {
  std::uint64_t seed = 0;
  bool rough = false;  ///< Faults happen.
  std::string api_version;
  Rules rules;
  hubspot_sim::ModelOptions portal;
  Duration poll_interval{0};
  Duration full_interval{0};
  Duration latency{0};         ///< Longest one way.
  Duration commit_latency{0};  ///< Longest.
  int rate_limit = 100;
  int first_records = 0;
  int actions = 0;    ///< Of users.
  Duration pause{0};  ///< Longest between two of them.
  Habits habits;
  Troubles troubles;
  double hubspot_share = 0.5;  ///< Of what users do, the rest is done here.
  Post post;
  std::uint64_t post_seed = 0;  ///< Of what becomes of the webhooks.
  Duration request_timeout{30'000};

  /// `variant` differs in nothing but what becomes of the webhooks.
  [[nodiscard]] static Setup of(
      std::uint64_t seed, Theme theme = Theme::everything, std::uint64_t variant = 0
  );
  /// What is special about it, for a failure's head.
  [[nodiscard]] std::string describe() const;
};

}  // namespace hubsync::sim
