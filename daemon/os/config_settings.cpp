#include "daemon/os/config_settings.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "daemon/os/config_values.hpp"

namespace hubsync {
namespace {

using namespace std::chrono_literals;
using Kind = ConfigNode::Kind;

constexpr Duration year = std::chrono::days{365};

/// Stores a parsed value through `get`, or hands on what is wrong with it.
template <class Get, class T>
std::string store(const Get& get, Config& config, Parsed<T> parsed) {
  if (!parsed) {
    return std::move(parsed.error());
  }
  using Field = std::remove_reference_t<decltype(get(config))>;
  get(config) = static_cast<Field>(*std::move(parsed));
  return {};
}

template <class Get, class Parse>
Setting text_setting(
    std::string_view key, std::string_view variable, std::string_view allowed, Get get, Parse parse
) {
  return {
      .key = std::string{key},
      .variable = std::string{variable},
      .kinds = {Kind::string},
      .allowed = std::string{allowed},
      .set = [get, parse](Config& config, std::string_view text) { return store(get, config, parse(text)); },
      .show = [get](const Config& config) { return quoted(get(config)); }
  };
}

template <class Get>
Setting path_setting(std::string_view key, Get get) {
  return text_setting(key, {}, "a file's path, or \"\" for none", get, [](std::string_view text) {
    return parse_path(text, true);
  });
}

template <class Get>
Setting duration_setting(
    std::string_view key, Get get, Duration min, Duration max, bool zero_allowed = false
) {
  std::string allowed = "a duration from " + format_duration(min) + " to " + format_duration(max) +
                        (zero_allowed ? ", or \"0\"" : "") + ": a number and one of ms, s, m, h, d";
  return {
      .key = std::string{key},
      .variable = {},
      .kinds = zero_allowed ? std::vector{Kind::string, Kind::integer} : std::vector{Kind::string},
      .allowed = std::move(allowed),
      .set = [=](Config& config, std::string_view text
             ) { return store(get, config, parse_bounded_duration(text, min, max, zero_allowed)); },
      .show = [get](const Config& config) { return quoted(format_duration(get(config))); }
  };
}

template <class Get>
Setting count_setting(std::string_view key, Get get, std::int64_t min, std::int64_t max) {
  return {
      .key = std::string{key},
      .variable = {},
      .kinds = {Kind::integer},
      .allowed = "a whole number from " + std::to_string(min) + " to " + std::to_string(max),
      .set = [=](Config& config,
                 std::string_view text) { return store(get, config, parse_count(text, min, max)); },
      .show = [get](const Config& config) { return std::to_string(get(config)); }
  };
}

template <class T, std::size_t Count>
using Choices = std::array<std::pair<std::string_view, T>, Count>;

template <class Get, class T, std::size_t Count>
Setting choice_setting(std::string_view key, std::string_view variable, Get get, Choices<T, Count> choices) {
  std::array<std::string_view, Count> words{};
  std::ranges::transform(choices, words.begin(), [](const auto& choice) { return choice.first; });
  return {
      .key = std::string{key},
      .variable = std::string{variable},
      .kinds = {Kind::string},
      .allowed = one_of(words),
      .set = [=](Config& config, std::string_view text) -> std::string {
        const auto* choice = std::ranges::find(choices, text, [](const auto& each) { return each.first; });
        if (choice == choices.end()) {
          return "is none of the choices";
        }
        get(config) = choice->second;
        return {};
      },
      .show =
          [=](const Config& config) {
            const auto* choice =
                std::ranges::find(choices, get(config), [](const auto& each) { return each.second; });
            return quoted(choice == choices.end() ? std::string_view{} : choice->first);
          }
  };
}

template <class Get>
Setting listen_setting(std::string_view key, std::string_view allowed, Get get) {
  return {
      .key = std::string{key},
      .variable = {},
      .kinds = {Kind::string},
      .allowed = std::string{allowed},
      .set = [get](
                 Config& config, std::string_view text
             ) { return store(get, config, parse_listen_address(text)); },
      .show = [get](const Config& config) { return quoted(format_address(get(config))); }
  };
}

Setting delete_limit_setting() {
  const auto get = [](auto& config) -> auto& { return config.sync.max_delete; };
  return {
      .key = "sync.max_delete",
      .variable = {},
      .kinds = {Kind::string, Kind::integer},
      .allowed = "a percentage from \"0%\" to \"100%\", or a count like 20",
      .set = [get](
                 Config& config, std::string_view text
             ) { return store(get, config, parse_delete_limit(text)); },
      .show =
          [](const Config& config) {
            const std::string number = std::to_string(config.sync.max_delete.value);
            return config.sync.max_delete.percent ? quoted(number + "%") : number;
          }
  };
}

Setting multiplier_setting() {
  const auto get = [](auto& config) -> auto& { return config.retry.multiplier; };
  return {
      .key = "retry.multiplier",
      .variable = {},
      .kinds = {Kind::integer, Kind::number},
      .allowed = "a number from 1 to 10",
      .set = [get](
                 Config& config, std::string_view text
             ) { return store(get, config, parse_number(text, 1, 10)); },
      .show =
          [](const Config& config) {
            std::array<char, 64> text{};
            const auto end = std::to_chars(text.data(), text.data() + text.size(), config.retry.multiplier);
            return std::string{text.data(), end.ptr};
          }
  };
}

/// A getter that serves both the writing and the reading lambda of a row.
#define FIELD(member) [](auto& config) -> auto& { return config.member; }

void add_hubspot(std::vector<Setting>& rows) {
  constexpr Choices<std::string_view, 3> versions{
      {{"2026-09", "2026-09"}, {"2026-03", "2026-03"}, {"v3", "v3"}}
  };
  rows.push_back(text_setting(
      "hubspot.base_url",
      "HUBSPOT_BASE_URL",
      "an https URL; http only for loopback",
      FIELD(hubspot.base_url),
      [](std::string_view text) { return parse_base_url(text, false, true); }
  ));
  rows.push_back(path_setting("hubspot.access_token_file", FIELD(hubspot.access_token_file)));
  rows.push_back(text_setting(
      "hubspot.client_id",
      "HUBSPOT_CLIENT_ID",
      "the client id of a HubSpot app (letters, digits, - . _), or \"\"",
      FIELD(hubspot.client_id),
      parse_client_id
  ));
  rows.push_back(path_setting("hubspot.client_secret_file", FIELD(hubspot.client_secret_file)));
  rows.push_back(path_setting("hubspot.refresh_token_file", FIELD(hubspot.refresh_token_file)));
  rows.push_back(choice_setting("hubspot.api_version", {}, FIELD(hubspot.api_version), versions));
  rows.push_back(duration_setting("hubspot.request_timeout", FIELD(hubspot.request_timeout), 100ms, 10min));
  rows.push_back(path_setting("hubspot.ca_file", FIELD(hubspot.ca_file)));
}

void add_rate_limit(std::vector<Setting>& rows) {
  rows.push_back(count_setting("rate_limit.requests", FIELD(rate_limit.requests), 1, 1000));
  rows.push_back(duration_setting("rate_limit.interval", FIELD(rate_limit.interval), 100ms, 1h));
  rows.push_back(count_setting("rate_limit.search_per_second", FIELD(rate_limit.search_per_second), 1, 100));
  rows.push_back(count_setting("rate_limit.daily", FIELD(rate_limit.daily), 1, 1'000'000'000));
}

void add_sync(std::vector<Setting>& rows) {
  constexpr Choices<Detection, 2> detections{{{"field", Detection::field}, {"record", Detection::record}}};
  constexpr Choices<Policy, 4> policies{
      {{"manual", Policy::manual},
       {"newest", Policy::newest},
       {"local", Policy::local},
       {"hubspot", Policy::hubspot}}
  };
  rows.push_back(duration_setting("sync.poll_interval", FIELD(sync.poll_interval), 10ms, 24h));
  rows.push_back(duration_setting(
      "sync.poll_interval_with_webhooks", FIELD(sync.poll_interval_with_webhooks), 10ms, 24h, true
  ));
  rows.push_back(duration_setting("sync.full_interval", FIELD(sync.full_interval), 1s, year, true));
  rows.push_back(choice_setting("sync.conflict_detection", {}, FIELD(sync.conflict_detection), detections));
  rows.push_back(choice_setting("sync.conflict_policy", {}, FIELD(sync.conflict_policy), policies));
  rows.push_back(delete_limit_setting());
  rows.push_back(count_setting("sync.concurrency", FIELD(sync.concurrency), 1, 64));
}

void add_retry(std::vector<Setting>& rows) {
  rows.push_back(duration_setting("retry.base", FIELD(retry.base), 1ms, 1h));
  rows.push_back(multiplier_setting());
  rows.push_back(duration_setting("retry.max_delay", FIELD(retry.max_delay), 1ms, 24h));
  rows.push_back(count_setting("retry.max_retries", FIELD(retry.max_retries), 0, 100));
}

void add_store(std::vector<Setting>& rows) {
  rows.push_back(text_setting(
      "store.path",
      "HUBSYNC_DB",
      "the path of the database file",
      FIELD(store.path),
      [](std::string_view text) { return parse_path(text, false); }
  ));
  rows.push_back(duration_setting("store.log_retention", FIELD(store.log_retention), 100ms, 100 * year));
}

void add_control(std::vector<Setting>& rows) {
  rows.push_back(text_setting(
      "control.socket",
      "HUBSYNC_SOCKET",
      "the path of a Unix socket, at most 107 bytes",
      FIELD(control.socket),
      parse_socket_path
  ));
  rows.push_back(listen_setting(
      "control.listen",
      "a loopback address with a port, like \"127.0.0.1:3002\", or \"\" for none",
      FIELD(control.listen)
  ));
  rows.push_back(path_setting("control.token_file", FIELD(control.token_file)));
}

void add_webhooks(std::vector<Setting>& rows) {
  rows.push_back(listen_setting(
      "webhooks.listen",
      "an IP address with a port, like \"127.0.0.1:3001\" or \"[::1]:3001\", or \"\" for none",
      FIELD(webhooks.listen)
  ));
  rows.push_back(text_setting(
      "webhooks.path",
      {},
      "a path that begins with / and has only letters, digits and - . _ ~ /",
      FIELD(webhooks.path),
      parse_url_path
  ));
  rows.push_back(text_setting(
      "webhooks.public_url",
      {},
      "scheme and host only, like \"https://sync.example.com\", or \"\"",
      FIELD(webhooks.public_url),
      [](std::string_view text) {
        return text.empty() ? Parsed<std::string>{} : parse_base_url(text, true, false);
      }
  ));
  rows.push_back(path_setting("webhooks.secret_file", FIELD(webhooks.secret_file)));
  constexpr Choices<bool, 2> signatures{{{"v3", false}, {"all", true}}};
  rows.push_back(choice_setting("webhooks.signatures", {}, FIELD(webhooks.older_signatures), signatures));
  rows.push_back(path_setting("webhooks.tls_certificate", FIELD(webhooks.tls_certificate)));
  rows.push_back(path_setting("webhooks.tls_key", FIELD(webhooks.tls_key)));
}

void add_log(std::vector<Setting>& rows) {
  constexpr Choices<LogLevel, 5> levels{
      {{"trace", LogLevel::trace},
       {"debug", LogLevel::debug},
       {"info", LogLevel::info},
       {"warn", LogLevel::warn},
       {"error", LogLevel::error}}
  };
  constexpr Choices<LogFormat, 3> formats{
      {{"text", LogFormat::text}, {"json", LogFormat::json}, {"journald", LogFormat::journald}}
  };
  rows.push_back(choice_setting("log.level", "HUBSYNC_LOG_LEVEL", FIELD(log.level), levels));
  rows.push_back(choice_setting("log.format", {}, FIELD(log.format), formats));
}

#undef FIELD

std::vector<Setting> make_settings() {
  std::vector<Setting> rows;
  for (const auto add :
       {add_hubspot, add_rate_limit, add_sync, add_retry, add_store, add_control, add_webhooks, add_log}) {
    add(rows);
  }
  return rows;
}

}  // namespace

std::span<const Setting> all_settings() {
  static const std::vector<Setting> rows = make_settings();
  return rows;
}

const Setting* find_setting(std::string_view key) {
  const std::span<const Setting> rows = all_settings();
  const auto row = std::ranges::find(rows, key, &Setting::key);
  return row == rows.end() ? nullptr : &*row;
}

std::string one_of(std::span<const std::string_view> words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    text.append(i == 0 ? "" : i + 1 == words.size() ? " or " : ", ").append(quoted(words[i]));
  }
  return text;
}

}  // namespace hubsync
