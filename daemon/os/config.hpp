// The effective configuration of the daemon: where it is read from, what it may be, and how it is printed.
// Plain data once loaded; any thread. Holds no secret, only the names of the files that do (secrets.hpp reads
// them).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"
#include "common/time.hpp"
#include "daemon/core/rules.hpp"
#include "daemon/os/log_line.hpp"

namespace hubsync {

/// One mapped field: a local field and the HubSpot property it is synchronised with.
struct FieldConfig {
  std::string local;
  std::string property;
  Direction direction = Direction::both;
  std::optional<Policy> conflict = std::nullopt;  ///< Nothing: the policy of the [sync] table.

  bool operator==(const FieldConfig&) const = default;
};

/// One object type: `name` is HubSpot's ("contacts") or one of our own, `fields` in file order.
struct ObjectConfig {
  std::string name;
  std::string key;  ///< A local field; empty: records are never matched by what they hold.
  std::vector<FieldConfig> fields;
  std::string object_type_id = {};  ///< "2-12345678"; only of a name of our own.
  std::string singular = {};        ///< Of a name of our own; empty: the name.

  bool operator==(const ObjectConfig&) const = default;
};

/// "127.0.0.1:3001", "[::1]:0", "localhost:80". An empty host means: do not listen. Port 0 lets the kernel
/// choose.
struct ListenAddress {
  std::string host;
  std::uint16_t port = 0;

  [[nodiscard]] bool enabled() const { return !host.empty(); }
  bool operator==(const ListenAddress&) const = default;
};

/// Every setting with its default. `load_config` has checked all of it; nothing else makes one outside of
/// tests.
struct Config {
  struct Hubspot {
    std::string base_url = "https://api.hubapi.com";  ///< No trailing slash; http only for loopback.
    std::string access_token_file = "/etc/hubsync/token";
    std::string client_id;  ///< Of an OAuth app, whose refresh token is used instead; empty for none.
    std::string client_secret_file = "/etc/hubsync/client-secret";
    std::string refresh_token_file = "/etc/hubsync/refresh-token";
    std::string api_version = "2026-09";  ///< "2026-09", "2026-03" or "v3" (HUBSPOT.md §1).
    Duration request_timeout = std::chrono::seconds{30};
    std::string ca_file;  ///< Extra trust anchors; empty for none.
    bool operator==(const Hubspot&) const = default;
  } hubspot;

  struct RateLimit {
    int requests = 100;  ///< Tokens in the bucket.
    Duration interval = std::chrono::seconds{10};
    int search_per_second = 5;
    std::int64_t daily = 250'000;
    bool operator==(const RateLimit&) const = default;
  } rate_limit;

  struct Sync {
    using DeleteLimit = hubsync::DeleteLimit;
    Duration poll_interval = std::chrono::minutes{5};
    Duration poll_interval_with_webhooks{0};          ///< While webhooks flow; zero: as ever.
    Duration full_interval = std::chrono::hours{24};  ///< Zero: only when triggered.
    Detection conflict_detection = Detection::field;
    Policy conflict_policy = Policy::manual;
    DeleteLimit max_delete;
    int concurrency = 5;
    bool operator==(const Sync&) const = default;
  } sync;

  struct Retry {
    Duration base = std::chrono::seconds{1};
    double multiplier = 2;
    Duration max_delay = std::chrono::seconds{32};
    int max_retries = 5;
    bool operator==(const Retry&) const = default;
  } retry;

  struct Store {
    std::string path = "/var/lib/hubsync/hubsync.db";
    Duration log_retention = std::chrono::days{30};
    bool operator==(const Store&) const = default;
  } store;

  struct Control {
    std::string socket = "/run/hubsync/hubsyncd.sock";
    ListenAddress listen;    ///< Loopback only; needs `token_file`.
    std::string token_file;  ///< Empty for none.
    bool operator==(const Control&) const = default;
  } control;

  struct Webhooks {
    ListenAddress listen{"127.0.0.1", 3001};
    std::string path = "/api/webhooks/hubspot";
    std::string public_url;  ///< Scheme and host, no trailing slash; empty when not configured.
    std::string secret_file = "/etc/hubsync/webhook-secret";
    bool older_signatures = false;  ///< Versions 1 and 2 as well; they do not cover the time.
    std::string tls_certificate;    ///< Both or neither of these two.
    std::string tls_key;
    bool operator==(const Webhooks&) const = default;
  } webhooks;

  struct Log {
    LogLevel level = LogLevel::info;
    LogFormat format = LogFormat::text;  ///< journald by default when stderr is the journal's stream.
    std::string journal_socket = "/run/systemd/journal/socket";  ///< HUBSYNC_JOURNAL_SOCKET only.
    bool operator==(const Log&) const = default;
  } log;

  std::vector<ObjectConfig> objects;  ///< Contacts, companies, then the others in file order.

  std::string file;  ///< The file that was read; empty when there was none.
  std::map<std::string, std::string>
      origins;  ///< "sync.poll_interval" → "FILE:12", "environment X", "flag --x".
};

/// A value given on the command line: `flag` ("--db") is only named in messages.
struct ConfigOverride {
  std::string key;  ///< "store.path"
  std::string value;
  std::string flag;
};

/// Everything the configuration is made from, strongest last.
struct ConfigSources {
  std::optional<std::string> file =
      std::nullopt;  ///< `--config`: must exist. Else HUBSYNC_CONFIG, else the default.
  std::string default_file = "/etc/hubsync/hubsync.toml";  ///< May be missing.
  std::map<std::string, std::string> environment = {};
  std::vector<ConfigOverride> overrides = {};
};

/// The built-in configuration, before any file or environment.
[[nodiscard]] Config default_config();

/// The variables of this process's environment that the configuration looks at, and no others: no secret is
/// copied.
[[nodiscard]] std::map<std::string, std::string> config_environment();

/// Reads, merges and checks. The error's message has one line for each problem: "FILE:LINE: key: what;
/// allowed: …".
[[nodiscard]] Result<Config> load_config(const ConfigSources& sources);

/// The effective configuration as TOML, each line with a trailing comment that says where its value came
/// from.
[[nodiscard]] std::string show_config(const Config& config);

/// The keys whose values differ, as the file names them: "sync.poll_interval"; a type's mapping is one key,
/// "objects.contacts".
[[nodiscard]] std::vector<std::string> changed_keys(const Config& before, const Config& after);

/// "pull", "manual", "record", …: the words of the file.
[[nodiscard]] std::string_view direction_name(Direction direction);
[[nodiscard]] std::string_view policy_name(Policy policy);
[[nodiscard]] std::string_view detection_name(Detection detection);

/// "127.0.0.1:3001"; empty when it does not listen.
[[nodiscard]] std::string format_address(const ListenAddress& address);

}  // namespace hubsync
