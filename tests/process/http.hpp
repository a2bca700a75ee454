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

/// A request that was sent and whose answer is still to be read: a test may kill somebody in between.
class Pending {
 public:
  Pending(const Address& address, const Request& request);
  ~Pending();
  Pending(const Pending&) = delete;
  Pending& operator=(const Pending&) = delete;

  /// As send().
  [[nodiscard]] Reply finish();

 private:
  int socket_;
};

}  // namespace hubsync::rig
