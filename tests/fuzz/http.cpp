// The request validator: what it lets through, Boost.Beast must read the same way, or a proxy could as well
// (reference: the shapes of strict_test.cpp).
#include <algorithm>
#include <string>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "common/text.hpp"
#include "daemon/http/query.hpp"
#include "daemon/http/strict.hpp"
#include "tests/fuzz/check.hpp"

namespace hubsync::fuzz {
namespace {

namespace beast = boost::beast;

/// What the session cuts off the bytes that came, before the validator sees it.
std::string_view head_of(std::string_view bytes) {
  const std::size_t end = bytes.find("\r\n\r\n");
  return end == std::string_view::npos ? bytes : bytes.substr(0, end + 4);
}

void check_parsed(const http::Head& head, std::string_view raw) {
  ASSERT(is_within(head.method, raw) && is_within(head.target, raw));
  for (const http::Field& field : head.fields) {
    ASSERT(!field.name.empty() && is_within(field.name, raw) && is_within(field.value, raw));
    ASSERT(field.value.find_first_of(std::string_view{"\r\n\0", 3}) == std::string_view::npos);
    ASSERT(field.name.find_first_of(" \t:") == std::string_view::npos);
  }
}

void check_target(const http::Target& target) {
  ASSERT(target.path.starts_with('/') && is_valid_utf8(target.path));
  ASSERT(target.path.find('\0') == std::string::npos);
  const std::string closed = target.path + "/";
  ASSERT(closed.find("/../") == std::string::npos && closed.find("/./") == std::string::npos);
  ASSERT(target.query.size() <= 64);
  for (const auto& [name, value] : target.query) {
    ASSERT(is_valid_utf8(name) && is_valid_utf8(value));
    ASSERT(http::percent_decode(http::percent_encode(value)) == value);
  }
}

/// Beast alone would take more than we do; it must take at least this, with the same meaning.
void check_against_beast(const http::Head& head, const http::CheckedHead& checked, std::string_view raw) {
  beast::http::request_parser<beast::http::string_body> parser;
  parser.header_limit(static_cast<std::uint32_t>(raw.size() + 1));
  parser.body_limit(boost::none);
  boost::system::error_code error;
  parser.put(boost::asio::buffer(raw.data(), raw.size()), error);
  if (error && error != beast::http::error::need_more) {
    return;  // The session answers 400: what Beast does not take is not acted on.
  }
  ASSERT(parser.is_header_done());
  const auto& message = parser.get();
  ASSERT(message.method_string() == head.method && message.target() == head.target);
  ASSERT(message.version() == static_cast<unsigned>(head.version));
  ASSERT(static_cast<std::size_t>(std::distance(message.begin(), message.end())) == head.fields.size());
  ASSERT(parser.chunked() == checked.chunked);
  const auto length = parser.content_length();
  ASSERT(checked.chunked || (length ? *length : 0) == checked.length);
  ASSERT(message.at(beast::http::field::host) == head.find("Host"));
}

void check_accepted(const http::Head& head, const http::CheckedHead& checked, std::string_view raw) {
  ASSERT(head.count("Host") == 1 && head.count("Content-Length") <= 1);
  ASSERT(!(head.find("Transfer-Encoding") && head.find("Content-Length")));
  ASSERT(checked.chunked == head.find("Transfer-Encoding").has_value());
  ASSERT(checked.length == 0 || head.find("Content-Length"));
  ASSERT(!checked.keep_alive || head.version == 11);
  check_target(checked.target);
  check_against_beast(head, checked, raw);
  const bool from_page = head.find("Origin").has_value();
  for (const auto kind : {http::Peer::Kind::unix_socket, http::Peer::Kind::tcp}) {
    const auto refusal = http::check_browser(head, {.kind = kind, .local_address = "127.0.0.1"});
    ASSERT(!from_page || refusal);
  }
}

}  // namespace
}  // namespace hubsync::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hubsync;
  const std::string_view raw = fuzz::head_of(fuzz::text_of(data, size));
  const auto head = http::parse_head(raw);
  if (!head) {
    ASSERT(head.error().status >= 400 && !head.error().error.message.empty());
    return 0;
  }
  fuzz::check_parsed(*head, raw);
  const auto checked = http::check_head(*head);
  if (!checked) {
    ASSERT(checked.error().status >= 400 && !checked.error().error.message.empty());
    return 0;
  }
  fuzz::check_accepted(*head, *checked, raw);
  return 0;
}
