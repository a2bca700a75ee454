#include "daemon/os/config_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <tuple>

#include <toml++/toml.h>

#include "daemon/os/file.hpp"
#include "daemon/os/redact.hpp"

namespace hubsync {
namespace {

constexpr std::size_t max_config_bytes = 1024 * 1024;

std::string number_text(double value) {
  std::array<char, 64> buffer{};
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  return error == std::errc{} ? std::string{buffer.data(), end} : std::string{};
}

ConfigNode convert(const toml::node& node, int line);

ConfigNode convert_table(const toml::table& table, int line) {
  struct Entry {
    toml::source_position position;
    const toml::key* key;
    const toml::node* value;
  };
  std::vector<Entry> entries;
  for (const auto& [key, value] : table) {
    entries.push_back({key.source().begin, &key, &value});
  }
  std::ranges::sort(entries, {}, [](const Entry& entry) {
    return std::tuple{entry.position.line, entry.position.column};
  });
  ConfigNode result{.kind = ConfigNode::Kind::table, .text = {}, .line = line};
  for (const Entry& entry : entries) {
    result.children.emplace_back(
        std::string{entry.key->str()}, convert(*entry.value, static_cast<int>(entry.position.line))
    );
  }
  return result;
}

ConfigNode convert(const toml::node& node, int line) {
  using Kind = ConfigNode::Kind;
  if (const toml::table* table = node.as_table()) {
    return convert_table(*table, line);
  }
  if (const auto* text = node.as_string()) {
    return {Kind::string, text->get(), line};
  }
  if (const auto* integer = node.as_integer()) {
    return {Kind::integer, std::to_string(integer->get()), line};
  }
  if (const auto* number = node.as_floating_point()) {
    return {Kind::number, number_text(number->get()), line};
  }
  if (const auto* boolean = node.as_boolean()) {
    return {Kind::boolean, boolean->get() ? "true" : "false", line};
  }
  return {node.is_array() ? Kind::array : Kind::time, {}, line};
}

}  // namespace

std::string_view kind_name(ConfigNode::Kind kind) {
  switch (kind) {
    case ConfigNode::Kind::string:
      return "a string";
    case ConfigNode::Kind::integer:
      return "an integer";
    case ConfigNode::Kind::number:
      return "a number";
    case ConfigNode::Kind::boolean:
      return "true or false";
    case ConfigNode::Kind::table:
      return "a table";
    case ConfigNode::Kind::array:
      return "an array";
    case ConfigNode::Kind::time:
      return "a date or time";
  }
  return {};
}

Result<ConfigNode> parse_config(std::string_view text, const std::string& name) {
  try {
    return convert(toml::parse(text, name), 1);
  } catch (const toml::parse_error& error) {
    return fail(
        ErrorCode::invalid,
        name + ":" + std::to_string(error.source().begin.line) + ": not TOML: " + redact(error.description())
    );
  }
}

Result<ConfigNode> read_config_file(const std::string& path) {
  const FileDescriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!file.valid()) {
    return fail_errno(path, errno);
  }
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) {
    return fail_errno(path, errno);
  }
  if (S_ISDIR(status.st_mode)) {
    return fail_errno(path, EISDIR);
  }
  // Who can change this file can send every record elsewhere (base_url) or delete them (max_delete).
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return fail(
        ErrorCode::forbidden,
        path + ": others than its owner may write it; allowed: mode 0644 or less",
        "chmod go-w " + path
    );
  }
  const Result<std::string> text = read_all(file, max_config_bytes, path);
  if (!text) {
    return std::unexpected(text.error());
  }
  return parse_config(*text, path);
}

}  // namespace hubsync
