// JSON of the views as the store keeps them: flat objects of strings. A direct writer and reader, because a
// full sync spends most of its time here. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/record.hpp"

namespace hubsync::store {

[[nodiscard]] std::string write_fields(const Fields& fields);
/// {"f":"v"} where both forms are equal, else {"f":["local","remote"]}.
[[nodiscard]] std::string write_base(const Base& base);
/// Only what differs from `under`: {"f":"other","g":null}, where null is a field that `under` alone has. The
/// views of a record that is in sync are equal but for fields that one side has as empty, so that next to
/// nothing is stored.
[[nodiscard]] std::string write_fields_over(const Fields& under, const Fields& fields);
/// The same; a pair is equal to a value when both its forms are.
[[nodiscard]] std::string write_base_over(const Fields& under, const Base& base);
/// {"f":1800000000000}
[[nodiscard]] std::string write_times(const FieldTimes& times);
[[nodiscard]] std::string write_strings(const std::vector<std::string>& strings);
/// The text as a JSON string, with its quotes.
[[nodiscard]] std::string json_string(std::string_view text);

// The readers throw StoreCorrupt on anything but what the writers write (white space aside).
[[nodiscard]] Fields read_fields(std::string_view json);
[[nodiscard]] Base read_base(std::string_view json);
[[nodiscard]] Fields read_fields_over(Fields under, std::string_view json);
[[nodiscard]] Base read_base_over(const Fields& under, std::string_view json);
[[nodiscard]] FieldTimes read_times(std::string_view json);
[[nodiscard]] std::vector<std::string> read_strings(std::string_view json);

}  // namespace hubsync::store
