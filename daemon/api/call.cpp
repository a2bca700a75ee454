#include "daemon/api/call.hpp"

#include <charconv>
#include <utility>

namespace hubsync::api {
namespace {

std::optional<std::int64_t> parse_integer(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return value;
}

Result<std::int64_t> read_integer(
    const http::Request& request, std::string_view name, std::int64_t fallback, std::int64_t max
) {
  const auto text = request.query_value(name);
  if (!text) {
    return fallback;
  }
  const auto value = parse_integer(*text);
  if (!value || *value < 1 || *value > max) {
    return fail(
        ErrorCode::invalid,
        "`" + std::string{name} + "` is out of range",
        "a whole number from 1 to " + std::to_string(max),
        std::string{name}
    );
  }
  return *value;
}

}  // namespace

Result<PageWish> read_page(const http::Request& request) {
  constexpr std::int64_t last_page = 1'000'000'000;
  const auto page = read_integer(request, "page", 1, last_page);
  if (!page) {
    return std::unexpected(page.error());
  }
  const auto limit = read_integer(request, "limit", default_limit, max_limit);
  if (!limit) {
    return std::unexpected(limit.error());
  }
  return PageWish{.page = *page, .limit = *limit};
}

Result<bool> read_flag(const http::Request& request, std::string_view name) {
  const auto text = request.query_value(name);
  if (!text || *text == "false") {
    return false;
  }
  if (*text == "true") {
    return true;
  }
  return fail(ErrorCode::invalid, "`" + std::string{name} + "` must be true or false", "", std::string{name});
}

Result<std::string> read_type(const Rules& rules, std::string_view text, std::string_view field) {
  if (const TypeRules* const type = rules.find(text)) {
    return type->name;
  }
  std::string known;
  for (const TypeRules& type : rules.types) {
    known += (known.empty() ? "" : ", ") + type.name;
  }
  return fail(ErrorCode::invalid, "there is no such record type", "one of " + known, std::string{field});
}

Result<std::string> read_entity_type(const http::Request& request, const Rules& rules) {
  constexpr std::string_view name = "entityType";
  const auto text = request.query_value(name);
  return !text || text->empty() ? std::string{} : read_type(rules, *text, name);
}

Result<std::int64_t> read_number(std::string_view text, std::string_view what) {
  const auto number = parse_integer(text);
  if (!number || *number < 1) {
    return fail(ErrorCode::not_found, "there is no such " + std::string{what}, "its id is a number");
  }
  return *number;
}

Result<std::optional<std::int64_t>> read_if_match(const http::Request& request) {
  const auto header = request.headers.find("If-Match");
  if (!header || *header == "*") {
    return std::optional<std::int64_t>{};
  }
  std::string_view tag = *header;
  const bool quoted = tag.size() >= 2 && tag.front() == '"' && tag.back() == '"';
  if (quoted) {
    tag = tag.substr(1, tag.size() - 2);
  }
  if (const auto version = parse_integer(tag)) {
    return version;
  }
  if (quoted && !tag.contains('"')) {
    // A well-formed tag that we never gave out matches no version.
    return std::optional<std::int64_t>{-1};
  }
  return fail(
      ErrorCode::invalid,
      "If-Match is not one version",
      "send the record's version, such as \"3\"",
      "If-Match"
  );
}

std::string actor_of(const http::Peer& peer) {
  if (peer.kind == http::Peer::Kind::tcp) {
    return peer.address;
  }
  return peer.uid ? "uid " + std::to_string(*peer.uid) : "uid unknown";
}

}  // namespace hubsync::api
