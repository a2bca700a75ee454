// HTTP/1.1 over the daemon's Unix-domain socket. By hand on the socket, with Beast's parser: libcurl and what
// it loads would take longer to start than the command itself. A fresh connection for each request, which is
// sent once; whether once more is the client's business.
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <span>
#include <utility>

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "cli/client.hpp"
#include "cli/stream.hpp"

namespace hubsync::cli {
namespace {

namespace http = boost::beast::http;
using Deadline = std::chrono::steady_clock::time_point;

/// A list of 500 records of 64 KiB values stays below this.
constexpr std::uint64_t max_reply_bytes = 512ULL * 1024 * 1024;
constexpr std::chrono::seconds connect_timeout{5};

CallError cannot_connect(const std::string& socket, long system_error) {
  if (system_error == EACCES || system_error == EPERM) {
    return {
        Error{
            ErrorCode::forbidden,
            "no permission to use the socket " + socket,
            "become a member of the group hubsync, or use sudo",
            ""
        },
        api::ExitCode::unreachable
    };
  }
  return {
      Error{
          ErrorCode::unavailable,
          "no daemon answers on " + socket,
          "is hubsyncd running? `systemctl status hubsyncd`; another socket: --socket or HUBSYNC_SOCKET",
          ""
      },
      api::ExitCode::unreachable
  };
}

CallError late() {
  return {
      Error{
          ErrorCode::unavailable,
          "the daemon did not answer in time",
          "it may still do what was asked; look at `hubsync status` before you repeat it",
          ""
      },
      api::ExitCode::timed_out
  };
}

CallError broken(const std::string& why) {
  return {
      Error{
          ErrorCode::unavailable,
          "the connection to the daemon broke: " + why,
          "look into its log: journalctl -u hubsyncd",
          ""
      },
      api::ExitCode::unreachable,
      true
  };
}

/// A connection that never waits beyond its deadline.
class Connection {
 public:
  Connection() : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {}
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() { ::close(fd_); }

  std::expected<void, CallError> connect(const std::string& path) const {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) {
      return std::unexpected(cannot_connect(path, ENAMETOOLONG));
    }
    std::memcpy(address.sun_path, path.data(), path.size());
    const Deadline deadline = std::chrono::steady_clock::now() + connect_timeout;
    // On a Unix-domain socket only a full queue of the listener makes a connect wait, and it has to be tried
    // again.
    while (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      const int why = errno;
      const bool may_wait = why == EAGAIN && std::chrono::steady_clock::now() < deadline;
      if (!may_wait && why != EINTR) {
        return std::unexpected(cannot_connect(path, why));
      }
      ::poll(nullptr, 0, 10);
    }
    return {};
  }

  std::expected<void, CallError> write(std::string_view bytes, Deadline deadline) const {
    while (!bytes.empty()) {
      const ssize_t count = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count >= 0) {
        bytes.remove_prefix(static_cast<std::size_t>(count));
      } else if (errno == EPIPE) {
        return {};  // The daemon refused before it read all of it; its answer is there to be read.
      } else if (auto waited = wait_for(POLLOUT, deadline); !waited) {
        return waited;
      }
    }
    return {};
  }

  /// 0 at the end.
  std::expected<std::size_t, CallError> read(std::span<char> room, Deadline deadline) const {
    while (true) {
      const ssize_t count = ::recv(fd_, room.data(), room.size(), 0);
      if (count >= 0) {
        return static_cast<std::size_t>(count);
      }
      if (auto waited = wait_for(POLLIN, deadline); !waited) {
        return std::unexpected(waited.error());
      }
    }
  }

 private:
  /// After a call that failed with errno.
  std::expected<void, CallError> wait_for(short event, Deadline deadline) const {
    if (errno != EAGAIN && errno != EINTR) {
      return std::unexpected(broken(std::strerror(errno)));
    }
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd wanted{.fd = fd_, .events = event, .revents = 0};
    const int ready = left.count() <= 0 ? 0 : ::poll(&wanted, 1, static_cast<int>(left.count()));
    return ready == 0 ? std::unexpected(late()) : std::expected<void, CallError>{};
  }

  int fd_;
};

std::string text_of(const HttpRequest& request) {
  std::string text = request.method + " " + request.target +
                     " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + "Accept: application/json\r\n";
  if (request.if_version) {
    text += "If-Match: \"" + std::to_string(*request.if_version) + "\"\r\n";
  }
  if (!request.key.empty()) {
    text += "Idempotency-Key: " + request.key + "\r\n";
  }
  if (request.method == "POST" || request.method == "PUT") {
    text +=
        "Content-Type: application/json\r\nContent-Length: " + std::to_string(request.body.size()) + "\r\n";
  }
  return text + "\r\n" + request.body;
}

std::expected<HttpReply, CallError> read_reply(const Connection& connection, Deadline deadline) {
  http::response_parser<http::string_body> parser;
  parser.body_limit(max_reply_bytes);
  parser.eager(true);
  std::string pending;
  std::array<char, 64UL * 1024> room{};
  boost::system::error_code error;
  while (!parser.is_done()) {
    const auto count = connection.read(room, deadline);
    if (!count) {
      return std::unexpected(count.error());
    }
    if (*count == 0) {
      if (parser.got_some()) {
        parser.put_eof(error);
      }
      if (error || !parser.is_done()) {
        return std::unexpected(broken("it was closed before the answer was complete"));
      }
      break;
    }
    pending.append(room.data(), *count);
    const std::size_t used = parser.put(boost::asio::buffer(pending), error);
    pending.erase(0, used);
    if (error && error != http::error::need_more) {
      return std::unexpected(broken(error.message()));
    }
  }
  return HttpReply{static_cast<int>(parser.get().result_int()), std::move(parser.get().body())};
}

class UnixSocketTransport : public Transport {
 public:
  explicit UnixSocketTransport(std::string socket) : socket_(std::move(socket)) {}

  std::expected<HttpReply, CallError> send(const HttpRequest& request) override {
    const Connection connection;
    if (auto connected = connection.connect(socket_); !connected) {
      return std::unexpected(connected.error());
    }
    const Deadline deadline = std::chrono::steady_clock::now() + request.timeout;
    if (auto written = connection.write(text_of(request), deadline); !written) {
      return std::unexpected(written.error());
    }
    return read_reply(connection, deadline);
  }

  std::expected<void, CallError> stream(
      const std::string& target, const std::function<bool(const std::string&)>& on_text
  ) override {
    return read_stream(socket_, target, on_text);
  }

 private:
  std::string socket_;
};

}  // namespace

std::unique_ptr<Transport> unix_socket_transport(std::string socket) {
  return std::make_unique<UnixSocketTransport>(std::move(socket));
}

}  // namespace hubsync::cli
