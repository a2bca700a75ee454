#include "daemon/http/listener.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <system_error>
#include <tuple>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace hubsync::http {
namespace {

namespace asio = boost::asio;

/// A descriptor that is closed unless released.
class Fd {
 public:
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(other.release()) {}
  Fd& operator=(Fd&&) = delete;
  ~Fd() {
    if (fd_ >= 0) {
      ::close(fd_);
    }
  }
  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

/// The one place where errno of a listening call becomes an error of ours.
std::unexpected<Error> os_error(const std::string& what, const std::string& hint = {}) {
  return fail(ErrorCode::unavailable, what + ": " + std::generic_category().message(errno), hint);
}

template <class Address>
sockaddr* as_sockaddr(Address& address) {
  return reinterpret_cast<sockaddr*>(&address);
}

Result<sockaddr_un> unix_address(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string& text = path.native();
  if (text.empty() || text.size() >= sizeof address.sun_path || text.find('\0') != std::string::npos) {
    return fail(
        ErrorCode::invalid,
        "the socket path \"" + text + "\" is empty or too long",
        "at most " + std::to_string(sizeof address.sun_path - 1) + " bytes fit"
    );
  }
  std::memcpy(address.sun_path, text.data(), text.size());
  return address;
}

std::filesystem::path parent_of(const std::filesystem::path& path) {
  return path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
}

Result<void> make_directory(const std::filesystem::path& directory) {
  struct stat info{};
  if (::stat(directory.c_str(), &info) == 0) {
    return {};
  }
  if (errno == ENOENT && directory.has_parent_path() && directory.parent_path() != directory) {
    if (auto made = make_directory(directory.parent_path()); !made) {
      return made;
    }
  }
  // Not what the umask leaves of it: the group that may use the socket has to reach it.
  const bool made = ::mkdir(directory.c_str(), 0750) == 0 && ::chmod(directory.c_str(), 0750) == 0;
  if (!made && errno != EEXIST) {
    return os_error("cannot create the directory " + directory.native());
  }
  return {};
}

/// Opens and locks the directory of the socket, so that two daemons that start together do not both find the
/// same file stale. The lock goes with the descriptor.
Result<Fd> lock_directory(const std::filesystem::path& directory) {
  if (auto made = make_directory(directory); !made) {
    return std::unexpected(made.error());
  }
  Fd fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  struct stat info{};
  if (fd.get() < 0 || ::fstat(fd.get(), &info) != 0) {
    return os_error("cannot open the directory " + directory.native());
  }
  if ((info.st_mode & S_IWOTH) != 0 && (info.st_mode & S_ISVTX) == 0) {
    return fail(
        ErrorCode::invalid,
        "anyone may write to " + directory.native() + ", so anyone could replace the socket",
        "chmod o-w " + directory.native()
    );
  }
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    return fail(ErrorCode::unavailable, "another daemon is starting in " + directory.native(), "try again");
  }
  return fd;
}

/// Removes a socket file that nobody answers on; anything else in the way is an error.
Result<void> clear_path(const std::filesystem::path& path, sockaddr_un address) {
  struct stat info{};
  if (::lstat(path.c_str(), &info) != 0) {
    return errno == ENOENT ? Result<void>{} : os_error("cannot look at " + path.native());
  }
  if (!S_ISSOCK(info.st_mode)) {
    return fail(
        ErrorCode::invalid,
        path.native() + " exists and is not a socket",
        "remove it, or configure another control.socket"
    );
  }
  const Fd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (probe.get() < 0) {
    return os_error("cannot create a Unix socket");
  }
  // EAGAIN is a full backlog: somebody listens, however slowly.
  if (::connect(probe.get(), as_sockaddr(address), sizeof address) == 0 || errno == EAGAIN) {
    return fail(
        ErrorCode::unavailable,
        "another daemon answers on " + path.native(),
        "stop it first, or use another socket"
    );
  }
  if (errno == ENOENT) {
    return {};
  }
  if (errno != ECONNREFUSED) {
    return os_error("cannot tell whether a daemon answers on " + path.native());
  }
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
    return os_error("cannot remove the stale socket " + path.native());
  }
  return {};
}

struct HostPort {
  sockaddr_storage address{};
  socklen_t length = 0;
};

