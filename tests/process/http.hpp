// HTTP as a test needs it: one request a connection, over a Unix socket or loopback, bytes sent as given,
// right or wrong. Blocking, with a deadline. One thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/process/process.hpp"

namespace hubsync::rig {

using Json = nlohmann::json;

/// A Unix socket's path, or "127.0.0.1:PORT".
struct Address {
  std::string text;
};

struct Request {
  std::string method = "GET";
  std::string target = "/";
  std::string body = {};
  std::vector<std::pair<std::string, std::string>> headers = {
  };  ///< Beside Host, Connection and Content-Length.
  std::string host = "localhost";
};

struct Reply {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string body = {};

  /// The body; fails the test when it is no JSON.
  [[nodiscard]] Json json() const;
  /// The value of a header, its name in lower case; empty without one.
  [[nodiscard]] std::string header(std::string_view name) const;
};

/// Status 0 when the connection was refused or closed without an answer.
[[nodiscard]] Reply send(const Address& address, const Request& request);

/// Sends these bytes and reads what comes until the other side closes; empty when it cannot be reached.
[[nodiscard]] std::string converse(const Address& address, std::string_view bytes);

/// Connects; a negative number when nobody listens.
[[nodiscard]] int connect_to(const Address& address);

/// Answer as received to its parts.
[[nodiscard]] Reply parse_reply(const std::string& bytes);

}  // namespace hubsync::rig
