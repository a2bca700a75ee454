#include "common/uuid.hpp"

#include <algorithm>

namespace hubsync {
namespace {

constexpr std::string_view digits = "0123456789abcdef";

}  // namespace

std::string uuid_v7(Instant now, const UuidRandom& random) {
  std::array<std::uint8_t, 16> bytes{};
  const auto ms = static_cast<std::uint64_t>(to_ms(now));
  for (std::size_t i = 0; i < 6; ++i) {
    bytes[i] = static_cast<std::uint8_t>(ms >> (40 - 8 * i));
  }
  std::ranges::copy(random, bytes.begin() + 6);
  bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0F) | 0x70);
  bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3F) | 0x80);

  std::string text;
  text.reserve(36);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) {
      text += '-';
    }
    text += digits[bytes[i] >> 4];
    text += digits[bytes[i] & 0x0F];
  }
  return text;
}

bool is_uuid(std::string_view text) {
  constexpr std::string_view form = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  return std::ranges::equal(text, form, [](char actual, char wanted) {
    return wanted == '-' ? actual == '-' : digits.contains(actual);
  });
}

std::string UuidSequence::next(Instant now, UuidRandom random) {
  constexpr unsigned counter_limit = 1U << 12;
  if (now > last_) {
    last_ = now;
    // Starts in the lower half, so that there is room to count.
    counter_ = (static_cast<unsigned>(random[0]) << 8 | random[1]) % (counter_limit / 2);
  } else if (++counter_ == counter_limit) {
    last_ += Duration{1};
    counter_ = 0;
  }
  random[0] = static_cast<std::uint8_t>(counter_ >> 8);
  random[1] = static_cast<std::uint8_t>(counter_ & 0xFF);
  return uuid_v7(last_, random);
}

}  // namespace hubsync
