#include "tests/sim/history.hpp"

#include <fstream>
#include <utility>

#include "tests/sim/disturbances.hpp"
#include "tests/sim/oracles.hpp"
#include "tests/sim/users.hpp"
#include "tests/sim/webhooks.hpp"
#include "tests/sim/world.hpp"

namespace hubsync::sim {
namespace {

constexpr Duration minute{60'000};

/// For retries, the longest Retry-After and the breaker.
constexpr Duration time_to_calm_down = 20 * minute;
constexpr Duration time_to_settle = 48 * 60 * minute;
constexpr std::int64_t most_calls_to_settle = 5'000;
constexpr Duration time_of_silence = 60 * minute;

void agitate(World& world, Users& users, Disturbances& disturbances, Webhooks& webhooks) {
  Draw pauses{world.setup.seed, 9};
  users.enter_first_records();
  world.start();
  for (int i = 0; i < world.setup.actions && world.verdict.held(); ++i) {
    world.run_for(pauses.skewed(Duration{1}, world.setup.pause));
    disturbances.strike();
    users.act();
    webhooks.collect();
  }
}

void heal(World& world) {
  world.weather.calm_down();
  world.crm.portal().tokens[world.crm.token()].revoked = false;
  world.trace.line("world", "is quiet from now on");
  world.run_for(time_to_calm_down);
}

std::string rest_of_work(Process& process) {
  std::string text;
  for (const Error& problem : process.engine().problems()) {
    text += "; problem: " + problem.message;
  }
  for (const DueItem& item : process.repository().list_due(1, 20).items) {
    text += "; due: " + item.type + " " + item.record.text + " " + std::string{to_string(item.state)} + " " +
            item.error;
  }
  for (const Run& run : process.repository().unfinished_runs()) {
    text += "; run " + run.id + " goes on";
  }
  return text.empty() ? "; nothing is left to do" : text;
}

/// Nothing to do: only what is parked or waits for something parked may remain.
bool is_synced(Process& process, Instant since) {
  if (process.engine().state() != Engine::State::idle) {
    return false;
  }
  store::Db& db = process.repository().db();
  store::Query due{db, "SELECT count(*) FROM due WHERE state = 'ready'"};
  store::Query full{
      db,
      "SELECT count(*) FROM runs WHERE kind = 'full' AND state IN ('succeeded', 'partial') AND started_at >= "
      "?",
      since
  };
  store::Query running{db, "SELECT count(*) FROM runs WHERE state = 'running'"};
  return due.next() && full.next() && running.next() && due.integer(0) == 0 && full.integer(0) > 0 &&
         running.integer(0) == 0;
}

void settle(World& world, Users& users) {
  const Instant begin = world.timeline.now();
  Instant since = begin + world.timeline.clock_error;
  bool looked_again = false;
  const std::int64_t calls = world.calls();
  users.retry_everything();
  users.trigger_full_run();
  while (world.verdict.held()) {
    world.run_for(minute);
    Process* const process = world.process();
    if (process != nullptr && is_synced(*process, since)) {
      if (std::exchange(looked_again, true)) {
        break;
      }
      // Archiving a company changes its contacts' links, which only the next full run can see.
      since = world.timeline.now() + world.timeline.clock_error;
      users.trigger_full_run();
      continue;
    }
    if (world.calls() - calls > most_calls_to_settle) {
      world.verdict.breach("no storm", "thousands of calls, and still not synced");
    }
    const Duration waited = world.timeline.now() - begin;
    if (waited > time_to_settle) {
      world.verdict.breach(
          "I1 convergence",
          "not synced after 48 hours without faults" +
              (process != nullptr ? rest_of_work(*process) : std::string{"; the daemon is down"})
      );
    } else if (waited % (60 * minute) < minute) {
      users.trigger_full_run();
    }
  }
  world.run_for(world.setup.poll_interval + 5 * minute);
}

std::int64_t effects(World& world) {
  const auto& counters = world.crm.portal().counters;
  return counters.mutations + counters.noop_writes + counters.creates;
}

/// What changes here when anything happens to a record, a conflict or a value (I16).
std::string footprint(World& world) {
  if (world.process() == nullptr) {
    return {};
  }
  store::Query query{
      world.process()->repository().db(),
      "SELECT (SELECT count(*) FROM audit), (SELECT count(*) FROM conflicts), (SELECT sum(version) FROM "
      "records)"
  };
  query.next();
  return query.text(0) + " audit rows, " + query.text(1) + " conflicts, " + query.text(2) + " versions";
}

void stay_silent(World& world) {
  const std::int64_t before = effects(world);
  const std::string here = footprint(world);
  world.run_for(time_of_silence);
  if (const std::string now = footprint(world); world.verdict.held() && !here.empty() && now != here) {
    world.verdict.breach("I16 echo", "an hour in which nobody did anything turned " + here + " into " + now);
  }
  if (const std::int64_t more = effects(world) - before; more > 0) {
    world.verdict.breach(
        "I2 quiescence", std::to_string(more) + " changes in HubSpot in an hour without any cause"
    );
  }
}

void live_through(World& world) {
  Users users{world};
  Disturbances disturbances{world};
  Webhooks webhooks{world};
  agitate(world, users, disturbances, webhooks);
  heal(world);
  settle(world, users);
  stay_silent(world);
  if (world.verdict.held() && world.process() != nullptr) {
    Oracles{world}.check();
    webhooks.check();
  }
}

std::string report_of(const World& world) {
  return "seed " + std::to_string(world.setup.seed) + ": " + world.verdict.oracle() + "\n  " +
         world.verdict.what() + "\n  setup: " + world.setup.describe() + "\n  the last events:\n" +
         world.trace.tail();
}

/// What is here at the end, told in HubSpot's ids.
std::string state_of(World& world) {
  store::Tables& tables = world.process()->repository().tables();
  std::string state;
  for (const TypeRules& rules : world.setup.rules.types) {
    for (const std::int64_t id : world.crm.live(rules)) {
      const auto record = tables.records.find_linked(rules.name, HubspotId{id});
      state += rules.name + " " + std::to_string(id) + ":";
      for (const auto& [field, value] : record ? record->local : Fields{}) {
        const FieldRule* const rule = rules.find(field);
        const bool link = rule != nullptr && rule->kind == ValueKind::reference;
        const auto target = link ? tables.records.link_of({value}) : std::nullopt;
        state += " " + field + "=" + (target ? to_string(*target) : value);
      }
      state += "\n";
    }
  }
  return state;
}

void keep_database(World& world, const char* file) {
  if (Process* const process = world.process()) {
    store::Query{process->repository().db(), "PRAGMA wal_checkpoint(TRUNCATE)"}.next();
  }
  const std::string bytes = world.disk().get(database_path);
  std::ofstream{file, std::ios::binary}.write(bytes.data(), std::ssize(bytes));
}

}  // namespace

History run_history(std::uint64_t seed, const Telling& telling) {
  World world{Setup::of(seed, telling.theme, telling.variant), telling.print};
  const Instant begin = world.timeline.now();
  try {
    live_through(world);
  } catch (const std::exception& error) {
    world.verdict.breach("nothing throws", error.what());
  }
  if (*telling.keep != 0) {
    keep_database(world, telling.keep);
  }
  History history{
      .held = world.verdict.held(),
      .oracle = world.verdict.oracle(),
      .hash = world.trace.hash(),
      .calls = world.calls(),
      .commits = world.commits(),
      .writes = std::ssize(world.ledger.writes()),
      .overtaken = std::ssize(world.witness.overtaken()),
      .lasted = world.timeline.now() - begin,
      .trouble = world.weather.counts
  };
  if (!history.held) {
    history.report = report_of(world);
  } else if (Process* const process = world.process()) {
    auto& conflicts = process->repository().tables().conflicts;
    history.conflicts = conflicts.count(true) + conflicts.count(false);
    history.state = state_of(world);
  }
  return history;
}

History run_events(std::uint64_t seed) {
  constexpr std::uint64_t variants = 4;
  History history = run_history(seed, {.theme = Theme::events});
  for (std::uint64_t variant = 1; variant < variants && history.held; ++variant) {
    const History other = run_history(seed, {.theme = Theme::events, .variant = variant});
    if (!other.held) {
      return other;
    }
    if (other.state != history.state) {
      history.held = false;
      history.oracle = "I17 any order of events ends alike";
      history.report = "seed " + std::to_string(seed) + ": " + history.oracle + "\n  variant " +
                       std::to_string(variant) + " ends with\n" + other.state + "  and not with\n" +
                       history.state;
    }
  }
  return history;
}

}  // namespace hubsync::sim
