#include "tests/process/fault_proxy.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <optional>
#include <sstream>

#include "tests/support/seeded_random.hpp"

namespace hubsync::rig {
namespace {

constexpr std::array faults{
    Fault::drop_before, Fault::drop_after, Fault::reset, Fault::truncate, Fault::trickle, Fault::dead
};

std::string joined_names(const std::vector<Fault>& chosen) {
  std::string names;
  for (const Fault fault : chosen) {
    names += (names.empty() ? "" : ",") + std::string{fault_name(fault)};
  }
  return names;
}

std::vector<Fault> parse_names(const std::string& names) {
  std::vector<Fault> chosen;
  for (const Fault fault : faults) {
    if (("," + names + ",").find("," + std::string{fault_name(fault)} + ",") != std::string::npos) {
      chosen.push_back(fault);
    }
  }
  return chosen;
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_port = htons(port);
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return name;
}

/// One side of a connection, read message by message.
class Stream {
 public:
  explicit Stream(int socket) : socket_(socket) {}
  ~Stream() { ::close(socket_); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  /// A head and the body that its Content-Length promises; nothing at the end of the connection.
  std::optional<std::string> read_message() {
    std::size_t end = std::string::npos;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
      if (!read_more()) {
        return std::nullopt;
      }
    }
    const std::size_t size = end + 4 + content_length(buffer_.substr(0, end));
    while (buffer_.size() < size) {
      if (!read_more()) {
        return std::nullopt;
      }
    }
    std::string message = buffer_.substr(0, size);
    buffer_.erase(0, size);
    return message;
  }

  bool write(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) {
        return false;
      }
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  /// Closing will reset the connection instead of ending it.
  void will_reset() const {
    const linger now{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  }

 private:
  static std::size_t content_length(std::string head) {
    for (char& c : head) {
      c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    const std::size_t at = head.find("\r\ncontent-length:");
    return at == std::string::npos ? 0 : std::stoul(head.substr(at + 17));
  }

  bool read_more() {
    std::array<char, 65536> part{};
    const ssize_t got = ::recv(socket_, part.data(), part.size(), 0);
    if (got > 0) {
      buffer_.append(part.data(), static_cast<std::size_t>(got));
    }
    return got > 0;
  }

  int socket_;
  std::string buffer_;
};

/// A few bytes at a time, each piece a packet of its own.
bool trickle(const Stream& client, std::string_view bytes) {
  constexpr std::size_t piece = 64;
  constexpr int pieces_apart_ms = 1;
  constexpr std::size_t trickled = 64 * piece;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    if (!client.write(bytes.substr(at, at < trickled ? piece : std::string_view::npos))) {
      return false;
    }
    if (at >= trickled) {
      break;
    }
    ::poll(nullptr, 0, pieces_apart_ms);
  }
  return true;
}

/// One connection of the daemon, to its end.
class Connection {
 public:
  Connection(
      int socket,
      std::uint16_t upstream_port,
      std::vector<Fault> chosen,
      std::string percent_file,
      std::uint64_t seed
  )
      : client_(socket),
        upstream_port_(upstream_port),
        chosen_(std::move(chosen)),
        percent_file_(std::move(percent_file)),
        random_(seed) {}

  void serve() {
    while (const auto request = client_.read_message()) {
      const std::optional<Fault> fault = draw(*request);
      note(*request, fault);
      if (!pass(*request, fault)) {
        return;
      }
      ++served_;
    }
  }

 private:
  std::optional<Fault> draw(const std::string& request) {
    const int percent = std::stoi("0" + read_file(percent_file_));
    const bool hit = static_cast<int>(random_.below(100)) < percent && !request.starts_with("GET ");
    if (!hit) {
      return std::nullopt;
    }
    const Fault fault = chosen_[random_.below(chosen_.size())];
    return fault == Fault::dead && served_ == 0 ? std::nullopt : std::optional{fault};
  }

  static void note(const std::string& request, std::optional<Fault> fault) {
    const std::string line = request.substr(0, request.find(" HTTP/")) + " " +
                             std::string{fault ? fault_name(*fault) : "-"} + "\n";
    // One write, so that the lines of several connections do not mix.
    if (::write(STDOUT_FILENO, line.data(), line.size()) < 0) {
      ::_exit(1);
    }
  }

