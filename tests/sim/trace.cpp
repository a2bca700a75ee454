#include "tests/sim/trace.hpp"

#include <cstdio>

namespace hubsync::sim {
namespace {

constexpr std::size_t kept_lines = 80;
constexpr std::uint64_t fnv_prime = 0x100000001b3U;

}  // namespace

void Trace::line(std::string_view who, std::string_view what) {
  std::string line = format_instant(timeline_.now()).substr(8);
  line.append("  ").append(who);
  line.append(who.size() < 8 ? 8 - who.size() : 0, ' ').append("  ").append(what);
  note(line);
  if (print_) {
    std::puts(line.c_str());
  }
  tail_.push_back(std::move(line));
  if (tail_.size() > kept_lines) {
    tail_.pop_front();
  }
}

void Trace::note(std::string_view bytes) {
  for (const char c : bytes) {
    hash_ = (hash_ ^ static_cast<unsigned char>(c)) * fnv_prime;
  }
}

std::string Trace::tail() const {
  std::string text;
  for (const std::string& line : tail_) {
    text.append("    ").append(line).append("\n");
  }
  return text;
}

}  // namespace hubsync::sim
