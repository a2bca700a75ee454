#include "tests/process/http.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <stdexcept>

namespace hubsync::rig {
namespace {

constexpr int deadline_ms = static_cast<int>(patience.count());

int connect_unix(const std::string& path) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  if (path.size() >= sizeof name.sun_path) {
    throw std::runtime_error("the path of a socket is too long: " + path);
  }
  std::memcpy(name.sun_path, path.data(), path.size());
  const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0) {
    ::close(socket);
    return -1;
  }
  return socket;
}

int connect_loopback(const std::string& port) {
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_port = htons(static_cast<std::uint16_t>(std::stoi(port)));
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0) {
    ::close(socket);
    return -1;
  }
  return socket;
}

bool ready(int socket, short events) {
  pollfd wanted{.fd = socket, .events = events, .revents = 0};
  if (::poll(&wanted, 1, deadline_ms) != 1) {
    throw std::runtime_error("no answer within the deadline");
  }
  return (wanted.revents & events) != 0;
}

/// Stops early when the other side no longer listens: it may have answered already.
void send_all(int socket, std::string_view bytes) {
  while (!bytes.empty() && ready(socket, POLLOUT)) {
    const ssize_t sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent <= 0) {
      return;
    }
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

std::string receive_all(int socket) {
  std::string bytes;
  std::array<char, 65536> buffer{};
  while (ready(socket, POLLIN)) {
    const ssize_t got = ::recv(socket, buffer.data(), buffer.size(), 0);
    if (got <= 0) {
      break;
    }
    bytes.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return bytes;
}

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) {
    return static_cast<char>(std::tolower(c));
  });
  return text;
}

std::string wire_form(const Request& request) {
  std::string out = request.method + " " + request.target + " HTTP/1.1\r\nHost: " + request.host +
                    "\r\nConnection: close\r\n";
  for (const auto& [name, value] : request.headers) {
    out += name + ": " + value + "\r\n";
  }
  if (!request.body.empty() || request.method == "POST" || request.method == "PUT") {
    out += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
  }
  return out + "\r\n" + request.body;
}

int connect_to(const Address& address) {
  return address.text.starts_with('/') ? connect_unix(address.text)
                                       : connect_loopback(address.text.substr(address.text.rfind(':') + 1));
}

/// An answer as received to its parts; status 0 when it is not whole.
Reply parse_reply(const std::string& bytes) {
  Reply reply;
  const std::size_t end = bytes.find("\r\n\r\n");
  if (end == std::string::npos || !bytes.starts_with("HTTP/1.1 ")) {
    return reply;
  }
  reply.status = std::stoi(bytes.substr(9, 3));
  std::size_t at = bytes.find("\r\n") + 2;
  while (at < end + 2) {
    const std::size_t line_end = bytes.find("\r\n", at);
    const std::string line = bytes.substr(at, line_end - at);
    const std::size_t colon = line.find(':');
    reply.headers.emplace_back(lower(line.substr(0, colon)), line.substr(std::min(colon + 2, line.size())));
    at = line_end + 2;
  }
  reply.body = bytes.substr(end + 4);
  if (const std::string length = reply.header("content-length");
      !length.empty() && reply.body.size() != std::stoul(length)) {
    return {};
  }
  return reply;
}

}  // namespace

Json Reply::json() const {
  try {
    return Json::parse(body);
  } catch (const Json::parse_error&) {
    throw std::runtime_error("status " + std::to_string(status) + " with a body that is no JSON: " + body);
  }
}

std::string Reply::header(std::string_view name) const {
  const auto found = std::ranges::find(headers, name, &std::pair<std::string, std::string>::first);
  return found == headers.end() ? "" : found->second;
}

Pending::Pending(const Address& address, const Request& request) : socket_(connect_to(address)) {
  if (socket_ >= 0) {
    send_all(socket_, wire_form(request));
  }
}

Pending::~Pending() {
  if (socket_ >= 0) {
    ::close(socket_);
  }
}

Reply Pending::finish() {
  return socket_ < 0 ? Reply{} : parse_reply(receive_all(socket_));
}

Reply send(const Address& address, const Request& request) {
  return Pending{address, request}.finish();
}

}  // namespace hubsync::rig
