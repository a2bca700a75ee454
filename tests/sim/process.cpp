#include "tests/sim/process.hpp"

#include <cstring>

#include "daemon/hubspot/paths.hpp"
#include "daemon/store/migrate.hpp"

namespace hubsync::sim {
namespace {

/// As in main.cpp: calls of the last process may still count in HubSpot's windows.
const std::string calls_fact = "calls_may_count";

store::RandomBytes random_bytes(Random& random) {
  return [&random] {
    UuidRandom bytes{};
    const std::uint64_t first = random.bits();
    const std::uint64_t second = random.bits();
    std::memcpy(bytes.data(), &first, sizeof first);
    std::memcpy(bytes.data() + sizeof first, &second, bytes.size() - sizeof first);
    return bytes;
  };
}

Throttle::Options throttle_options(const Setup& setup) {
  return {.burst = {.capacity = setup.rate_limit}, .daily = 250'000};
}

Engine::Options engine_options(const Setup& setup) {
  return {
      .rules = setup.rules,
      .retry = {},
      .poll_interval = setup.poll_interval,
      .full_interval = setup.full_interval
  };
}

}  // namespace

const std::string& empty_database() {
  static const std::string bytes = [] {
    Disk disk{0, false};
    {
      store::Db db{database_path, disk.vfs_name()};
      store::migrate(db);
    }
    return disk.get(database_path);
  }();
  return bytes;
}

Process::Process(Surroundings world, std::uint64_t life)
    : world_(std::move(world)),
      clock_(loop_, world_.setup.seed * 1'000 + life, world_.timeline.now() + world_.timeline.clock_error),
      born_(world_.timeline.now()),
      born_steady_(clock_.steady()),
      random_((world_.setup.seed << 20U) + life),
      events_(world_.trace),
      db_(database_path, world_.disk.vfs_name()),
      repository_(db_, world_.setup.rules, random_bytes(random_)),
      store_(repository_, clock_, loop_.get_executor(), world_.disk, world_.weather, world_.kill),
      wire_(world_.internet, repository_.tables(), world_.setup.rules),
      throttle_(wire_, clock_, throttle_options(world_.setup)),
      hub_(throttle_, *find_api_version(world_.setup.api_version)),
      engine_(
          {hub_, store_, clock_, random_, events_},
          engine_options(world_.setup),
          {.calls = [this] { return throttle_.snapshot().calls; },
           .hubspot_time = [this] { return throttle_.hubspot_time(); }}
      ) {
  store::migrate(db_);
  hold_calls_of_the_process_before();
  clock_.start(live());
}

void Process::hold_calls_of_the_process_before() {
  const bool calls_may_count = repository_.fact(calls_fact).value_or("no") != "no";
  repository_.set_fact(calls_fact, "yes");
  if (calls_may_count) {
    throttle_.hold_after_restart();
  }
}

Task<void> Process::live() {
  try {
    co_await engine_.run();
    const Throttle::Snapshot calls = throttle_.snapshot();
    if (calls.available == calls.capacity && calls.search_available == 5) {
      co_await store_.run([](Repository& repository) { repository.set_fact(calls_fact, "no"); });
    }
    stopped_ = true;
  } catch (const std::exception& error) {
    failure_ = error.what();
  }
}

void Process::die() {
  dead_ = true;
  store_.cut();
  wire_.cut();
  world_.disk.stop_after(0);
}

}  // namespace hubsync::sim
