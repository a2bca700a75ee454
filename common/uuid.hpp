// UUID version 7 (RFC 9562): identifiers that sort by the time they were made. Pure; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/time.hpp"

namespace hubsync {

/// The random part of a UUIDv7; six of its bits make room for version and variant.
using UuidRandom = std::array<std::uint8_t, 10>;

/// "019…-….-7…-….": lower case, with hyphens.
[[nodiscard]] std::string uuid_v7(Instant now, const UuidRandom& random);

/// Has the form that uuid_v7() gives, of whatever version.
[[nodiscard]] bool is_uuid(std::string_view text);

/// Makes UUIDv7s that ascend strictly, also within one millisecond and when the clock steps back.
class UuidSequence {
 public:
  [[nodiscard]] std::string next(Instant now, UuidRandom random);

 private:
  Instant last_{};
  unsigned counter_ = 0;  ///< The 12 bits after the time.
};

}  // namespace hubsync
