#include "daemon/api/command.hpp"

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>

#include "daemon/api/call.hpp"

namespace hubsync::api {
namespace {

constexpr std::string_view key_header = "Idempotency-Key";
constexpr std::size_t longest_key = 255;

/// Each part with its length before it, so that no two requests give one text.
std::string join(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const std::string_view part : parts) {
    text.append(std::to_string(part.size())).append(":").append(part);
  }
  return text;
}

bool is_visible(char c) {
  return c > ' ' && c <= '~';
}

std::string header_of(const http::Response& response, std::string_view name) {
  const auto found = std::ranges::find(response.headers, name, &std::pair<std::string, std::string>::first);
  return found == response.headers.end() ? std::string{} : found->second;
}

}  // namespace

Result<std::optional<Command>> read_command(const http::Request& request) {
  const auto key = request.headers.find(key_header);
  if (!key || request.method == "GET") {
    return std::optional<Command>{};
  }
  const bool good = !key->empty() && key->size() <= longest_key && std::ranges::all_of(*key, is_visible);
  if (!good || request.headers.count(key_header) > 1) {
    return fail(
        ErrorCode::invalid,
        "the Idempotency-Key cannot be used",
        "one of up to 255 visible ASCII characters, such as a random UUID",
        std::string{key_header}
    );
  }
  const std::string_view version = request.headers.find("If-Match").value_or("");
  return Command{
      .key = std::string{*key},
      .sender = actor_of(request.peer),
      .request = join({request.method, request.target, version, request.body})
  };
}

std::optional<Result<http::Response>> known_answer(
    Repository& repository, const Command& command, Instant now
) {
  auto known = repository.find_command(command, now);
  if (!known) {
    return std::nullopt;
  }
  if (!known->same_request) {
    return fail(
        ErrorCode::conflict,
        "this Idempotency-Key was given to another request",
        "give each command a key of its own",
        std::string{key_header}
    );
  }
  http::Response response = json(std::move(known->answer.body), known->answer.status);
  if (!known->answer.etag.empty()) {
    response.headers.emplace_back("ETag", std::move(known->answer.etag));
  }
  if (!known->answer.location.empty()) {
    response.headers.emplace_back("Location", std::move(known->answer.location));
  }
  return response;
}

void keep_answer(
    Repository& repository,
    const Command& command,
    const LocalId& record,
    const http::Response& response,
    Instant now
) {
  repository.keep_answer(
      command,
      record,
      {.status = response.status,
       .location = header_of(response, "Location"),
       .etag = header_of(response, "ETag"),
       .body = response.body},
      now
  );
}

}  // namespace hubsync::api
