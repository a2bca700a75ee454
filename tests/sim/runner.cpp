#include "tests/sim/runner.hpp"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string>
#include <string_view>

#include "tests/sim/history.hpp"

namespace hubsync::sim {
namespace {

constexpr std::uint64_t workers = 2;

/// One seed in so many runs twice, and both must go the same way.
constexpr std::uint64_t repeated = 50;

/// What a worker tells its parent, in memory that both see; written by one, read when it has ended or roughly
/// before.
struct Progress {
  std::uint64_t done = 0;
  std::uint64_t failed = 0;
  std::uint64_t first_failed = 0;
  std::uint64_t current = 0;
  History sums_of_numbers_only = {};
};

void add(History& sums, const History& history) {
  sums.calls += history.calls;
  sums.commits += history.commits;
  sums.writes += history.writes;
  sums.conflicts += history.conflicts;
  sums.overtaken += history.overtaken;
  sums.lasted += history.lasted;
  for (std::size_t kind = 0; kind < fault_kinds; ++kind) {
    sums.trouble.faults[kind] += history.trouble.faults[kind];
  }
  sums.trouble.kills += history.trouble.kills;
  sums.trouble.power_cuts += history.trouble.power_cuts;
  sums.trouble.clean_stops += history.trouble.clean_stops;
}

History run_checked(const SimulationRequest& request, std::uint64_t seed) {
  const Telling telling{.theme = request.theme};
  History history = request.theme == Theme::events ? run_events(seed) : run_history(seed, telling);
  if (history.held && seed % repeated == 0) {
    if (const History again = run_history(seed, telling); again.hash != history.hash) {
      history.held = false;
      history.oracle = "the same seed, the same history";
      history.report = "seed " + std::to_string(seed) + ": two runs went different ways\n";
    }
  }
  return history;
}

void work(const SimulationRequest& request, std::uint64_t worker, Progress& progress) {
  for (std::uint64_t i = worker; i < request.count; i += workers) {
    const std::uint64_t seed = request.first + i;
    progress.current = seed;
    const History history = run_checked(request, seed);
    add(progress.sums_of_numbers_only, history);
    if (!history.held) {
      std::fwrite(history.report.data(), 1, history.report.size(), stdout);
      std::printf("  replay: ./dev sim --seed %llu\n\n", static_cast<unsigned long long>(seed));
      std::fflush(stdout);
      ++progress.failed;
      progress.first_failed = progress.first_failed == 0 ? seed : progress.first_failed;
    }
    ++progress.done;
    if (progress.failed > 0 && !request.keep_going) {
      return;
    }
  }
}

std::string per_minute(double count, double seconds) {
  char text[40];
  std::snprintf(text, sizeof text, "%.0f", seconds > 0 ? count / seconds * 60 : 0);
  return text;
}

void print_sums(const History& sums, std::uint64_t done, double seconds) {
  std::printf(
      "%llu histories in %.1f s, %s a minute: %.1f virtual days, %lld calls, %lld commits, %lld values "
      "written, "
      "%lld conflicts, %lld writes overtaken\n",
      static_cast<unsigned long long>(done),
      seconds,
      per_minute(static_cast<double>(done), seconds).c_str(),
      static_cast<double>(sums.lasted.count()) / 86'400'000.0,
      static_cast<long long>(sums.calls),
      static_cast<long long>(sums.commits),
      static_cast<long long>(sums.writes),
      static_cast<long long>(sums.conflicts),
      static_cast<long long>(sums.overtaken)
  );
  std::printf(
      "trouble: %lld kills, %lld power cuts, %lld clean stops",
      static_cast<long long>(sums.trouble.kills),
      static_cast<long long>(sums.trouble.power_cuts),
      static_cast<long long>(sums.trouble.clean_stops)
  );
  for (std::size_t kind = 1; kind < fault_kinds; ++kind) {
    const std::string_view name = name_of(static_cast<Fault>(kind));
    std::printf(
        ", %lld %.*s",
        static_cast<long long>(sums.trouble.faults[kind]),
        static_cast<int>(name.size()),
        name.data()
    );
  }
  std::printf("\n");
}

int run_one(const SimulationRequest& request) {
  const std::uint64_t seed = request.first;
  const History history = run_history(seed, {.theme = request.theme, .print = true, .keep = request.keep});
  std::printf("hash %016llx\n", static_cast<unsigned long long>(history.hash));
  if (!history.held) {
    std::printf("%s", history.report.c_str());
    return 1;
  }
  std::printf("seed %llu held\n", static_cast<unsigned long long>(seed));
  return 0;
}

Progress* shared_progress() {
  void* const memory =
      mmap(nullptr, workers * sizeof(Progress), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  return memory == MAP_FAILED ? nullptr : new (memory) Progress[workers];
}

std::uint64_t number(const char* text) {
  return std::strtoull(text, nullptr, 10);
}

}  // namespace

std::optional<SimulationRequest> read_request(int argc, char** argv) {
  SimulationRequest request;
  bool asked = false;
  for (int i = 1; i < argc; ++i) {
    const std::string_view option = argv[i];
    const char* const value = i + 1 < argc ? argv[i + 1] : "";
    if (option == "--seeds") {
      request.count = number(value);
      asked = true;
    } else if (option == "--seed") {
      request.first = number(value);
      request.one = asked = true;
    } else if (option == "--first") {
      request.first = number(value);
    } else if (option == "--keep-going") {
      request.keep_going = true;
    } else if (option == "--about") {
      request.theme = std::string_view{value} == "creates"      ? Theme::creates
                      : std::string_view{value} == "events"     ? Theme::events
                      : std::string_view{value} == "directions" ? Theme::directions
                      : std::string_view{value} == "keys"       ? Theme::keys
                                                                : Theme::everything;
    } else if (option == "--keep") {
      request.keep = value;
    }
  }
  return asked ? std::optional{request} : std::nullopt;
}

int run_simulation(const SimulationRequest& request) {
  if (request.one) {
    return run_one(request);
  }
  Progress* const progress = shared_progress();
  if (progress == nullptr) {
    std::perror("sim");
    return 1;
  }
  const auto begin = std::chrono::steady_clock::now();
  pid_t children[workers] = {};
  for (std::uint64_t worker = 0; worker < workers; ++worker) {
    children[worker] = fork();
    if (children[worker] == 0) {
      work(request, worker, progress[worker]);
      std::_Exit(0);
    }
  }
  bool held = true;
  Progress total;
  for (std::uint64_t worker = 0; worker < workers; ++worker) {
    int status = 0;
    waitpid(children[worker], &status, 0);
    const Progress& done = progress[worker];
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
      held = false;
      const auto seed = static_cast<unsigned long long>(done.current);
      std::printf("the program died in seed %llu\n  replay: ./dev sim --seed %llu\n", seed, seed);
    }
    total.done += done.done;
    total.failed += done.failed;
    const bool earlier =
        done.first_failed != 0 && (total.first_failed == 0 || done.first_failed < total.first_failed);
    total.first_failed = earlier ? done.first_failed : total.first_failed;
    add(total.sums_of_numbers_only, done.sums_of_numbers_only);
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  print_sums(total.sums_of_numbers_only, total.done, took.count());
  if (total.failed > 0) {
    std::printf(
        "%llu failed, the first is seed %llu\n",
        static_cast<unsigned long long>(total.failed),
        static_cast<unsigned long long>(total.first_failed)
    );
  }
  return held && total.failed == 0 ? 0 : 1;
}

}  // namespace hubsync::sim
