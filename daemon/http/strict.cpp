#include "daemon/http/strict.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace hubsync::http {
namespace {

std::unexpected<Refusal> refuse(std::string message, int status = 400) {
  return std::unexpected(Refusal{status, Error{ErrorCode::invalid, std::move(message)}});
}

bool is_token_char(char c) {
  const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return letter || (c >= '0' && c <= '9') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool is_value_char(char c) {
  return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F);
}

bool is_graphic(char c) {
  return c > 0x20 && c < 0x7F;
}

std::string_view trimmed(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  return text.substr(0, text.find_last_not_of(" \t") + 1);
}

/// Takes the next line off `rest`, without its CRLF; nothing if a CR or LF stands alone or the end is
/// missing.
std::optional<std::string_view> take_line(std::string_view& rest) {
  const std::size_t end = rest.find_first_of("\r\n");
  if (end == std::string_view::npos || rest.substr(end, 2) != "\r\n") {
    return std::nullopt;
  }
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end + 2);
  return line;
}

std::optional<Refusal> parse_request_line(std::string_view line, Head& head) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) {
    return refuse("the request line is not \"METHOD target HTTP/1.1\"").error();
  }
  head.method = line.substr(0, first);
  head.target = line.substr(first + 1, last - first - 1);
  const std::string_view version = line.substr(last + 1);
  if (version != "HTTP/1.1" && version != "HTTP/1.0") {
    return refuse("only HTTP/1.1 is spoken here", version.starts_with("HTTP/") ? 505 : 400).error();
  }
  head.version = version.back() == '1' ? 11 : 10;
  return std::nullopt;
}

std::optional<Refusal> parse_field(std::string_view line, Head& head) {
  if (line.front() == ' ' || line.front() == '\t') {
    return refuse("a header field is folded over two lines").error();
  }
  const std::size_t colon = line.find(':');
  const std::string_view name = line.substr(0, colon);
  if (colon == std::string_view::npos || name.empty() || !std::ranges::all_of(name, is_token_char)) {
    return refuse("a header field has no valid name").error();
  }
  const std::string_view value = trimmed(line.substr(colon + 1));
  if (!std::ranges::all_of(value, is_value_char)) {
    return refuse("a header field has a control character in its value").error();
  }
  head.fields.push_back(Field{name, value});
  return std::nullopt;
}

std::optional<Refusal> check_fields(const Head& head) {
  // Each of these decides something; a proxy may have looked at the other copy.
  constexpr std::array<std::string_view, 9> single = {
      "Content-Length",
      "Transfer-Encoding",
      "Content-Type",
      "Authorization",
      "Origin",
      "Referer",
      "Sec-Fetch-Site",
      "Upgrade",
      "If-Match"
  };
  if (head.count("Host") != 1) {
    return refuse("a request needs exactly one Host field").error();
  }
  for (const std::string_view name : single) {
    if (head.count(name) > 1) {
      return refuse("the field " + std::string(name) + " is repeated").error();
    }
  }
  const auto host_char = [](char c) {
    return is_graphic(c) && std::string_view("/@,?#\\\"").find(c) == std::string_view::npos;
  };
  if (!std::ranges::all_of(head.find("Host").value_or(""), host_char)) {
    return refuse("the Host field is not a host name").error();
  }
  if (head.find("Trailer")) {
    return refuse("trailer fields are not taken").error();
  }
  return std::nullopt;
}

std::optional<Refusal> check_framing(const Head& head, CheckedHead& checked) {
  const auto coding = head.find("Transfer-Encoding");
  const auto length = head.find("Content-Length");
  if (coding) {
    if (head.version != 11 || !equals_ignoring_case(*coding, "chunked")) {
      return refuse("the only Transfer-Encoding is \"chunked\", with HTTP/1.1").error();
    }
    if (length) {
      return refuse("Transfer-Encoding and Content-Length contradict each other").error();
    }
    checked.chunked = true;
  }
  if (length) {
    const bool digits = std::ranges::all_of(*length, [](char c) { return c >= '0' && c <= '9'; });
    if (!digits || length->empty() || length->size() > 18) {
      return refuse("Content-Length is not a number").error();
    }
    std::from_chars(length->data(), length->data() + length->size(), checked.length);
  }
  return std::nullopt;
}

