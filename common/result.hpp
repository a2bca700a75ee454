// The one error type of hubsync: what the control API answers with and what the CLI prints.
// Expected failures are values (Result<T>); exceptions are for the unexpected, ASSERT for the impossible.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace hubsync {

/// What kind of failure it is: decides the HTTP status of the API and the exit code of the CLI.
enum class ErrorCode {
  invalid,        ///< The input is wrong (400).
  unauthorized,   ///< No or a wrong token on the TCP listener (401).
  forbidden,      ///< A browser's request, or a caller without the right (403).
  not_found,      ///< No such record, log, conflict or path (404).
  not_allowed,    ///< The path exists, the method does not (405).
  conflict,       ///< It contradicts what is stored: a taken e-mail, a conflict that moved (409).
  stale,          ///< If-Match named another version (412).
  too_large,      ///< The body is over the limit (413).
  unprocessable,  ///< Well-formed, but it cannot be done to this record (422).
  refused,        ///< HubSpot refused: authentication, scope (502).
  guarded,        ///< A guard stopped it; a person must decide (409).
  unavailable,    ///< Try again later: stopping, disk full, HubSpot away (503).
  internal        ///< A bug; the message carries an id to look for in the log (500).
};

/// Its name in an error body and in the database, such as "not_found".
[[nodiscard]] std::string_view error_code_name(ErrorCode code);
[[nodiscard]] std::optional<ErrorCode> parse_error_code(std::string_view name);

/// An error a person can act on. Neither text holds a secret or a value of somebody's record.
struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string message;     ///< What happened, naming the thing.
  std::string hint = {};   ///< What to do next; may be empty.
  std::string field = {};  ///< The input field at fault; may be empty.
};

template <class T>
using Result = std::expected<T, Error>;

/// `return fail(ErrorCode::invalid, "…")` in a function that returns any Result.
[[nodiscard]] inline std::unexpected<Error> fail(
    ErrorCode code, std::string message, std::string hint = {}, std::string field = {}
) {
  return std::unexpected(Error{code, std::move(message), std::move(hint), std::move(field)});
}

}  // namespace hubsync
