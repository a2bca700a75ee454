// A request and a response as handlers see them: plain data, no Beast, no sockets. Any thread.
// What reaches a handler has passed strict.hpp; it may still be nonsense to the handler.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>

namespace hubsync::http {

/// Who is at the other end of the connection.
struct Peer {
  enum class Kind { unix_socket, tcp };
  Kind kind = Kind::unix_socket;
  std::optional<uid_t> uid = {
  };  ///< From SO_PEERCRED; none over TCP. 65534 means "hidden by a user namespace".
  std::optional<gid_t> gid = {};   ///< From SO_PEERCRED: the caller's primary group.
  std::optional<pid_t> pid = {};   ///< From SO_PEERCRED; the process may be gone by now.
  std::vector<gid_t> groups = {};  ///< From SO_PEERGROUPS: the caller's supplementary groups.
  std::string address = {};        ///< TCP: the peer's address without the port. Unix: "uid:1000".
  std::string local_address = {
  };  ///< TCP: our own address on this connection, without the port. Unix: empty.
};

/// Header fields in the order of arrival; names compare without case.
class Headers {
 public:
  void add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }
  /// The value of the first field of that name; the view lives as long as this object.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
  /// How many fields have that name.
  [[nodiscard]] std::size_t count(std::string_view name) const;
  [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& all() const { return fields_; }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

/// A whole request, read and validated.
struct Request {
  std::string method;  ///< Upper case. HEAD arrives as GET; the session drops the body of the answer.
  std::string path;    ///< Decoded, valid UTF-8, begins with "/", no query, no "." or ".." segment.
  std::string target;  ///< Raw, exactly as sent: what a webhook signature covers.
  std::vector<std::pair<std::string, std::string>> query;  ///< Decoded, valid UTF-8, in order of arrival.
  Headers headers;
  std::string body;
  Peer peer;

  /// The value of the first query parameter of that name; the view lives as long as the request.
  [[nodiscard]] std::optional<std::string_view> query_value(std::string_view name) const;
};

/// What a handler answers. Length, connection and security headers are the session's business.
struct Response {
  int status = 200;
  std::string content_type = "application/json";  ///< Not sent when the body is empty.
  std::string body = {};
  std::vector<std::pair<std::string, std::string>> headers = {
  };  ///< Extra ones, such as ETag, Location, Allow.
};

/// Answers one request, on the loop. An exception becomes a 500 with an id.
/// Not interrupted by time-outs: half a write is worse than a late answer. Only a hard stop cancels it.
using Handler = std::function<boost::asio::awaitable<Response>(Request)>;

/// "a" equals "A" and so on, ASCII only.
[[nodiscard]] bool equals_ignoring_case(std::string_view left, std::string_view right);

/// Whether a comma-separated list such as Connection holds that token, case ignored.
[[nodiscard]] bool list_has_token(std::string_view list, std::string_view token);

}  // namespace hubsync::http
