// One history: a portal, a disk, the internet, people on both sides, and one life of the daemon after the
// other, all from one seed. Knows what happens next; what is right is the oracles' business. One thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "tests/sim/crm.hpp"
#include "tests/sim/disk.hpp"
#include "tests/sim/internet.hpp"
#include "tests/sim/ledger.hpp"
#include "tests/sim/process.hpp"
#include "tests/sim/setup.hpp"
#include "tests/sim/timeline.hpp"
#include "tests/sim/trace.hpp"
#include "tests/sim/verdict.hpp"
#include "tests/sim/weather.hpp"
#include "tests/sim/witness.hpp"

namespace hubsync::sim {

class World {
 public:
  World(const Setup& setup, bool print);

  const Setup setup;
  Timeline timeline;
  Trace trace;
  Verdict verdict;
  Ledger ledger;
  Crm crm;
  Weather weather;
  Witness witness;

  /// The running daemon; null while it is down.
  [[nodiscard]] const Disk& disk() const { return disk_; }
  [[nodiscard]] Process* process() {
    return process_ != nullptr && !process_->dead() ? process_.get() : nullptr;
  }

  /// Lets everything happen until then; stops early when the verdict is in.
  void run_until(Instant end);
  void run_for(Duration duration) { run_until(timeline.now() + duration); }

  /// Starts the daemon; from then on it comes back by itself whenever it ends.
  void start();

  [[nodiscard]] std::int64_t calls() const { return internet_.calls(); }
  [[nodiscard]] std::int64_t commits() const { return commits_ + (process_ ? process_->commits() : 0); }
  [[nodiscard]] std::uint64_t lives() const { return lives_; }

 private:
  bool turn(Instant end);
  void check_process();
  void bury();
  void come_back(Duration after);
  void check_database();
  void check_cursors();

  Draw draw_;
  Disk disk_;
  Internet internet_;
  std::unique_ptr<Process> process_;
  std::uint64_t lives_ = 0;
  std::int64_t commits_ = 0;
};

}  // namespace hubsync::sim
