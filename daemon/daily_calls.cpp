#include "daemon/daily_calls.hpp"

#include <array>
#include <charconv>
#include <string_view>

#include "daemon/ports/store_error.hpp"

namespace hubsync {
namespace {

const std::string calls_of_day = "calls_of_day";

std::string to_text(const DailyCalls& calls) {
  return std::to_string(calls.count.day) + " " + std::to_string(calls.count.used) + " " +
         std::to_string(calls.utc_offset.count());
}

std::optional<DailyCalls> from_text(std::string_view text) {
  std::array<std::int64_t, 3> numbers{};
  for (std::int64_t& number : numbers) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{}) {
      return std::nullopt;
    }
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (text.starts_with(' ')) {
      text.remove_prefix(1);
    }
  }
  return DailyCalls{.count = {.day = numbers[0], .used = numbers[1]}, .utc_offset = Duration{numbers[2]}};
}

Task<bool> store_calls(Store& store, DailyCalls calls) {
  try {
    co_await store.run([text = to_text(calls)](Repository& repository) {
      repository.set_fact(calls_of_day, text);
    });
  } catch (const StoreUnavailable&) {
    co_return false;
  }
  co_return true;
}

}  // namespace

std::optional<DailyCalls> stored_calls(Repository& repository) {
  return from_text(repository.fact(calls_of_day).value_or(""));
}

void keep_daily_calls(Throttle& throttle, Store& store) {
  throttle.reserve_with([&throttle, &store](DailyBudget::State count) {
    return store_calls(store, {.count = count, .utc_offset = throttle.utc_offset()});
  });
}

Task<void> store_daily_calls(const Throttle& throttle, Store& store) {
  co_await store_calls(store, {.count = throttle.daily(), .utc_offset = throttle.utc_offset()});
}

}  // namespace hubsync
