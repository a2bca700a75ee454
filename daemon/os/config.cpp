#include "daemon/os/config.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

#include "daemon/os/config_file.hpp"
#include "daemon/os/config_reading.hpp"
#include "daemon/os/config_settings.hpp"
#include "daemon/os/config_values.hpp"
#include "daemon/os/log.hpp"

namespace hubsync {
namespace {

constexpr std::size_t max_problems = 20;

/// The names directly under a table, or the tables' own names for "".
std::vector<std::string_view> names_in(std::string_view table) {
  std::vector<std::string_view> names;
  for (const Setting& setting : all_settings()) {
    const std::string_view name = table.empty() ? setting.table() : setting.name();
    if ((table.empty() || setting.table() == table) && !contains(names, name)) {
      names.push_back(name);
    }
  }
  if (table.empty()) {
    names.push_back("objects");
  }
  return names;
}

/// "poll_interval" → "belongs in [sync]", when exactly that key exists in some table.
std::string home_of(std::string_view name) {
  for (const Setting& setting : all_settings()) {
    if (setting.name() == name) {
      return "; it belongs in [" + std::string{setting.table()} + "]";
    }
  }
  return {};
}

std::string kinds_text(const Setting& setting) {
  std::string text;
  for (const ConfigNode::Kind kind : setting.kinds) {
    text.append(text.empty() ? "" : " or ").append(kind_name(kind));
  }
  return text;
}

void apply_text(
    const Setting& setting, std::string_view text, const std::string& origin, ConfigReading& reading
) {
  const std::string problem = setting.set(reading.config, text);
  if (!problem.empty()) {
    reading.problem(origin, setting.key, shown(text) + " " + problem + "; allowed: " + setting.allowed);
    return;
  }
  reading.config.origins[setting.key] = origin;
}

void apply_node(const Setting& setting, const ConfigNode& node, ConfigReading& reading) {
  if (!contains(setting.kinds, node.kind)) {
    reading.problem(
        reading.place(node),
        setting.key,
        std::string{kind_name(node.kind)} + " where " + kinds_text(setting) +
            " is needed; allowed: " + setting.allowed
    );
    return;
  }
  apply_text(setting, node.text, reading.place(node), reading);
}

void read_table(const std::string& table, const ConfigNode& node, ConfigReading& reading) {
  if (!require_table(node, table, reading)) {
    return;
  }
  const std::vector<std::string_view> names = names_in(table);
  for (const auto& [name, value] : node.children) {
    const std::string key = table + "." + name;
    if (const Setting* setting = find_setting(key)) {
      apply_node(*setting, value, reading);
      continue;
    }
    std::string hint = suggestion(name, names);
    if (hint.empty()) {
      hint = home_of(name);
    }
    reading.problem(
        reading.place(value), key, "unknown key" + hint + "; allowed in [" + table + "]: " + one_of(names)
    );
  }
}

void read_file(const ConfigNode& root, ConfigReading& reading) {
  const std::vector<std::string_view> tables = names_in("");
  for (const auto& [name, node] : root.children) {
    if (name == "objects") {
      read_objects(node, reading);
    } else if (contains(tables, name)) {
      read_table(name, node, reading);
    } else {
      const bool is_table = node.kind == ConfigNode::Kind::table;
      std::string hint = is_table ? suggestion(name, tables) : home_of(name);
      reading.problem(
          reading.place(node),
          name,
          (is_table ? "unknown table" : "unknown key") + hint + "; allowed here: the tables " + one_of(tables)
      );
    }
  }
}

/// An empty variable counts as unset, as everywhere in the shell's world.
std::string variable(const ConfigSources& sources, const std::string& name) {
  const auto found = sources.environment.find(name);
  return found == sources.environment.end() ? std::string{} : found->second;
}

void apply_port(const std::string& text, ConfigReading& reading) {
  ListenAddress& listen = reading.config.webhooks.listen;
  const Parsed<std::int64_t> port = parse_count(text, 0, 65535);
  if (!port) {
    reading.problem(
        "environment PORT",
        "webhooks.listen",
        shown(text) + " " + port.error() + "; allowed: a port from 0 to 65535"
    );
  } else if (listen.enabled()) {
    listen.port = static_cast<std::uint16_t>(*port);
    reading.config.origins["webhooks.listen"] = "environment PORT";
  }
}

void apply_environment(const ConfigSources& sources, ConfigReading& reading) {
  for (const Setting& setting : all_settings()) {
    const std::string text = setting.variable.empty() ? std::string{} : variable(sources, setting.variable);
    if (!text.empty()) {
      apply_text(setting, text, "environment " + setting.variable, reading);
    }
  }
  if (const std::string port = variable(sources, "PORT"); !port.empty()) {
    apply_port(port, reading);
  }
  if (reading.origin("log.format").empty() && stderr_is_journal(variable(sources, "JOURNAL_STREAM"))) {
    reading.config.log.format = LogFormat::journald;
  }
  if (const std::string journal = variable(sources, "HUBSYNC_JOURNAL_SOCKET"); !journal.empty()) {
    reading.config.log.journal_socket = journal;
  }
}

void apply_overrides(const ConfigSources& sources, ConfigReading& reading) {
  for (const ConfigOverride& given : sources.overrides) {
    if (const Setting* setting = find_setting(given.key)) {
      apply_text(*setting, given.value, "flag " + given.flag, reading);
    } else {
      reading.problem("flag " + given.flag, given.key, "unknown key");
    }
  }
}

/// The tree of the file to use; an empty one when only the default file could be meant and it does not exist.
Result<ConfigNode> open_file(const ConfigSources& sources, std::string& path) {
  const std::string from_environment = variable(sources, "HUBSYNC_CONFIG");
  const bool named = sources.file || !from_environment.empty();
  path = sources.file ? *sources.file : named ? from_environment : sources.default_file;
  Result<ConfigNode> root = read_config_file(path);
  if (!root && root.error().code == ErrorCode::not_found && !named) {
    path.clear();
    return ConfigNode{};
  }
  if (!root && root.error().code == ErrorCode::not_found) {
    root.error().hint = sources.file ? "named by --config" : "named by HUBSYNC_CONFIG";
  }
  return root;
}

Error as_error(const ConfigReading& reading) {
  Error error{ErrorCode::invalid, {}, {}, reading.first_key};
  const std::size_t count = std::min(reading.problems.size(), max_problems);
  for (std::size_t i = 0; i < count; ++i) {
    error.message.append(i == 0 ? "" : "\n").append(reading.problems[i]);
  }
  if (reading.problems.size() > count) {
    error.message.append("\nand " + std::to_string(reading.problems.size() - count) + " more");
  }
  return error;
}

}  // namespace

Config default_config() {
  Config config;
  config.objects = {
      {"contacts",
       "email",
       {{"email", "email"},
        {"firstName", "firstname"},
        {"lastName", "lastname"},
        {"phone", "phone"},
        {"lifecycle", "lifecyclestage", Direction::pull, Policy::hubspot}}},
      {"companies", "domain", {{"name", "name"}, {"domain", "domain"}, {"industry", "industry"}}}
  };
  return config;
}

std::map<std::string, std::string> config_environment() {
  std::vector<std::string> names{"HUBSYNC_CONFIG", "PORT", "JOURNAL_STREAM", "HUBSYNC_JOURNAL_SOCKET"};
  for (const Setting& setting : all_settings()) {
    if (!setting.variable.empty()) {
      names.push_back(setting.variable);
    }
  }
  std::map<std::string, std::string> environment;
  for (const std::string& name : names) {
    if (const char* value = std::getenv(name.c_str())) {
      environment.emplace(name, value);
    }
  }
  return environment;
}

Result<Config> load_config(const ConfigSources& sources) {
  ConfigReading reading{.config = default_config(), .problems = {}, .first_key = {}};
  const Result<ConfigNode> root = open_file(sources, reading.config.file);
  if (!root) {
    return std::unexpected(root.error());
  }
  read_file(*root, reading);
  apply_environment(sources, reading);
  apply_overrides(sources, reading);
  // A value that was refused is still its default; combining that with others would report nonsense.
  if (reading.problems.empty()) {
    check_combinations(reading);
  }
  if (!reading.problems.empty()) {
    return std::unexpected(as_error(reading));
  }
  return std::move(reading.config);
}

void ConfigReading::problem(std::string_view where, std::string_view key, std::string_view what) {
  if (problems.empty()) {
    first_key = key;
  }
  std::string text{where};
  text.append(where.empty() ? "" : ": ").append(key).append(": ").append(what);
  problems.push_back(std::move(text));
}

std::string ConfigReading::place(const ConfigNode& node) const {
  return config.file + ":" + std::to_string(node.line);
}

std::string ConfigReading::origin(const std::string& key) const {
  const auto found = config.origins.find(key);
  return found == config.origins.end() ? std::string{} : found->second;
}

std::string suggestion(std::string_view word, std::span<const std::string_view> words) {
  const std::optional<std::string_view> near = did_you_mean(word, words);
  return near ? "; did you mean " + quoted(*near) + "?" : std::string{};
}

bool require_table(const ConfigNode& node, std::string_view key, ConfigReading& reading) {
  if (node.kind == ConfigNode::Kind::table) {
    return true;
  }
  reading.problem(
      reading.place(node),
      key,
      std::string{kind_name(node.kind)} + " where a table is needed; allowed: [" + std::string{key} + "]"
  );
  return false;
}

}  // namespace hubsync
