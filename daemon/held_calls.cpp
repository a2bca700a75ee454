#include "daemon/held_calls.hpp"

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "daemon/ports/store_error.hpp"

namespace hubsync {
namespace {

const std::string calls_fact = "calls_may_count";

/// The monotonic clock begins anew with the machine, which only the other clock tells. They may differ by
/// what a correction of the other one makes of a restart.
constexpr Duration agreement{1'000};

void append(std::string& text, std::int64_t number) {
  text += ' ' + std::to_string(number);
}

void append(std::string& text, const TokenBucket::Holds& holds) {
  const bool blocked = holds.blocked_until != SteadyInstant::min();
  append(text, blocked ? holds.blocked_until.time_since_epoch().count() : 0);
  append(text, static_cast<std::int64_t>(holds.releases.size()));
  for (const SteadyInstant release : holds.releases) {
    append(text, release.time_since_epoch().count());
  }
}

/// Reads numbers one after the other; after the first that is none, all are none.
class Numbers {
 public:
  explicit Numbers(std::string_view text) : rest_(text) {}

  std::optional<std::int64_t> next() {
    while (rest_.starts_with(' ')) {
      rest_.remove_prefix(1);
    }
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), number);
    if (error != std::errc{}) {
      rest_ = {};
      return std::nullopt;
    }
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return number;
  }

  std::optional<TokenBucket::Holds> holds() {
    const auto blocked = next();
    const auto count = next();
    if (!blocked || !count) {
      return std::nullopt;
    }
    TokenBucket::Holds holds;
    if (*blocked != 0) {
      holds.blocked_until = SteadyInstant{Duration{*blocked}};
    }
    for (std::int64_t i = 0; i < *count; ++i) {
      const auto release = next();
      if (!release) {
        return std::nullopt;
      }
      holds.releases.emplace_back(Duration{*release});
    }
    return holds;
  }

 private:
  std::string_view rest_;
};

bool is_silent(const Throttle::Holds& holds) {
  return holds.burst == TokenBucket::Holds{} && holds.search == TokenBucket::Holds{};
}

/// Nothing unless it was stored since the machine started.
std::optional<Throttle::Holds> from_text(std::string_view text, const Clock& clock) {
  Numbers numbers{text};
  const auto wall = numbers.next();
  const auto steady = numbers.next();
  if (!wall || !steady) {
    return std::nullopt;
  }
  const Duration by_wall = clock.now().time_since_epoch() - Duration{*wall};
  const Duration by_steady = clock.steady().time_since_epoch() - Duration{*steady};
  if (by_steady < Duration{0} || std::chrono::abs(by_wall - by_steady) > agreement) {
    return std::nullopt;
  }
  auto burst = numbers.holds();
  auto search = numbers.holds();
  if (!burst || !search) {
    return std::nullopt;
  }
  return Throttle::Holds{.burst = std::move(*burst), .search = std::move(*search)};
}

}  // namespace

StoredHolds take_stored_holds(Repository& repository) {
  StoredHolds stored{.text = repository.fact(calls_fact).value_or("no")};
  repository.set_fact(calls_fact, "yes");
  return stored;
}

void restore_holds(const StoredHolds& stored, Throttle& throttle, const Clock& clock) {
  if (stored.text == "no") {
    return;
  }
  const auto holds = from_text(stored.text, clock);
  if (!holds || !throttle.restore_holds(*holds)) {
    throttle.hold_after_restart();
  }
}

Task<void> store_holds(const Throttle& throttle, const Clock& clock, Store& store) {
  const auto holds = throttle.holds();
  if (!holds) {
    co_return;
  }
  std::string text = "no";
  if (!is_silent(*holds)) {
    text = std::to_string(clock.now().time_since_epoch().count());
    append(text, clock.steady().time_since_epoch().count());
    append(text, holds->burst);
    append(text, holds->search);
  }
  try {
    co_await store.run([text](Repository& repository) { repository.set_fact(calls_fact, text); });
  } catch (const StoreUnavailable&) {
  }
}

}  // namespace hubsync
