#include "tests/contract/portal.hpp"

#include <chrono>
#include <cstdlib>

#include <boost/asio/steady_timer.hpp>

namespace hubsync::contract {
namespace {

CurlOptions options() {
  CurlOptions options;
  if (const char* const base = std::getenv("HUBSPOT_BASE_URL"); base != nullptr && *base != '\0') {
    options.base_url = base;
  }
  return options;
}

/// Eight calls a second: below the least burst limit (HUBSPOT.md §8).
constexpr std::chrono::milliseconds pace{125};

void wait(std::chrono::milliseconds time) {
  boost::asio::io_context loop;
  boost::asio::steady_timer timer{loop, time};
  timer.wait();
}

}  // namespace

void EnvironmentToken::append_token(std::string& header) const {
  header += std::getenv("HUBSPOT_ACCESS_TOKEN");
}

Portal::Portal(std::string_view version)
    : transport_(loop_.get_executor(), options(), token_),
      client_(transport_, *find_api_version(version)),
      run_(std::to_string(to_ms(std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now())))) {}

Portal::~Portal() {
  for (const auto& [rules, id] : made_) {
    CHECK_MESSAGE(
        ask(client_.archive(*rules, {id}, change)).has_value(), "left in the portal: ", to_string(id)
    );
  }
}

void Portal::keep_pace() {
  wait(pace);
}

bool Portal::eventually(const std::function<bool()>& holds) {
  constexpr int tries = 60;
  for (int i = 0; i < tries; ++i) {
    if (holds()) {
      return true;
    }
    wait(std::chrono::seconds{1});
  }
  return false;
}

std::string Portal::address(std::string_view name) const {
  return "hubsync-" + std::string{name} + "-" + run_ + "@example.com";
}

std::vector<Reply<RemoteRecord>> Portal::write(
    const TypeRules& rules, WriteKind kind, std::vector<WriteInput> inputs
) {
  for (WriteInput& input : inputs) {
    input.trace_id = "t" + std::to_string(++traces_);
  }
  return ask(client_.write(rules, kind, std::move(inputs), change));
}

HubspotId Portal::make(const TypeRules& rules, Fields fields) {
  auto replies = write(rules, WriteKind::create, {{.trace_id = "", .fields = std::move(fields)}});
  REQUIRE(replies.size() == 1);
  REQUIRE_MESSAGE(replies[0].has_value(), (replies[0] ? "" : replies[0].error().message));
  forget_later(rules, replies[0]->id);
  return replies[0]->id;
}

RemoteRecord Portal::read(const TypeRules& rules, HubspotId id, bool with_history) {
  auto result = ask(client_.read(rules, {id}, false, with_history, change));
  REQUIRE_MESSAGE(result.has_value(), (result ? "" : result.error().message));
  REQUIRE(result->records.size() == 1);
  return std::move(result->records.front());
}

}  // namespace hubsync::contract
