// Answers that hold records: a list, search or batch body read straight into RemoteRecords, without a
// document in between. One record that can not be read is set aside and the others go on. Pure; any thread.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/reconcile.hpp"
#include "daemon/core/rules.hpp"
#include "daemon/hubspot/outcome.hpp"
#include "daemon/ports/hub_types.hpp"
#include "daemon/ports/transport.hpp"

namespace hubsync {

/// Names the records that were merged into this one (HUBSPOT.md §4.6).
inline constexpr std::string_view merged_property = "hs_merged_object_ids";

/// What the request asked for, and so what a missing part of a record means.
struct RecordShape {
  bool associations = false;      ///< Asked for: a record without any has none (HUBSPOT.md §4.1).
  std::string key_property = {};  ///< Its value goes to RecordPage::keys.
};

struct RecordPage {
  std::vector<RemoteRecord> records;
  std::vector<std::string>
      keys;  ///< One for each record: the value of RecordShape::key_property, "" when not there.
  std::vector<BadRecord> bad;
  std::vector<ItemError> errors;  ///< Of a 207.
  std::optional<std::string> next;
  std::optional<std::int64_t> total;
};

/// Reads `body`; the error says what is not as promised.
[[nodiscard]] std::expected<RecordPage, std::string> read_record_page(
    std::string body, const TypeRules& rules, const RecordShape& shape
);

}  // namespace hubsync
