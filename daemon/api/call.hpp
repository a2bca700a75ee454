// One request on its way through a handler, and the small readers every handler shares: query, path, headers.
// Loop thread. Each handler parses, validates, acts, then maps; what fails is an Error, rendered in
// routes.cpp.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/api.hpp"
#include "common/result.hpp"
#include "daemon/api/routes.hpp"
#include "daemon/http/message.hpp"
#include "daemon/ports/command.hpp"

namespace hubsync::api {

struct Call {
  http::Request request;
  std::vector<std::string> parameters;  ///< Segments that stood for ":name" in the route, in their order.
  std::optional<Command> command = {};  ///< Where the request may be repeated: see command.hpp.
};

/// What a handler returns: an answer, or an error for the one shape of errors.
using Answer = Task<Result<http::Response>>;

struct PageWish {
  std::int64_t page = 1;
  std::int64_t limit = default_limit;
};

/// `page` and `limit`; Error::field names the one that is wrong.
[[nodiscard]] Result<PageWish> read_page(const http::Request& request);

/// A query parameter that is true or false; false when missing.
[[nodiscard]] Result<bool> read_flag(const http::Request& request, std::string_view name);

/// A query parameter with a closed vocabulary; nothing when missing or empty.
template <class T>
[[nodiscard]] Result<std::optional<T>> read_word(
    const http::Request& request,
    std::string_view name,
    std::optional<T> (*parse)(std::string_view),
    std::string_view allowed
) {
  const auto text = request.query_value(name);
  if (!text || text->empty()) {
    return std::optional<T>{};
  }
  auto value = parse(*text);
  if (!value) {
    return fail(
        ErrorCode::invalid,
        "`" + std::string{name} + "` has a value that is not known",
        "one of " + std::string{allowed},
        std::string{name}
    );
  }
  return value;
}

/// A configured type in a path, query or body: "contacts" for "contact" and "contacts".
[[nodiscard]] Result<std::string> read_type(
    const Rules& rules, std::string_view text, std::string_view field
);

/// The query parameter `entityType`; "" when missing or empty.
[[nodiscard]] Result<std::string> read_entity_type(const http::Request& request, const Rules& rules);

/// The number of a log entry or conflict; whatever is no number names nothing: not_found.
[[nodiscard]] Result<std::int64_t> read_number(std::string_view text, std::string_view what);

/// The version an If-Match asks for; nothing without the header and for "*".
[[nodiscard]] Result<std::optional<std::int64_t>> read_if_match(const http::Request& request);

/// Who asks, for the audit: "uid 1000", or the address over TCP.
[[nodiscard]] std::string actor_of(const http::Peer& peer);

/// An answer with this JSON.
[[nodiscard]] inline http::Response json(std::string body, int status = 200) {
  return {.status = status, .body = std::move(body)};
}

}  // namespace hubsync::api
