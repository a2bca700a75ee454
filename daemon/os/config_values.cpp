#include "daemon/os/config_values.hpp"

#include <arpa/inet.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <numeric>
#include <vector>

#include "daemon/os/redact.hpp"

namespace hubsync {
namespace {

constexpr std::size_t max_path_bytes = 4095;
constexpr std::size_t max_shown_bytes = 80;

template <class T>
std::optional<T> parse_whole(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() ? std::optional{value} : std::nullopt;
}

bool has_control(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return (c >= '\0' && c < ' ') || c == '\x7f'; });
}

bool is_ipv4(const std::string& host) {
  in_addr address{};
  return ::inet_pton(AF_INET, host.c_str(), &address) == 1;
}

bool is_ipv6(const std::string& host) {
  in6_addr address{};
  return ::inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

bool is_host_name(std::string_view host) {
  const auto name_char = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
  };
  const bool numeric = std::ranges::all_of(host, [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
  return !host.empty() && host.size() <= 253 && !numeric && std::ranges::all_of(host, name_char) &&
         host.front() != '-' && host.front() != '.';
}

struct HostPort {
  std::string host;  ///< Without brackets.
  std::optional<std::uint16_t> port;
};

/// "host", "host:port", "[v6]:port"; the host is an address or a name.
std::optional<HostPort> split_host_port(std::string_view text) {
  HostPort result;
  std::string_view rest;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) {
      return std::nullopt;
    }
    result.host = text.substr(1, end - 1);
    rest = text.substr(end + 1);
    if (!is_ipv6(result.host)) {
      return std::nullopt;
    }
  } else {
    const std::size_t colon = std::min(text.find(':'), text.size());
    result.host = text.substr(0, colon);
    rest = text.substr(colon);
    if (!is_ipv4(result.host) && !is_host_name(result.host)) {
      return std::nullopt;
    }
  }
  if (!rest.empty()) {
    result.port = rest.starts_with(':') ? parse_whole<std::uint16_t>(rest.substr(1)) : std::nullopt;
    if (!result.port) {
      return std::nullopt;
    }
  }
  return result;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({substituted, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

/// Of ASCII letters, digits and these.
bool consists_of(std::string_view text, std::string_view others) {
  return std::ranges::all_of(text, [others](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           others.find(c) != std::string_view::npos;
  });
}

}  // namespace

Parsed<std::int64_t> parse_count(std::string_view text, std::int64_t min, std::int64_t max) {
  const std::optional<std::int64_t> value = parse_whole<std::int64_t>(text);
  if (!value) {
    return std::unexpected("is not a whole number");
  }
  if (*value < min || *value > max) {
    return std::unexpected("is out of range");
  }
  return *value;
}

Parsed<double> parse_number(std::string_view text, double min, double max) {
  const std::optional<double> value = parse_whole<double>(text);
  if (!value) {
    return std::unexpected("is not a number");
  }
  // Written so that NaN, which TOML knows, is out of range too.
  if (!(*value >= min && *value <= max)) {
    return std::unexpected("is out of range");
  }
  return *value;
}

Parsed<Duration> parse_bounded_duration(
    std::string_view text, Duration min, Duration max, bool zero_allowed
) {
  const std::optional<Duration> value = parse_duration(text);
  if (!value) {
    return std::unexpected("is not a duration");
  }
  if (zero_allowed && value->count() == 0) {
    return *value;
  }
  if (*value < min || *value > max) {
    return std::unexpected("is out of range");
  }
  return *value;
}

Parsed<Config::Sync::DeleteLimit> parse_delete_limit(std::string_view text) {
  const bool percent = text.ends_with('%');
  const Parsed<std::int64_t> value =
      parse_count(percent ? text.substr(0, text.size() - 1) : text, 0, percent ? 100 : 1'000'000'000);
  if (!value) {
    return std::unexpected(
        value.error() == "is out of range" ? value.error() : "is neither a percentage nor a count"
    );
  }
  return Config::Sync::DeleteLimit{percent, *value};
}

Parsed<ListenAddress> parse_listen_address(std::string_view text) {
  if (text.empty()) {
    return ListenAddress{};
  }
  const std::optional<HostPort> parts = split_host_port(text);
  if (!parts || !parts->port) {
    return std::unexpected("is not an address with a port");
  }
  // A name could resolve to several addresses, or to none at start-up.
  const std::string host = parts->host == "localhost" ? "127.0.0.1" : parts->host;
  if (!is_ipv4(host) && !is_ipv6(host)) {
    return std::unexpected("is a host name");
  }
  return ListenAddress{host, *parts->port};
}

Parsed<std::string> parse_path(std::string_view text, bool empty_allowed) {
  if (text.empty() && !empty_allowed) {
    return std::unexpected("is empty");
  }
  if (text.size() > max_path_bytes) {
    return std::unexpected("is longer than a path can be");
  }
  if (has_control(text)) {
    return std::unexpected("has control characters");
  }
  if (text.starts_with('~')) {
    return std::unexpected("starts with ~, which only a shell expands");
  }
  if (text.ends_with('/')) {
    return std::unexpected("names a directory");
  }
  return std::string{text};
}

Parsed<std::string> parse_socket_path(std::string_view text) {
  if (text.starts_with('@')) {
    return std::unexpected("is an abstract socket name, which no file permission protects");
  }
  if (text.size() >= sizeof(sockaddr_un::sun_path)) {
    return std::unexpected("is longer than a socket's path can be");
  }
  return parse_path(text, false);
}

Parsed<std::string> parse_base_url(std::string_view text, bool plain_allowed, bool path_allowed) {
  const bool secure = text.starts_with("https://");
  if (!secure && !text.starts_with("http://")) {
    return std::unexpected("is not an http or https URL");
  }
  const std::string_view after_scheme = text.substr(secure ? 8 : 7);
  if (after_scheme.find('@') != std::string_view::npos) {
    return std::unexpected("has a user name or password in it");
  }
  if (has_control(text) || text.find_first_of("?# \\") != std::string_view::npos) {
    return std::unexpected("has a query, a fragment or spaces");
  }
  const std::size_t slash = std::min(after_scheme.find('/'), after_scheme.size());
  const std::optional<HostPort> host = split_host_port(after_scheme.substr(0, slash));
  if (!host) {
    return std::unexpected("has no valid host and port");
  }
  if (!secure && !plain_allowed && !is_loopback(host->host)) {
    return std::unexpected("is http, which would show the token to the network");
  }
  std::string_view path = after_scheme.substr(slash);
  while (path.ends_with('/')) {
    path.remove_suffix(1);
  }
  if (!path.empty() && !path_allowed) {
    return std::unexpected("has a path");
  }
  return std::string{text.substr(0, (secure ? 8 : 7) + slash)}.append(path);
}

Parsed<std::string> parse_url_path(std::string_view text) {
  if (!text.starts_with('/') || text.size() > 256 || !consists_of(text, "/-._~")) {
    return std::unexpected("is not a plain URL path");
  }
  return std::string{text};
}

Parsed<std::string> parse_client_id(std::string_view text) {
  if (text.size() > 128 || !consists_of(text, "-._")) {
    return std::unexpected("is no client id");
  }
  return std::string{text};
}

bool is_loopback(std::string_view host) {
  return host == "localhost" || host == "::1" || (host.starts_with("127.") && is_ipv4(std::string{host}));
}

std::optional<std::string_view> did_you_mean(std::string_view word, std::span<const std::string_view> words) {
  std::optional<std::string_view> best;
  std::size_t best_distance = 1 + std::clamp<std::size_t>(word.size() / 3, 1, 3);
  for (const std::string_view candidate : words) {
    if (const std::size_t distance = edit_distance(word.substr(0, 64), candidate); distance < best_distance) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

std::string quoted(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      result.append({'\\', c});
    } else if ((c >= '\0' && c < ' ') || c == '\x7f') {
      std::array<char, 8> escape{};
      std::snprintf(escape.data(), escape.size(), "\\u%04X", static_cast<unsigned>(c));
      result.append(escape.data());
    } else {
      result.push_back(c);
    }
  }
  return result + "\"";
}

std::string shown(std::string_view text) {
  std::string safe = redact(text);
  if (safe.size() > max_shown_bytes) {
    safe.resize(max_shown_bytes - 3);
    safe.append("...");
  }
  return quoted(safe);
}

}  // namespace hubsync