  /// False when the connection must end.
  bool pass(const std::string& request, std::optional<Fault> fault) {
    if (fault == Fault::drop_before) {
      return false;
    }
    const auto reply = ask_upstream(request);
    if (!reply) {
      return false;
    }
    if (!fault) {
      return client_.write(*reply);
    }
    switch (*fault) {
      case Fault::reset:
        client_.will_reset();
        return false;
      case Fault::truncate:
        client_.write(std::string_view{*reply}.substr(0, reply->size() / 2));
        return false;
      case Fault::trickle:
        return trickle(client_, *reply);
      case Fault::drop_before:
      case Fault::drop_after:
      case Fault::dead:
        break;
    }
    return false;
  }

  [[nodiscard]] std::optional<std::string> ask_upstream(const std::string& request) const {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    Stream upstream{socket};
    const sockaddr_in name = loopback(upstream_port_);
    if (::connect(socket, reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0 ||
        !upstream.write(request)) {
      return std::nullopt;
    }
    return upstream.read_message();
  }

  Stream client_;
  std::uint16_t upstream_port_;
  std::vector<Fault> chosen_;
  std::string percent_file_;
  SeededRandom random_;
  int served_ = 0;
};

int listen_on_loopback() {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in name = loopback(0);
  socklen_t size = sizeof name;
  const bool listening = ::bind(listener, reinterpret_cast<const sockaddr*>(&name), size) == 0 &&
                         ::listen(listener, SOMAXCONN) == 0 &&
                         ::getsockname(listener, reinterpret_cast<sockaddr*>(&name), &size) == 0;
  if (!listening) {
    return -1;
  }
  std::printf("listening on %u\n", static_cast<unsigned>(ntohs(name.sin_port)));
  std::fflush(stdout);
  return listener;
}

}  // namespace

std::string_view fault_name(Fault fault) {
  switch (fault) {
    case Fault::drop_before:
      return "drop_before";
    case Fault::drop_after:
      return "drop_after";
    case Fault::reset:
      return "reset";
    case Fault::truncate:
      return "truncate";
    case Fault::trickle:
      return "trickle";
    case Fault::dead:
      break;
  }
  return "dead";
}

FaultProxy::FaultProxy(
    const std::string& log,
    const std::string& upstream_port,
    std::vector<Fault> faults_of_proxy,
    int percent,
    std::uint64_t seed
)
    : percent_file_((write_file(log + ".percent", std::to_string(percent)), log + ".percent")),
      process_(
          log,
          {.words =
               {program("process_tests"),
                "--fault-proxy",
                upstream_port,
                joined_names(faults_of_proxy),
                percent_file_,
                std::to_string(seed)}}
      ),
      port_(process_.wait_for_line("listening on ")) {}

void FaultProxy::calm() {
  write_file(percent_file_, "0");
}

std::vector<FaultProxy::Passed> FaultProxy::requests() const {
  std::istringstream lines{process_.output()};
  std::string first_line;
  std::getline(lines, first_line);
  std::vector<Passed> passed;
  Passed one;
  while (lines >> one.method >> one.path >> one.fault) {
    passed.push_back(one);
  }
  return passed;
}

int run_fault_proxy(const std::vector<std::string>& arguments) {
  const auto upstream_port = static_cast<std::uint16_t>(std::stoi(arguments.at(0)));
  const std::vector<Fault> chosen = parse_names(arguments.at(1));
  SeededRandom seeds{std::stoull(arguments.at(3))};
  const int listener = listen_on_loopback();
  ::signal(SIGCHLD, SIG_IGN);
  while (listener >= 0) {
    const int socket = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    const std::uint64_t seed = seeds.bits();
    if (socket >= 0 && ::fork() == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      ::close(listener);
      Connection{socket, upstream_port, chosen, arguments.at(2), seed}.serve();
      ::_exit(0);
    }
    ::close(socket);
  }
  return 1;
}

}  // namespace hubsync::rig
