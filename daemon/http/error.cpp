#include "daemon/http/error.hpp"

#include <cstdint>

#include "common/assert.hpp"

namespace hubsync::http {
namespace {

void append_json_string(std::string& out, std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  out.push_back('"');
  for (const char c : text) {
    const auto byte = static_cast<std::uint8_t>(c);
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (byte < 0x20 || byte == 0x7F) {
      out.append("\\u00");
      out.push_back(digits[byte >> 4U]);
      out.push_back(digits[byte & 0xFU]);
    } else {
      out.push_back(c);
    }
  }
  out.push_back('"');
}

}  // namespace

int status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid:
      return 400;
    case ErrorCode::unauthorized:
      return 401;
    case ErrorCode::forbidden:
      return 403;
    case ErrorCode::not_found:
      return 404;
    case ErrorCode::not_allowed:
      return 405;
    case ErrorCode::conflict:
    case ErrorCode::guarded:
      return 409;
    case ErrorCode::stale:
      return 412;
    case ErrorCode::too_large:
      return 413;
    case ErrorCode::unprocessable:
      return 422;
    case ErrorCode::refused:
      return 502;
    case ErrorCode::unavailable:
      return 503;
    case ErrorCode::internal:
      return 500;
  }
  assertion_failed("every ErrorCode has a status", __FILE__, __LINE__);
}

std::string_view code_name(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid:
      return "invalid";
    case ErrorCode::unauthorized:
      return "unauthorized";
    case ErrorCode::forbidden:
      return "forbidden";
    case ErrorCode::not_found:
      return "not_found";
    case ErrorCode::not_allowed:
      return "not_allowed";
    case ErrorCode::conflict:
      return "conflict";
    case ErrorCode::stale:
      return "stale";
    case ErrorCode::too_large:
      return "too_large";
    case ErrorCode::unprocessable:
      return "unprocessable";
    case ErrorCode::refused:
      return "refused";
    case ErrorCode::guarded:
      return "guarded";
    case ErrorCode::unavailable:
      return "unavailable";
    case ErrorCode::internal:
      return "internal";
  }
  assertion_failed("every ErrorCode has a name", __FILE__, __LINE__);
}

Response error_response(const Error& error) {
  return error_response(status_of(error.code), error);
}

Response error_response(int status, const Error& error) {
  Response response{.status = status};
  std::string& body = response.body;
  body = "{\"error\":{\"code\":";
  append_json_string(body, code_name(error.code));
  body += ",\"message\":";
  append_json_string(body, error.message);
  if (!error.hint.empty()) {
    body += ",\"hint\":";
    append_json_string(body, error.hint);
  }
  if (!error.field.empty()) {
    body += ",\"field\":";
    append_json_string(body, error.field);
  }
  body += "}}";
  return response;
}

}  // namespace hubsync::http
