// What happened in a history, one line an event: hashed, so that two runs of one seed can be compared, and
// kept for the end, so that a failure can be read. One thread.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "tests/sim/timeline.hpp"

namespace hubsync::sim {

class Trace {
 public:
  /// `print`: every line goes to standard output at once.
  Trace(const Timeline& timeline, bool print) : timeline_(timeline), print_(print) {}

  void line(std::string_view who, std::string_view what);
  /// Enters the hash only.
  void note(std::string_view bytes);

  [[nodiscard]] std::uint64_t hash() const { return hash_; }
  /// The last lines, oldest first.
  [[nodiscard]] std::string tail() const;

 private:
  const Timeline& timeline_;
  bool print_;
  std::uint64_t hash_ = 0xcbf29ce484222325U;
  std::deque<std::string> tail_;
};

}  // namespace hubsync::sim