std::optional<HostPort> parse_host_port(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) {
    return std::nullopt;
  }
  std::uint16_t port = 0;
  const std::string_view digits = text.substr(colon + 1);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (digits.empty() || error != std::errc{} || end != digits.data() + digits.size()) {
    return std::nullopt;
  }
  std::string host(text.substr(0, colon));
  HostPort result;
  if (host.starts_with('[') && host.ends_with(']')) {
    auto* v6 = reinterpret_cast<sockaddr_in6*>(&result.address);
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    result.length = sizeof *v6;
    return ::inet_pton(AF_INET6, host.substr(1, host.size() - 2).c_str(), &v6->sin6_addr) == 1
               ? std::optional(result)
               : std::nullopt;
  }
  if (host == "localhost") {
    host = "127.0.0.1";
  }
  auto* v4 = reinterpret_cast<sockaddr_in*>(&result.address);
  v4->sin_family = AF_INET;
  v4->sin_port = htons(port);
  result.length = sizeof *v4;
  return ::inet_pton(AF_INET, host.c_str(), &v4->sin_addr) == 1 ? std::optional(result) : std::nullopt;
}

std::string host_text(const sockaddr_storage& address) {
  char text[INET6_ADDRSTRLEN] = "";
  if (address.ss_family == AF_INET) {
    ::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in&>(address).sin_addr, text, sizeof text);
  } else if (address.ss_family == AF_INET6) {
    ::inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6&>(address).sin6_addr, text, sizeof text);
  }
  return text;
}

std::uint16_t port_of(const sockaddr_storage& address) {
  // Both families have the port in the same place.
  return ntohs(reinterpret_cast<const sockaddr_in&>(address).sin_port);
}

sockaddr_storage local_address(int fd) {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  ::getsockname(fd, as_sockaddr(address), &length);
  return address;
}

void read_credentials(int fd, Peer& peer) {
  ucred credentials{};
  socklen_t length = sizeof credentials;
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &length) != 0) {
    return;
  }
  peer.uid = credentials.uid;
  peer.gid = credentials.gid;
  peer.pid = credentials.pid;
  peer.address = "uid:" + std::to_string(credentials.uid);
  socklen_t bytes = 0;
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, nullptr, &bytes) != 0 && errno == ERANGE) {
    peer.groups.resize(bytes / sizeof(gid_t));
    if (::getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, peer.groups.data(), &bytes) != 0) {
      peer.groups.clear();
    }
  }
}

int option(int fd, int name) {
  int value = 0;
  socklen_t length = sizeof value;
  return ::getsockopt(fd, SOL_SOCKET, name, &value, &length) == 0 ? value : -1;
}

}  // namespace

Listener::Listener(const asio::any_io_executor& executor, int fd) : descriptor_(executor, fd) {
  const sockaddr_storage address = local_address(fd);
  if (address.ss_family == AF_UNIX) {
    name_ = std::string("unix:") + reinterpret_cast<const sockaddr_un&>(address).sun_path;
    return;
  }
  kind_ = Peer::Kind::tcp;
  host_ = host_text(address);
  port_ = port_of(address);
  name_ = (address.ss_family == AF_INET6 ? "[" + host_ + "]" : host_) + ":" + std::to_string(port_);
}

Listener::Listener(Listener&& other) noexcept
    : descriptor_(std::move(other.descriptor_)),
      kind_(other.kind_),
      host_(std::move(other.host_)),
      name_(std::move(other.name_)),
      port_(other.port_),
      path_(std::exchange(other.path_, {})),
      device_(other.device_),
      inode_(other.inode_) {}

Listener::~Listener() {
  close();
}