bool wants_close(const Head& head) {
  return std::ranges::any_of(head.fields, [](const Field& field) {
    return equals_ignoring_case(field.name, "Connection") && list_has_token(field.value, "close");
  });
}

/// The host of "host:port" or "[::1]:port", without the port and brackets.
std::string_view without_port(std::string_view authority) {
  if (authority.starts_with('[')) {
    const std::size_t end = authority.find(']');
    return end == std::string_view::npos ? authority : authority.substr(1, end - 1);
  }
  return authority.substr(0, authority.find(':'));
}

bool is_local_host(std::string_view authority, const Peer& peer) {
  const std::string_view host = without_port(authority);
  if (equals_ignoring_case(host, "localhost") || host == "127.0.0.1" || host == "::1") {
    return true;
  }
  if (peer.kind == Peer::Kind::unix_socket) {
    return authority.empty() || equals_ignoring_case(host, "hubsync");
  }
  return !host.empty() && host == peer.local_address;
}

std::string_view host_of_url(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) {
    return url;
  }
  url.remove_prefix(scheme + 3);
  url = url.substr(0, url.find_first_of("/?#\\"));
  return url.substr(url.rfind('@') + 1);
}

}  // namespace

std::optional<std::string_view> Head::find(std::string_view name) const {
  const auto field =
      std::ranges::find_if(fields, [&](const Field& each) { return equals_ignoring_case(each.name, name); });
  return field == fields.end() ? std::nullopt : std::optional(field->value);
}

std::size_t Head::count(std::string_view name) const {
  return static_cast<std::size_t>(std::ranges::count_if(fields, [&](const Field& each) {
    return equals_ignoring_case(each.name, name);
  }));
}

std::expected<Head, Refusal> parse_head(std::string_view raw) {
  Head head;
  const auto request_line = take_line(raw);
  if (!request_line) {
    return refuse("the request line does not end in CR LF");
  }
  if (auto refusal = parse_request_line(*request_line, head)) {
    return std::unexpected(*std::move(refusal));
  }
  while (true) {
    const auto line = take_line(raw);
    if (!line) {
      return refuse("a header line does not end in CR LF");
    }
    if (line->empty()) {
      break;
    }
    if (auto refusal = parse_field(*line, head)) {
      return std::unexpected(*std::move(refusal));
    }
  }
  if (!raw.empty()) {
    return refuse("the head goes on after its blank line");
  }
  return head;
}

std::expected<CheckedHead, Refusal> check_head(const Head& head) {
  const bool upper = std::ranges::all_of(head.method, [](char c) { return c >= 'A' && c <= 'Z'; });
  if (!upper || head.method.empty()) {
    return refuse("the method is not one in capital letters");
  }
  if (!std::ranges::all_of(head.target, is_graphic)) {
    return refuse("the request target has a character that must be percent-encoded");
  }
  auto target = parse_target(head.target);
  if (!target) {
    return std::unexpected(Refusal{400, std::move(target.error())});
  }
  if (auto refusal = check_fields(head)) {
    return std::unexpected(*std::move(refusal));
  }
  CheckedHead checked;
  if (auto refusal = check_framing(head, checked)) {
    return std::unexpected(*std::move(refusal));
  }
  checked.keep_alive = head.version == 11 && !wants_close(head);
  checked.target = *std::move(target);
  return checked;
}

std::optional<Refusal> check_browser(const Head& head, const Peer& peer) {
  const auto forbid = [](std::string message, std::string hint) {
    return Refusal{403, Error{ErrorCode::forbidden, std::move(message), std::move(hint)}};
  };
  const std::string hint = "the control API is for the hubsync command and scripts";
  if (head.find("Origin")) {
    return forbid("requests from web pages are not served", hint);
  }
  const auto site = head.find("Sec-Fetch-Site");
  if (site && !equals_ignoring_case(*site, "none")) {
    return forbid("requests from web pages are not served", hint);
  }
  const auto referer = head.find("Referer");
  if (referer && !is_local_host(host_of_url(*referer), peer)) {
    return forbid("requests from web pages are not served", hint);
  }
  if (!is_local_host(head.find("Host").value_or(""), peer)) {
    return forbid("the Host field does not name this machine", "call it by its address or as localhost");
  }
  return std::nullopt;
}

}  // namespace hubsync::http
