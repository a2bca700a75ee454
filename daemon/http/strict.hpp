// Refuses every request whose meaning two HTTP parsers could disagree on, before anything acts on it.
// Boost.Beast 1.81 accepts several of them (unknown transfer codings, double Host, obs-fold, …), so nothing
// reaches Beast unchecked. Pure functions, any thread. Does not read the body and does not know routes.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"
#include "daemon/http/message.hpp"
#include "daemon/http/query.hpp"

namespace hubsync::http {

/// Why a request is not served; the connection is closed after the answer.
struct Refusal {
  int status = 400;
  Error error;
};

struct Field {
  std::string_view name;
  std::string_view value;  ///< Without the white space around it.
};

/// The head of a request: views into the bytes it was read from.
struct Head {
  std::string_view method;
  std::string_view target;
  int version = 11;  ///< 10 or 11.
  std::vector<Field> fields;

  /// The value of the first field of that name.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
  /// How many fields have that name.
  [[nodiscard]] std::size_t count(std::string_view name) const;
};

/// What check_head learnt.
struct CheckedHead {
  bool chunked = false;
  std::uint64_t length = 0;  ///< Content-Length; 0 without one and when chunked.
  bool keep_alive = true;    ///< HTTP/1.1 and no "Connection: close".
  Target target;
};

/// Splits a head, from the first byte to the blank line inclusive. Refuses bare CR or LF, folded lines, white
/// space before a colon, control characters and any version but HTTP/1.0 and 1.1.
[[nodiscard]] std::expected<Head, Refusal> parse_head(std::string_view raw);

/// Checks what the fields say together: one Host, one unambiguous body length, origin-form target, upper-case
/// method, no trailers, no repeated field that must be single.
[[nodiscard]] std::expected<CheckedHead, Refusal> check_head(const Head& head);

/// Refuses what a web page could make a browser send: Origin, Referer from elsewhere, cross-site
/// Sec-Fetch-Site, a Host that is not ours (DNS rebinding). `peer` says how the connection came in.
[[nodiscard]] std::optional<Refusal> check_browser(const Head& head, const Peer& peer);

}  // namespace hubsync::http
