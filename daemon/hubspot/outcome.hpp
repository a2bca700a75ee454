// What an answer that is no success means (HUBSPOT.md §3, §8). Pure; any thread.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "daemon/ports/hub_types.hpp"
#include "daemon/ports/transport.hpp"

namespace hubsync {

/// Whether a call changes anything: a write that got lost is unknown, a read is just repeated.
enum class Effect : std::uint8_t { read, write };

[[nodiscard]] inline bool is_success(int status) {
  return status >= 200 && status < 300;
}

/// Any answer but a 2xx. A daily limit has category "DAILY" and no retry_after: it ends at the portal's
/// midnight.
[[nodiscard]] CallFailure failure_of(const HttpReply& reply, Effect effect);

/// No answer at all.
[[nodiscard]] CallFailure failure_of(const TransportFailure& transport, Effect effect);

/// A 2xx that is not what was promised; `what` says how. Never "empty", never "failed" (I23).
[[nodiscard]] CallFailure failure_of_shape(const HttpReply& reply, Effect effect, std::string_view what);

/// One element of "errors" in a batch answer.
struct ItemError {
  CallFailure failure;
  std::string sub_category;
  std::map<std::string, std::vector<std::string>, std::less<>>
      context;  ///< Of the item and of what is nested in it.

  [[nodiscard]] bool names(std::string_view key, std::string_view value) const;
};

/// Reads "errors" of a 207; elements that are no objects are left out.
[[nodiscard]] std::vector<ItemError> item_errors(const nlohmann::json& errors);

/// At most 500 characters of `text`, cut between characters, control characters turned into spaces and bytes
/// that are no UTF-8 into U+FFFD.
[[nodiscard]] std::string tidy_message(std::string_view text);

/// Retry-After, clamped; a date is read against the answer's own Date header (I34). Nothing when it can not
/// be read.
[[nodiscard]] std::optional<Duration> retry_after_of(const HttpReply& reply);

}  // namespace hubsync
