#include "tests/sim/disturbances.hpp"

namespace hubsync::sim {

void Disturbances::strike() {
  auto& portal = world_.crm.portal();
  if (world_.weather.revokes_token()) {
    portal.tokens[world_.crm.token()].revoked = true;
    world_.trace.line("portal", "revokes the token");
    world_.timeline.after(draw_.skewed(Duration{1'000}, Duration{30 * 60'000}), [this] {
      world_.crm.portal().tokens[world_.crm.token()].revoked = false;
      world_.trace.line("portal", "grants the token again");
    });
  }
  if (world_.weather.rival_calls()) {
    world_.crm.model().advance(world_.timeline.now());
    portal.limits.rival(
        1 + static_cast<std::int64_t>(draw_.below(static_cast<std::size_t>(portal.options.burst_limit))),
        true,
        world_.timeline.now(),
        portal.options
    );
    world_.trace.line("portal", "another app calls");
  }
  if (world_.weather.spends_the_day()) {
    world_.crm.model().advance(world_.timeline.now());
    portal.limits.rival(portal.options.daily_limit, false, world_.timeline.now(), portal.options);
    world_.trace.line("portal", "another app uses up the day's calls");
  }
  if (world_.weather.sets_the_clock()) {
    set_the_clock();
  }
  if (Process* const process = world_.process(); process != nullptr && world_.weather.stops_cleanly()) {
    world_.trace.line("operator", "stops the daemon");
    ++world_.weather.counts.clean_stops;
    process->stop();
  }
}

void Disturbances::set_the_clock() {
  constexpr Duration year{365LL * 24 * 3'600'000};
  const Duration far = draw_.skewed(Duration{1'000}, year);
  const Duration error = draw_.chance(0.3) ? Duration{0} : draw_.chance(0.5) ? far : -far;
  world_.timeline.clock_error = error;
  world_.trace.line("operator", "sets the clock, now wrong by " + std::to_string(error.count()) + " ms");
  if (Process* const process = world_.process()) {
    process->follow_clock_error();
  }
}

}  // namespace hubsync::sim
