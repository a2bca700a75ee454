#include "cli/output/when.hpp"

#include <algorithm>
#include <string_view>

namespace hubsync::cli {
namespace {

constexpr std::int64_t second = 1'000;
constexpr std::int64_t minute = 60 * second;
constexpr std::int64_t hour = 60 * minute;
constexpr std::int64_t day = 24 * hour;

std::string in_one_unit(std::int64_t ms) {
  if (ms < minute) {
    return std::to_string(ms / second) + "s";
  }
  if (ms < hour) {
    return std::to_string(ms / minute) + "m";
  }
  if (ms < day) {
    return std::to_string(ms / hour) + "h";
  }
  return std::to_string(ms / day) + "d";
}

std::string two_digits(std::int64_t number) {
  return (number < 10 ? "0" : "") + std::to_string(number);
}

}  // namespace

std::string ago(std::optional<Instant> instant, Instant now) {
  if (!instant) {
    return "never";
  }
  const std::int64_t ms = (now - *instant).count();
  if (ms > -second && ms < second) {
    return "just now";
  }
  if (ms < 0) {
    return "in " + in_one_unit(-ms);
  }
  if (ms < 30 * day) {
    return in_one_unit(ms) + " ago";
  }
  return format_instant(*instant).substr(0, 10);
}

std::string short_age(Instant instant, Instant now) {
  return in_one_unit(std::max<std::int64_t>(0, (now - instant).count()));
}

std::string short_duration(Duration duration) {
  const std::int64_t ms = duration.count();
  if (ms < 10 * second) {
    return std::to_string(ms / second) + "." + std::to_string(ms % second / 100) + "s";
  }
  if (ms < minute) {
    return std::to_string(ms / second) + "s";
  }
  if (ms < hour) {
    return std::to_string(ms / minute) + "m " + two_digits(ms % minute / second) + "s";
  }
  if (ms < day) {
    return std::to_string(ms / hour) + "h " + two_digits(ms % hour / minute) + "m";
  }
  return std::to_string(ms / day) + "d " + std::to_string(ms % day / hour) + "h";
}

}  // namespace hubsync::cli
