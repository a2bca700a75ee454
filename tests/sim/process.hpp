// One life of the daemon: the real engine, client, throttle and SQLite store, put together as main.cpp does,
// on a clock, a disk and an internet that are not real. It can be killed between any two steps. One thread.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include <boost/asio/io_context.hpp>

#include "daemon/engine/engine.hpp"
#include "daemon/engine/throttle.hpp"
#include "daemon/hubspot/client.hpp"
#include "daemon/store/repository.hpp"
#include "tests/sim/disk.hpp"
#include "tests/sim/internet.hpp"
#include "tests/sim/sim_store.hpp"
#include "tests/support/virtual_clock.hpp"

namespace hubsync::sim {

/// Where the daemon keeps its database.
inline constexpr const char* database_path = "/hubsync.db";

/// The bytes of a database that has just been made, so that not every history makes the schema again.
[[nodiscard]] const std::string& empty_database();

class Process {
 public:
  struct Surroundings {
    const Setup& setup;
    Timeline& timeline;
    Trace& trace;
    Disk& disk;
    Internet& internet;
    Weather& weather;
    std::function<void()> kill;
  };

  /// Starts; throws what the store throws. `life` tells this process from the ones before.
  Process(Surroundings world, std::uint64_t life);
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  /// From now on nothing it does has any effect; to be destroyed outside its own loop.
  void die();
  [[nodiscard]] bool dead() const { return dead_; }
  /// The engine has returned after stop().
  [[nodiscard]] bool stopped() const { return stopped_; }
  /// Why the engine ended without being asked to; empty when it did not.
  [[nodiscard]] const std::string& failure() const { return failure_; }

  /// Lets its coroutines do what they can do now.
  void settle() { clock_.settle(); }
  /// Its next timer, if that is due by `end`.
  bool step_until(Instant end) { return clock_.step_until(steady_at(end)); }
  void idle_until(Instant when) { clock_.run_until(steady_at(when)); }
  /// The time in the world.
  [[nodiscard]] Instant now() const { return born_ + (clock_.steady() - born_steady_); }
  /// The time by the clock of its machine.
  [[nodiscard]] Instant wall() const { return clock_.now(); }
  /// Somebody has set that clock.
  void follow_clock_error() { clock_.set_wall(now() + world_.timeline.clock_error); }

  /// A request of a user, beside the engine's own work.
  void start(Task<void> task) { clock_.start(std::move(task)); }
  void stop() { engine_.stop(); }

  [[nodiscard]] Engine& engine() { return engine_; }
  [[nodiscard]] Store& store() { return store_; }
  [[nodiscard]] store::SqliteRepository& repository() { return repository_; }
  [[nodiscard]] std::int64_t commits() const { return store_.commits(); }

 private:
  /// What the engine reports, as lines of the trace.
  class TracedEvents final : public Events {
   public:
    explicit TracedEvents(Trace& trace) : trace_(trace) {}
    void emit(Event event) override { trace_.line("engine", event.kind + ": " + event.text); }

   private:
    Trace& trace_;
  };

  [[nodiscard]] SteadyInstant steady_at(Instant when) const { return born_steady_ + (when - born_); }
  Task<void> live();
  void hold_calls_of_the_process_before();

  // In the order of main.cpp: each is destroyed before what it uses.
  Surroundings world_;
  boost::asio::io_context loop_{1};
  VirtualClock clock_;
  Instant born_;
  SteadyInstant born_steady_;
  SeededRandom random_;
  TracedEvents events_;
  store::Db db_;
  store::SqliteRepository repository_;
  SimStore store_;
  Wire wire_;
  Throttle throttle_;
  HubspotClient hub_;
  Engine engine_;
  bool dead_ = false;
  bool stopped_ = false;
  std::string failure_;
};

}  // namespace hubsync::sim
