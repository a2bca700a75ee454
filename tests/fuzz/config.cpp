// The configuration file: any text is read or refused, and what `config show` prints is read back as it was.
#include "daemon/os/config.hpp"

#include <algorithm>
#include <string>

#include "daemon/os/config_file.hpp"
#include "daemon/os/config_reading.hpp"
#include "daemon/os/config_settings.hpp"
#include "tests/fuzz/check.hpp"

namespace hubsync::fuzz {
namespace {

void read_setting(const std::string& key, const ConfigNode& node, ConfigReading& reading) {
  const Setting* const setting = find_setting(key);
  if (setting == nullptr || std::ranges::find(setting->kinds, node.kind) == setting->kinds.end()) {
    reading.problem(reading.place(node), key, "is not known");
    return;
  }
  if (const std::string wrong = setting->set(reading.config, node.text); !wrong.empty()) {
    reading.problem(reading.place(node), key, wrong);
  }
}

ConfigReading read(const ConfigNode& root) {
  ConfigReading reading{.config = default_config(), .problems = {}, .first_key = {}};
  for (const auto& [table, node] : root.children) {
    if (table == "objects") {
      read_objects(node, reading);
      continue;
    }
    for (const auto& [name, value] : node.children) {
      std::string key = table;
      key.append(".").append(name);
      read_setting(key, value, reading);
    }
  }
  return reading;
}

}  // namespace
}  // namespace hubsync::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hubsync;
  const auto root = parse_config(fuzz::text_of(data, size), "fuzz");
  if (!root) {
    ASSERT(root.error().message.starts_with("fuzz"));
    return 0;
  }
  const ConfigReading first = fuzz::read(*root);
  if (!first.problems.empty()) {
    return 0;
  }
  const auto shown = parse_config(show_config(first.config), "shown");
  ASSERT(shown);
  ConfigReading second = fuzz::read(*shown);
  ASSERT(second.problems.empty());
  ASSERT(changed_keys(first.config, second.config).empty());
  return 0;
}
