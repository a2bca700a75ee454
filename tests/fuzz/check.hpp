// What the fuzz targets have in common: the entry that libFuzzer, or replay.cpp, calls with one input. A
// target aborts when its parser does what it must never do; that it did not crash is only half of what is
// asked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "common/assert.hpp"

/// One input; 0 always.
// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace hubsync::fuzz {

/// The bytes as text.
[[nodiscard]] inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  // libFuzzer may pass a null pointer with size 0.
  return size == 0 ? std::string_view{} : std::string_view{reinterpret_cast<const char*>(data), size};
}

/// Whether `part` lies within `whole`, or is empty.
[[nodiscard]] inline bool is_within(std::string_view part, std::string_view whole) {
  return part.empty() ||
         (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

}  // namespace hubsync::fuzz
