// What monitoring is built on: the metrics, and the alert rules and the dashboard that come with the package.
// promtool, of Debian's package prometheus, checks them where it is installed: ./dev package --test installs
// it.
#include <set>

#include <doctest/doctest.h>

#include "tests/process/rig.hpp"

using namespace hubsync::rig;

namespace {

const std::string monitoring = HUBSYNC_SOURCE_DIR "/systemd/monitoring";

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// Runs it in the folder of the rules; it must have nothing to say.
void promtool(
    const TemporaryDirectory& directory, const std::string& command, const std::string& input = {}
) {
  const std::string words =
      "command -v promtool >/dev/null || exit 77; cd '" + monitoring + "' && " + command;
  const Finished checked = run(directory / "promtool", {.words = {"/bin/sh", "-c", words}, .input = input});
  if (checked.code == 77) {
    MESSAGE("not checked: there is no promtool");
    return;
  }
  CHECK_MESSAGE(checked.code == 0, (checked.out + checked.err));
}

/// The names of our metrics in a text.
std::set<std::string> metrics_in(const std::string& text) {
  const std::string letters = "abcdefghijklmnopqrstuvwxyz_";
  std::set<std::string> names;
  for (std::size_t at = text.find("hubsync_"); at != std::string::npos; at = text.find("hubsync_", at + 1)) {
    const std::size_t end = text.find_first_not_of(letters, at);
    names.insert(text.substr(at, end == std::string::npos ? end : end - at));
  }
  return names;
}

}  // namespace

TEST_CASE("metrics are served, and promtool finds nothing to say about them") {
  Rig rig{{.sim = {"--contacts", "5", "--companies", "2"}}};
  rig.start();
  rig.full_sync();
  const Reply open_metrics = rig.api("GET", "/metrics");
  CHECK(open_metrics.status == 200);
  CHECK(contains(open_metrics.header("content-type"), "application/openmetrics-text"));
  CHECK(contains(open_metrics.body, "hubsync_records{type=\"contacts\",status=\"synced\"} 5\n"));
  CHECK(contains(open_metrics.body, "hubsync_runs_total{kind=\"full\",state=\"succeeded\"} "));
  CHECK(contains(open_metrics.body, "hubsync_freshness{verdict=\"current\"} 1\n"));
  CHECK_FALSE(contains(open_metrics.body, "process_resident_memory_bytes 0\n"));
  CHECK_FALSE(contains(open_metrics.body, "hubsync_api_calls_total{outcome=\"ok\"} 0\n"));
  CHECK(open_metrics.body.ends_with("# EOF\n"));
  const Reply plain = rig.api("GET", "/metrics", "", {{"Accept", "text/plain"}});
  promtool(rig.directory(), "promtool check metrics", plain.body);
}

TEST_CASE("alert rules and dashboard name only metrics that there are") {
  Rig rig{{.sim = {"--contacts", "5", "--companies", "2"}}};
  const std::string secret = rig.directory() / "webhook-secret";
  write_file(secret, "a-secret-for-webhooks\n");
  rig.configure({{"webhooks", {{"listen", "\"127.0.0.1:0\""}, {"secret_file", "\"" + secret + "\""}}}});
  rig.start();
  // The age of something is told once there was something.
  rig.full_sync();
  REQUIRE(rig.cli({"sync", "--wait"}).code == 0);
  REQUIRE(rig.cli({"webhooks", "test"}).code == 0);
  const std::set<std::string> served = metrics_in(rig.api("GET", "/metrics").body);
  for (const std::string file : {"alerts.yml", "grafana.json"}) {
    const std::set<std::string> named = metrics_in(read_file(monitoring + "/" + file));
    CHECK(named.size() > 5);
    for (const std::string& name : named) {
      CHECK_MESSAGE(served.contains(name), (file + " names " + name));
    }
  }
}

TEST_CASE("promtool takes the alert rules, and each fires for its trouble and no other") {
  const TemporaryDirectory directory;
  promtool(directory, "promtool check rules alerts.yml");
  promtool(directory, "promtool test rules alerts_test.yml");
}
