#include <fstream>
#include <sstream>
#include <string>

#include <doctest/doctest.h>

#include "tests/sim/history.hpp"

using namespace hubsync::sim;

TEST_CASE("histories of edits on both sides, under faults, kills and power cuts, end well") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const History history = run_history(seed);
    CHECK_MESSAGE(history.held, history.report);
  }
}

TEST_CASE("creates are never doubled, though every third reply is lost and the daemon is killed") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const History history = run_history(seed, {.theme = Theme::creates});
    CHECK_MESSAGE(history.held, history.report);
  }
}

TEST_CASE("the events of one history, in any order, doubled or lost, end in the same state") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const History history = run_events(seed);
    CHECK_MESSAGE(history.held, history.report);
    CHECK_FALSE(history.state.empty());
  }
}

TEST_CASE("histories with more fields that travel one way end well") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const History history = run_history(seed, {.theme = Theme::directions});
    CHECK_MESSAGE(history.held, history.report);
  }
}

TEST_CASE("histories in which keys change places here end well") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const History history = run_history(seed, {.theme = Theme::keys});
    CHECK_MESSAGE(history.held, history.report);
  }
}

TEST_CASE("seeds that failed once hold") {
  std::ifstream corpus{HUBSYNC_SOURCE_DIR "/tests/sim/corpus/seeds.txt"};
  int replayed = 0;
  for (std::string line; std::getline(corpus, line);) {
    if (std::uint64_t seed = 0; std::istringstream{line} >> seed) {
      ++replayed;
      const History history = run_history(seed);
      CHECK_MESSAGE(history.held, history.report);
    }
  }
  CHECK(replayed >= 8);
}

TEST_CASE("a seed tells the same history every time") {
  for (const std::uint64_t seed : {3U, 4U}) {
    CHECK(run_history(seed).hash == run_history(seed).hash);
  }
}
