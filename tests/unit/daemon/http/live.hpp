// A server on its own loop thread and a blocking client that writes raw bytes: what the live tests are made
// of.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/packaged_task.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>

#include "daemon/http/server.hpp"

namespace hubsync::http::live {

/// A directory of its own that goes away with everything in it.
class TempDir {
 public:
  TempDir() {
    std::string name = (std::filesystem::temp_directory_path() / "hubsync-http-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~TempDir() { std::filesystem::remove_all(path_); }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  [[nodiscard]] std::filesystem::path operator/(const char* name) const { return path_ / name; }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// One client connection. Every wait ends after five seconds.
class Client {
 public:
  explicit Client(const std::filesystem::path& path) : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.c_str(), path.native().size() + 1);
    connected_ = ::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  explicit Client(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  Client(Client&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)), connected_(other.connected_), input_(std::move(other.input_)) {}
  Client& operator=(Client&&) = delete;
  ~Client() {
    if (fd_ >= 0) {
      ::close(fd_);
    }
  }

  [[nodiscard]] bool connected() const { return connected_; }

  /// Sends all of it, or as much as the server takes.
  void send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) {
        return;
      }
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  /// The next response, head and body; empty when the connection ended first.
  [[nodiscard]] std::string response(bool has_body = true) {
    std::size_t end = 0;
    while ((end = input_.find("\r\n\r\n")) == std::string::npos) {
      if (!fill()) {
        return {};
      }
    }
    std::size_t length = end + 4;
    const std::size_t field = input_.substr(0, end).find("Content-Length: ");
    if (has_body && field != std::string::npos) {
      length += std::strtoul(input_.c_str() + field + 16, nullptr, 10);
    }
    while (input_.size() < length) {
      if (!fill()) {
        return {};
      }
    }
    std::string result = input_.substr(0, length);
    input_.erase(0, length);
    return result;
  }

  /// The next `size` bytes.
  [[nodiscard]] std::string bytes(std::size_t size) {
    while (input_.size() < size && fill()) {
    }
    std::string result = input_.substr(0, size);
    input_.erase(0, result.size());
    return result;
  }

  /// Whether the server ends the connection, without a further byte, within five seconds.
  [[nodiscard]] bool closed() { return input_.empty() && !fill() && !timed_out_; }

  /// Whether a byte is there now.
  [[nodiscard]] bool readable() const {
    pollfd poll{fd_, POLLIN, 0};
    return ::poll(&poll, 1, 0) > 0;
  }

 private:
  bool fill() {
    pollfd poll{fd_, POLLIN, 0};
    if (::poll(&poll, 1, 5000) <= 0) {
      timed_out_ = true;
      return false;
    }
    char buffer[4096];
    const ssize_t received = ::recv(fd_, buffer, sizeof buffer, 0);
    if (received <= 0) {
      return false;
    }
    input_.append(buffer, static_cast<std::size_t>(received));
    return true;
  }

  int fd_;
  bool connected_ = false;
  bool timed_out_ = false;
  std::string input_;
};

inline int status(const std::string& response) {
  return response.starts_with("HTTP/1.1 ") ? std::atoi(response.c_str() + 9) : 0;
}

inline std::string body(const std::string& response) {
  const std::size_t end = response.find("\r\n\r\n");
  return end == std::string::npos ? "" : response.substr(end + 4);
}

/// A server with one Unix and one TCP listener, running until the end of its scope.
class LiveServer {
 public:
  explicit LiveServer(Service service, Limits limits = {})
      : server_(std::in_place, io.get_executor(), service, limits) {
    auto on_unix = Listener::on_unix(io.get_executor(), directory / "sock");
    auto on_tcp = Listener::on_tcp(io.get_executor(), "127.0.0.1:0");
    port = on_tcp.value().port();
    server_->serve(std::move(on_unix.value()));
    server_->serve(std::move(on_tcp.value()));
    thread_ = std::thread([this] { io.run(); });
  }
  ~LiveServer() {
    stop(std::chrono::seconds{5});
    guard_.reset();
    thread_.join();
    server_.reset();
  }
  LiveServer(const LiveServer&) = delete;
  LiveServer& operator=(const LiveServer&) = delete;

  void stop(Duration grace) { stopping(grace).get(); }

  [[nodiscard]] std::future<void> stopping(Duration grace) {
    return boost::asio::co_spawn(io, server_->stop(grace), boost::asio::use_future);
  }

  /// Asks on the loop thread.
  [[nodiscard]] std::size_t connections() {
    return boost::asio::post(
               io, std::packaged_task<std::size_t()>([this] { return server_->connections(); })
    ).get();
  }

  /// Whether the number of connections becomes this within five seconds.
  [[nodiscard]] bool becomes(std::size_t expected) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{5};
    while (connections() != expected) {
      if (std::chrono::steady_clock::now() > deadline) {
        return false;
      }
      std::this_thread::yield();
    }
    return true;
  }

  [[nodiscard]] Client unix_client() const { return Client(directory / "sock"); }
  [[nodiscard]] Client tcp_client() const { return Client(port); }

  TempDir directory;
  boost::asio::io_context io{1};
  std::uint16_t port = 0;

 private:
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard_{io.get_executor()};
  std::optional<Server> server_;
  std::thread thread_;
};

}  // namespace hubsync::http::live