Result<Listener> Listener::on_unix(const asio::any_io_executor& executor, std::filesystem::path path) {
  auto address = unix_address(path);
  if (!address) {
    return std::unexpected(address.error());
  }
  const auto lock = lock_directory(parent_of(path));
  if (!lock) {
    return std::unexpected(lock.error());
  }
  if (auto cleared = clear_path(path, *address); !cleared) {
    return std::unexpected(cleared.error());
  }
  Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  // The file gets the mode of the socket's inode less the umask, so it is never open to others, not even for
  // a moment.
  if (fd.get() < 0 || ::fchmod(fd.get(), 0660) != 0 ||
      ::bind(fd.get(), as_sockaddr(*address), sizeof *address) != 0) {
    return os_error("cannot listen on " + path.native());
  }
  struct stat info{};
  if (::lstat(path.c_str(), &info) != 0 || ::chmod(path.c_str(), 0660) != 0 ||
      ::listen(fd.get(), SOMAXCONN) != 0) {
    return os_error("cannot listen on " + path.native());
  }
  Listener listener(executor, fd.release());
  listener.path_ = std::move(path);
  listener.device_ = info.st_dev;
  listener.inode_ = info.st_ino;
  return listener;
}

Result<Listener> Listener::on_tcp(const asio::any_io_executor& executor, const std::string& address) {
  auto parsed = parse_host_port(address);
  if (!parsed) {
    return fail(
        ErrorCode::invalid,
        "\"" + address + "\" is not an address to listen on",
        "write a numeric address and a port, such as 127.0.0.1:3002 or [::1]:3002"
    );
  }
  Fd fd(::socket(parsed->address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const int on = 1;
  if (fd.get() < 0 || ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
      ::bind(fd.get(), as_sockaddr(parsed->address), parsed->length) != 0 ||
      ::listen(fd.get(), SOMAXCONN) != 0) {
    return os_error(
        "cannot listen on " + address,
        errno == EADDRINUSE ? "another program has this port; choose another" : ""
    );
  }
  return Listener(executor, fd.release());
}

Result<Listener> Listener::inherited(const asio::any_io_executor& executor, int fd) {
  const int domain = option(fd, SO_DOMAIN);
  const bool known = domain == AF_UNIX || domain == AF_INET || domain == AF_INET6;
  if (!known || option(fd, SO_TYPE) != SOCK_STREAM || option(fd, SO_ACCEPTCONN) != 1) {
    return fail(
        ErrorCode::invalid,
        "the inherited descriptor " + std::to_string(fd) + " is not a listening stream socket",
        "the socket unit needs ListenStream="
    );
  }
  if (::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK) != 0 || ::fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) {
    return os_error("cannot set up the inherited descriptor " + std::to_string(fd));
  }
  return Listener(executor, fd);
}

asio::awaitable<std::expected<Accepted, boost::system::error_code>> Listener::accept() {
  const auto last_error = [] { return boost::system::error_code(errno, boost::system::system_category()); };
  while (true) {
    // Waiting first, even when more are queued, lets the loop do other work between two connections.
    const auto [waited] = co_await descriptor_.async_wait(
        asio::posix::descriptor_base::wait_read, asio::as_tuple(asio::use_awaitable)
    );
    if (waited) {
      co_return std::unexpected(waited);
    }
    sockaddr_storage address{};
    socklen_t length = sizeof address;
    const int fd =
        ::accept4(descriptor_.native_handle(), as_sockaddr(address), &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0 && (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED)) {
      continue;
    }
    if (fd < 0) {
      co_return std::unexpected(last_error());
    }
    Accepted accepted{
        asio::generic::stream_protocol::socket(descriptor_.get_executor()), Peer{.kind = kind_}
    };
    const sockaddr_storage local = local_address(fd);
    if (kind_ == Peer::Kind::unix_socket) {
      read_credentials(fd, accepted.peer);
    } else {
      const int on = 1;
      ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      accepted.peer.address = host_text(address);
      accepted.peer.local_address = host_text(local);
    }
    const int protocol = kind_ == Peer::Kind::unix_socket ? 0 : static_cast<int>(IPPROTO_TCP);
    boost::system::error_code error;
    accepted.socket.assign(asio::generic::stream_protocol(local.ss_family, protocol), fd, error);
    if (error) {
      ::close(fd);
      co_return std::unexpected(error);
    }
    co_return std::move(accepted);
  }
}

void Listener::close() {
  if (!path_.empty()) {
    struct stat info{};
    if (::lstat(path_.c_str(), &info) == 0 && info.st_dev == device_ && info.st_ino == inode_) {
      ::unlink(path_.c_str());
    }
    path_.clear();
  }
  boost::system::error_code ignored;
  descriptor_.close(ignored);
}

}  // namespace hubsync::http
