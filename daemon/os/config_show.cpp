// What a configuration looks like as a whole: checks across settings, and the text of `config show`.
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "daemon/os/config_reading.hpp"
#include "daemon/os/config_settings.hpp"
#include "daemon/os/config_values.hpp"

namespace hubsync {
namespace {

constexpr std::size_t comment_column = 56;

/// A file that is named must be there; who may read it is for the user who starts the daemon to find out.
void check_file(const std::string& key, const std::string& path, ConfigReading& reading) {
  struct stat status{};
  if (!path.empty() && ::stat(path.c_str(), &status) != 0 && (errno == ENOENT || errno == ENOTDIR)) {
    reading.problem(
        reading.origin(key),
        key,
        shown(path) + " does not exist; allowed: the path of an existing file, or \"\""
    );
  }
}

/// Two credentials, of which one would be ignored in silence. The default file says nothing: `config show`
/// prints it too, and it need not exist.
void check_credential(ConfigReading& reading) {
  const std::string& file = reading.config.hubspot.access_token_file;
  if (reading.config.hubspot.client_id.empty() || file.empty() ||
      file == Config::Hubspot{}.access_token_file) {
    return;
  }
  reading.problem(
      reading.origin("hubspot.client_id"),
      "hubspot.client_id",
      "stands beside hubspot.access_token_file (" + reading.origin("hubspot.access_token_file") +
          "); allowed: OAuth (hubspot.client_id, hubspot.client_secret_file, hubspot.refresh_token_file) or "
          "a "
          "static access token (hubspot.access_token_file)"
  );
}

void check_control(ConfigReading& reading) {
  const Config::Control& control = reading.config.control;
  if (!control.listen.enabled()) {
    return;
  }
  const std::string origin = reading.origin("control.listen");
  if (!is_loopback(control.listen.host)) {
    reading.problem(
        origin,
        "control.listen",
        shown(format_address(control.listen)) +
            " is not loopback, and this listener has no TLS; allowed: 127.0.0.1 or [::1], with a TLS proxy "
            "before it"
    );
  }
  if (control.token_file.empty()) {
    reading.problem(
        origin, "control.listen", "needs a bearer token; allowed: only together with control.token_file"
    );
  }
}

void check_webhooks(ConfigReading& reading) {
  const Config::Webhooks& webhooks = reading.config.webhooks;
  if (webhooks.tls_certificate.empty() != webhooks.tls_key.empty()) {
    const std::string key = webhooks.tls_key.empty() ? "webhooks.tls_certificate" : "webhooks.tls_key";
    reading.problem(
        reading.origin(key),
        key,
        "stands alone; allowed: webhooks.tls_certificate and webhooks.tls_key together"
    );
  }
  if (webhooks.listen.enabled() && webhooks.listen.port != 0 &&
      webhooks.listen == reading.config.control.listen) {
    reading.problem(
        reading.origin("webhooks.listen"),
        "webhooks.listen",
        "is the same address as control.listen; allowed: two different ones"
    );
  }
}

std::string origin_comment(const Config& config, const std::string& key) {
  const auto found = config.origins.find(key);
  return found == config.origins.end() ? "default" : found->second;
}

void add_line(std::string& text, std::string line, const std::string& comment) {
  line.resize(std::max(line.size() + 1, comment_column), ' ');
  text.append(line).append("# ").append(comment).append("\n");
}

std::string field_value(const FieldConfig& field) {
  if (field.direction == Direction::both && !field.conflict) {
    return quoted(field.property);
  }
  std::string text = "{ property = " + quoted(field.property);
  if (field.direction != Direction::both) {
    text.append(", direction = ").append(quoted(direction_name(field.direction)));
  }
  if (field.conflict) {
    text.append(", conflict = ").append(quoted(policy_name(*field.conflict)));
  }
  return text + " }";
}

void add_object(std::string& text, const Config& config, const ObjectConfig& object) {
  const std::string table = "objects." + object.name;
  text.append("\n[" + table + "]\n");
  const auto add = [&](const std::string& key, const std::string& value) {
    if (!value.empty()) {
      add_line(text, key + " = " + quoted(value), origin_comment(config, table + "." + key));
    }
  };
  add("object_type_id", object.object_type_id);
  add("singular", object.singular);
  add("key", object.key);
  text.append("[" + table + ".fields]\n");
  for (const FieldConfig& field : object.fields) {
    const std::string key = table + ".fields." + field.local;
    add_line(text, field.local + " = " + field_value(field), origin_comment(config, key));
  }
}

}  // namespace

void check_combinations(ConfigReading& reading) {
  const Config& config = reading.config;
  if (config.retry.base > config.retry.max_delay) {
    const std::string key = reading.origin("retry.base").empty() ? "retry.max_delay" : "retry.base";
    reading.problem(
        reading.origin(key),
        key,
        "retry.base (" + format_duration(config.retry.base) + ") is longer than retry.max_delay (" +
            format_duration(config.retry.max_delay) + "); allowed: at most retry.max_delay"
    );
  }
  check_credential(reading);
  check_control(reading);
  check_webhooks(reading);
  check_file("hubspot.ca_file", config.hubspot.ca_file, reading);
  check_file("webhooks.tls_certificate", config.webhooks.tls_certificate, reading);
  check_file("webhooks.tls_key", config.webhooks.tls_key, reading);
}

std::string show_config(const Config& config) {
  std::string text = "# " + (config.file.empty() ? std::string{"no configuration file"} : config.file) + "\n";
  std::string_view table;
  for (const Setting& setting : all_settings()) {
    if (setting.table() != table) {
      table = setting.table();
      text.append("\n[").append(table).append("]\n");
    }
    add_line(
        text, std::string{setting.name()} + " = " + setting.show(config), origin_comment(config, setting.key)
    );
  }
  for (const ObjectConfig& object : config.objects) {
    add_object(text, config, object);
  }
  return text;
}

std::vector<std::string> changed_keys(const Config& before, const Config& after) {
  std::vector<std::string> keys;
  for (const Setting& setting : all_settings()) {
    if (setting.show(before) != setting.show(after)) {
      keys.push_back(setting.key);
    }
  }
  for (const ObjectConfig& object : after.objects) {
    if (std::ranges::find(before.objects, object) == before.objects.end()) {
      keys.push_back("objects." + object.name);
    }
  }
  for (const ObjectConfig& object : before.objects) {
    if (std::ranges::find(after.objects, object.name, &ObjectConfig::name) == after.objects.end()) {
      keys.push_back("objects." + object.name);
    }
  }
  return keys;
}

std::string_view detection_name(Detection detection) {
  return detection == Detection::field ? "field" : "record";
}

std::string format_address(const ListenAddress& address) {
  if (!address.enabled()) {
    return {};
  }
  const bool v6 = address.host.find(':') != std::string::npos;
  return (v6 ? "[" + address.host + "]" : address.host) + ":" + std::to_string(address.port);
}

}  // namespace hubsync
