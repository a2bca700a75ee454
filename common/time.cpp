#include "common/time.hpp"

#include <array>
#include <charconv>
#include <cstdio>
#include <limits>

namespace hubsync {
namespace {

struct Unit {
  std::string_view suffix;
  std::int64_t ms;
};

// Longest first, so that format_duration picks the shortest text.
constexpr std::array<Unit, 5> units{{{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};

/// A cursor over the text that takes fixed-width numbers; every failure is sticky.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  int number(std::size_t digits) {
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      if (rest_.empty() || rest_.front() < '0' || rest_.front() > '9') {
        ok_ = false;
        return 0;
      }
      value = value * 10 + (rest_.front() - '0');
      rest_.remove_prefix(1);
    }
    return value;
  }

  bool skip(char expected) {
    if (rest_.empty() || rest_.front() != expected) {
      return false;
    }
    rest_.remove_prefix(1);
    return true;
  }

  void require(char expected) { ok_ = skip(expected) && ok_; }
  [[nodiscard]] char peek() const { return rest_.empty() ? '\0' : rest_.front(); }
  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool at_end() const { return rest_.empty(); }
  void fail() { ok_ = false; }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

/// ".456789" → 456 ms; nothing there → 0.
int read_fraction(Reader& in) {
  if (!in.skip('.')) {
    return 0;
  }
  int ms = 0;
  int digits = 0;
  while (in.peek() >= '0' && in.peek() <= '9') {
    const int digit = in.number(1);
    ms = digits < 3 ? ms * 10 + digit : ms;
    ++digits;
  }
  if (digits == 0 || digits > 9) {
    in.fail();
  }
  for (int i = digits; i < 3; ++i) {
    ms *= 10;
  }
  return ms;
}

std::chrono::minutes read_offset(Reader& in) {
  if (in.skip('Z') || in.skip('z')) {
    return {};
  }
  const bool west = in.peek() == '-';
  if (!in.skip('+') && !in.skip('-')) {
    in.fail();
    return {};
  }
  const int hours = in.number(2);
  in.require(':');
  const int minutes = in.number(2);
  if (hours > 23 || minutes > 59) {
    in.fail();
  }
  const std::chrono::minutes offset{hours * 60 + minutes};
  return west ? -offset : offset;
}

constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
constexpr std::string_view weekdays = "SunMonTueWedThuFriSat";

std::optional<std::int64_t> parse_integer(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return value;
}

}  // namespace

std::string format_instant(Instant instant) {
  const auto day = std::chrono::floor<std::chrono::days>(instant);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss time{instant - day};
  std::array<char, 64> text{};
  std::snprintf(
      text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), static_cast<int>(time.hours().count()),
      static_cast<int>(time.minutes().count()), static_cast<int>(time.seconds().count()),
      static_cast<int>(time.subseconds().count())
  );
  return text.data();
}

std::optional<Instant> parse_instant(std::string_view text) {
  if (text.size() > 10 && text.find('-') == std::string_view::npos) {
    const auto ms = parse_integer(text);
    return ms ? std::optional{instant_from_ms(*ms)} : std::nullopt;
  }
  Reader in{text};
  const int year = in.number(4);
  in.require('-');
  const int month = in.number(2);
  in.require('-');
  const int day = in.number(2);
  const std::chrono::year_month_day date{
      std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
      std::chrono::day{static_cast<unsigned>(day)}
  };
  if (!in.ok() || !date.ok()) {
    return std::nullopt;
  }
  Instant result{std::chrono::sys_days{date}};
  if (in.at_end()) {
    return result;
  }
  if (!in.skip('T') && !in.skip('t') && !in.skip(' ')) {
    return std::nullopt;
  }
  const int hour = in.number(2);
  in.require(':');
  const int minute = in.number(2);
  in.require(':');
  const int second = in.number(2);
  const int ms = read_fraction(in);
  const std::chrono::minutes offset = read_offset(in);
  // A leap second (60) is read as the second after it.
  if (!in.ok() || !in.at_end() || hour > 23 || minute > 59 || second > 60) {
    return std::nullopt;
  }
  return result + std::chrono::hours{hour} + std::chrono::minutes{minute} + std::chrono::seconds{second} +
         Duration{ms} - offset;
}

std::string format_http_date(Instant instant) {
  const auto day = std::chrono::floor<std::chrono::days>(instant);
  const std::string iso = format_instant(instant);
  const std::size_t weekday = std::chrono::weekday{day}.c_encoding();
  const std::size_t month = static_cast<unsigned>(std::chrono::year_month_day{day}.month()) - 1;
  return std::string{weekdays.substr(weekday * 3, 3)} + ", " + iso.substr(8, 2) + " " +
         std::string{months.substr(month * 3, 3)} + " " + iso.substr(0, 4) + " " + iso.substr(11, 8) + " GMT";
}

std::optional<Instant> parse_http_date(std::string_view text) {
  if (text.size() != 29 || text.substr(3, 2) != ", " || text[7] != ' ' || text[11] != ' ' || text[16] != ' ' ||
      text.substr(25) != " GMT") {
    return std::nullopt;
  }
  const std::size_t weekday = weekdays.find(text.substr(0, 3));
  const std::size_t month = months.find(text.substr(8, 3));
  if (weekday == std::string_view::npos || weekday % 3 != 0 || month == std::string_view::npos || month % 3 != 0) {
    return std::nullopt;
  }
  const std::string iso = std::string{text.substr(12, 4)} + "-" + (month < 27 ? "0" : "") +
                          std::to_string(month / 3 + 1) + "-" + std::string{text.substr(5, 2)} + "T" +
                          std::string{text.substr(17, 8)} + "Z";
  return parse_instant(iso);
}

std::optional<Duration> parse_duration(std::string_view text) {
  if (text == "0") {
    return Duration{0};
  }
  const std::size_t digits = text.find_first_not_of("0123456789");
  if (digits == 0 || digits == std::string_view::npos) {
    return std::nullopt;
  }
  const auto count = parse_integer(text.substr(0, digits));
  for (const Unit& unit : units) {
    if (unit.suffix == text.substr(digits) && count && *count <= std::numeric_limits<std::int64_t>::max() / unit.ms) {
      return Duration{*count * unit.ms};
    }
  }
  return std::nullopt;
}

std::string format_duration(Duration duration) {
  if (duration.count() == 0) {
    return "0";
  }
  for (const Unit& unit : units) {
    if (duration.count() % unit.ms == 0) {
      return std::to_string(duration.count() / unit.ms).append(unit.suffix);
    }
  }
  return {};
}

}  // namespace hubsync
