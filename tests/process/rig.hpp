// What a process test stands on: hubspot-sim and hubsyncd on loopback with a directory of their own, the CLI
// beside them, and both sides' records to compare. One thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/process/http.hpp"
#include "tests/process/process.hpp"

namespace hubsync::rig {

/// A simulated HubSpot.
class Sim {
 public:
  Sim(const std::string& log, const std::vector<std::string>& options);

  [[nodiscard]] const std::string& url() const { return url_; }
  [[nodiscard]] Address address() const { return {url_.substr(url_.rfind('/') + 1)}; }

  /// A call of its admin endpoint, "/_sim/…"; fails the test unless it succeeds.
  Json admin(const std::string& method, const std::string& path, const Json& body = nullptr);

  /// Every record of a type, archived ones last.
  [[nodiscard]] std::vector<Json> dump(const std::string& type);
  /// The stored value of a record's property; empty without one.
  [[nodiscard]] std::string value(
      const std::string& type, const std::string& id, const std::string& property
  );

  /// Calls counted since the last reset_counters(), and those of them answered 429.
  [[nodiscard]] std::int64_t calls();
  [[nodiscard]] std::int64_t throttled();
  void reset_counters() { admin("DELETE", "/_sim/counters"); }

 private:
  Process process_;
  std::string url_;
};

/// A TOML value by table and key; "" as value leaves the key out.
using Settings = std::map<std::string, std::map<std::string, std::string>>;

struct RigOptions {
  std::vector<std::string> sim = {};
  Settings settings = {};
  std::string token = "pat-na1-sim";
};

class Rig {
 public:
  explicit Rig(const RigOptions& options = {});

  Sim& sim() { return sim_; }
  [[nodiscard]] const TemporaryDirectory& directory() const { return directory_; }
  [[nodiscard]] std::string socket() const { return directory_ / "control.sock"; }
  [[nodiscard]] std::string database() const { return directory_ / "hubsync.db"; }
  [[nodiscard]] std::string config_file() const { return directory_ / "hubsync.toml"; }

  /// Settings over those of the rig, for the next start.
  void configure(const Settings& settings);

  /// Starts a daemon and waits until it answers.
  Process& start(const Environment& environment = {});
  /// Starts a daemon that need not come up; another one may be running.
  [[nodiscard]] std::unique_ptr<Process> launch_daemon(
      const std::vector<std::string>& arguments, const Environment& environment = {}
  );
  Process& daemon() { return *daemon_; }
  /// SIGTERM; the exit code.
  int stop();

  /// Runs `hubsync` with these arguments to its end.
  Finished cli(const std::vector<std::string>& arguments, const std::string& input = {});
  /// The same with --json; fails the test unless it exits with 0 and prints JSON.
  Json cli_json(std::vector<std::string> arguments);

  /// A request to the control API.
  Reply api(
      const std::string& method,
      const std::string& target,
      const std::string& body = {},
      const std::vector<std::pair<std::string, std::string>>& headers = {}
  );
  Json get(const std::string& target);

  /// Every live record of a type, by the walk of the control API.
  [[nodiscard]] std::vector<Json> local(const std::string& type);

  /// Waits until nothing is left to do; `full` reads everything of HubSpot first.
  void settle();
  void full_sync();

  /// Where daemon and HubSpot differ in mapped fields and associations: one line each, none when equal.
  [[nodiscard]] std::vector<std::string> differences();

 private:
  std::string log_name(std::string_view name) {
    return directory_ / (std::string{name} + std::to_string(++logs_));
  }

  TemporaryDirectory directory_;
  int logs_ = 0;
  Sim sim_;
  Settings settings_;
  std::unique_ptr<Process> daemon_;
};

/// Lines as one text for a failed check.
[[nodiscard]] std::string joined(const std::vector<std::string>& lines);

}  // namespace hubsync::rig
