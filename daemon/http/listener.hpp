// A listening socket: Unix path, TCP address or a descriptor from the service manager, behind one type. Loop
// thread. Owns the descriptor and, for a path that it bound itself, the file. Does not accept by itself: see
// server.hpp.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <expected>
#include <filesystem>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/system/error_code.hpp>

#include "common/result.hpp"
#include "daemon/http/message.hpp"

namespace hubsync::http {

/// A new connection and who made it.
struct Accepted {
  boost::asio::generic::stream_protocol::socket socket;
  Peer peer;
};

class Listener {
 public:
  /// Listens on a path, mode 0660. Creates the parent directory (0750), replaces a socket nobody answers on;
  /// an answering one, a symbolic link or any other file there is an error.
  [[nodiscard]] static Result<Listener> on_unix(
      const boost::asio::any_io_executor& executor, std::filesystem::path path
  );

  /// Listens on "127.0.0.1:3002", "[::1]:3002" or "localhost:3002"; port 0 lets the kernel choose. Resolves
  /// no names.
  [[nodiscard]] static Result<Listener> on_tcp(
      const boost::asio::any_io_executor& executor, const std::string& address
  );

  /// Takes over a descriptor that is already listening (systemd socket activation); Unix or TCP.
  [[nodiscard]] static Result<Listener> inherited(const boost::asio::any_io_executor& executor, int fd);

  Listener(Listener&& other) noexcept;
  Listener& operator=(Listener&& other) = delete;
  ~Listener();

  /// Waits for the next connection. Errors are the kernel's; operation_aborted after close().
  [[nodiscard]] boost::asio::awaitable<std::expected<Accepted, boost::system::error_code>> accept();

  /// Stops listening and unlinks the path if the file there is still the one this object made.
  void close();

  [[nodiscard]] Peer::Kind kind() const { return kind_; }
  /// TCP: the address listened on, without the port. Unix: empty.
  [[nodiscard]] const std::string& host() const { return host_; }
  /// TCP: the bound port. Unix: 0.
  [[nodiscard]] std::uint16_t port() const { return port_; }
  /// For logs and errors: "unix:/run/hubsync/hubsyncd.sock" or "127.0.0.1:3002".
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  Listener(const boost::asio::any_io_executor& executor, int fd);

  boost::asio::posix::stream_descriptor descriptor_;
  Peer::Kind kind_ = Peer::Kind::unix_socket;
  std::string host_;
  std::string name_;
  std::uint16_t port_ = 0;
  std::filesystem::path path_;  ///< Empty when there is no file to remove.
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

}  // namespace hubsync::http
