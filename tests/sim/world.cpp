#include "tests/sim/world.hpp"

#include <algorithm>

namespace hubsync::sim {
namespace {

constexpr Instant first_moment = instant_from_ms(1'790'000'000'000);

/// Changes of files within which a start may end: recovery of the log, migrations, the first facts.
constexpr std::size_t changes_in_a_start = 8;

}  // namespace

World::World(const Setup& drawn, bool print)
    : setup(drawn),
      timeline(setup.seed, first_moment),
      trace(timeline, print),
      ledger(setup.rules),
      crm(setup),
      weather(setup),
      witness(setup, timeline, crm, ledger, verdict),
      draw_(setup.seed, 7),
      disk_(setup.seed, setup.troubles.power_cut > 0),
      internet_(setup, timeline, trace, crm, weather, witness, [this] {
        if (process_) {
          process_->die();
        }
      }) {
  disk_.put(database_path, empty_database());
}

void World::run_until(Instant end) {
  while (verdict.held() && turn(end)) {
  }
}

/// The next thing that happens by `end`; false when nothing does.
bool World::turn(Instant end) {
  if (process_) {
    process_->settle();
    check_process();
  }
  if (process_ && process_->step_until(std::min(end, timeline.next()))) {
    timeline.advance_to(process_->now());
    check_process();
    return true;
  }
  const Instant next = timeline.next();
  if (process_) {
    process_->idle_until(std::min(next, end));
  }
  if (next > end) {
    timeline.advance_to(end);
    return false;
  }
  timeline.step();
  check_process();
  return true;
}

void World::check_process() {
  if (!process_) {
    return;
  }
  if (process_->dead()) {
    bury();
  } else if (!process_->failure().empty()) {
    verdict.breach("the engine works until it is stopped", process_->failure());
  } else if (process_->stopped()) {
    commits_ += process_->commits();
    process_.reset();
    trace.line("daemon", "stopped");
    come_back(Duration{3'000});
  }
}

void World::bury() {
  const bool power_cut = weather.takes_the_power();
  ++(power_cut ? weather.counts.power_cuts : weather.counts.kills);
  commits_ += process_->commits();
  process_.reset();
  witness.daemon_died();
  if (power_cut) {
    disk_.reboot_after_power_cut();
  } else {
    disk_.reboot_after_kill();
  }
  trace.line("daemon", power_cut ? "died in a power cut" : "was killed");
  come_back(draw_.skewed(Duration{50}, Duration{60'000}));
}

void World::come_back(Duration after) {
  timeline.after(after, [this] { start(); });
}

void World::start() {
  if (weather.kills_at_commit()) {
    disk_.stop_after(1 + draw_.below(changes_in_a_start));
  }
  try {
    process_ = std::make_unique<Process>(
        Process::Surroundings{
            .setup = setup,
            .timeline = timeline,
            .trace = trace,
            .disk = disk_,
            .internet = internet_,
            .weather = weather,
            .kill =
                [this] {
                  if (process_) {
                    process_->die();
                  }
                }
        },
        ++lives_
    );
    trace.line("daemon", "started, life " + std::to_string(lives_));
    witness.starting_over(process_->repository().tables());
    check_database();
    check_cursors();
  } catch (const std::exception& error) {
    process_.reset();
    if (!disk_.stopped()) {
      verdict.breach("I31 crash atomicity", std::string{"the daemon cannot start again: "} + error.what());
      return;
    }
    trace.line("daemon", "died while it started");
    ++weather.counts.kills;
    disk_.reboot_after_kill();
    come_back(draw_.skewed(Duration{50}, Duration{60'000}));
  }
}

void World::check_database() {
  store::Db& db = process_->repository().db();
  store::Query check{db, "PRAGMA quick_check"};
  if (!check.next() || check.text(0) != "ok") {
    verdict.breach("I31 crash atomicity", "after a restart the database is damaged: " + check.text(0));
  }
  store::Query keys{db, "PRAGMA foreign_key_check"};
  if (keys.next()) {
    verdict.breach(
        "I31 crash atomicity", "after a restart a foreign key of " + keys.text(0) + " leads nowhere"
    );
  }
}

/// Whatever the index showed before the poll's cursor is here (I33).
void World::check_cursors() {
  store::SqliteRepository& repository = process_->repository();
  for (const TypeRules& rules : setup.rules.types) {
    const auto text = repository.cursor("poll:" + rules.name);
    const auto cursor = text ? parse_instant(*text) : std::nullopt;
    auto& portal = crm.portal();
    const auto type = *portal.schema.find_type(rules.name);
    for (const auto& [id, record] : portal.store(type).live()) {
      // Restoring a record does not move its modified time: the next full run finds it. HubSpot tells the
      // time to the second.
      const bool covered = cursor && record.modified + setup.portal.search_lag + Duration{1'000} < *cursor &&
                           !ledger.was_revived(rules.name, id);
      if (covered && !repository.tables().records.resolve(rules.name, HubspotId{id})) {
        verdict.breach(
            "I33 cursor",
            "the cursor has passed " + rules.singular + " " + std::to_string(id) + ", which is unknown here"
        );
      }
    }
  }
}

}  // namespace hubsync::sim
