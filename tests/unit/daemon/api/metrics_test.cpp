#include <map>
#include <regex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "daemon/api/exposition.hpp"
#include "tests/unit/daemon/api/fixture.hpp"

using namespace hubsync;
using namespace hubsync::api;

namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = text.find('\n', at);
    lines.push_back(text.substr(at, end - at));
    at = end == std::string::npos ? text.size() : end + 1;
  }
  return lines;
}

/// A strict reader of the part of OpenMetrics that is used here: what is wrong with the text, or nothing.
class OpenMetricsReader {
 public:
  std::string read(const std::string& text) {
    if (!text.ends_with("# EOF\n")) {
      return "no # EOF at the end";
    }
    for (const std::string& line : lines_of(text)) {
      const std::string problem = read_line(line);
      if (!problem.empty()) {
        return problem + ": " + line;
      }
    }
    return {};
  }

  std::map<std::string, std::string> values;  ///< By sample, labels included.

 private:
  std::string read_line(const std::string& line) {
    static const std::regex meta{"# (TYPE|UNIT|HELP) ([a-z_][a-z0-9_]*) (.+)"};
    static const std::regex sample{
        R"(([a-z_][a-z0-9_]*)((?:\{(?:[a-z_]+="(?:[^"\\\n]|\\["\\n])*",?)+\})?) (-?[0-9.]+(?:e[+-]?[0-9]+)?))"
    };
    std::smatch match;
    if (line == "# EOF") {
      return ended_++ ? "a second end" : "";
    }
    if (ended_ > 0) {
      return "something after the end";
    }
    if (std::regex_match(line, match, meta)) {
      return read_meta(match[1], match[2], match[3]);
    }
    if (!std::regex_match(line, match, sample)) {
      return "neither metadata nor a sample";
    }
    const std::string suffix = type_ == "counter" ? "_total" : type_ == "info" ? "_info" : "";
    if (match[1] != family_ + suffix) {
      return "a sample outside of its family";
    }
    const std::string name = match[1].str() + match[2].str();
    return values.emplace(name, match[3]).second ? "" : "the same sample twice";
  }

  std::string read_meta(const std::string& what, const std::string& name, const std::string& rest) {
    if (what == "TYPE") {
      family_ = name;
      type_ = rest;
      const bool known = type_ == "gauge" || type_ == "counter" || type_ == "info";
      const bool reserved = name.ends_with("_total") || name.ends_with("_info");
      return !known                          ? "an unknown type"
             : reserved                      ? "a reserved suffix"
             : families_.insert(name).second ? ""
                                             : "twice";
    }
    if (name != family_) {
      return "metadata outside of its family";
    }
    return what == "UNIT" && !name.ends_with("_" + rest) ? "a name without its unit" : "";
  }

  std::set<std::string> families_;
  std::string family_;
  std::string type_;
  int ended_ = 0;
};

std::string metrics(ApiFixture& api, const std::string& accept) {
  const auto response = api.send("GET", "/metrics", "", {{"Accept", accept}});
  CHECK(response.status == 200);
  return response.body;
}

}  // namespace

TEST_CASE("metrics are well-formed OpenMetrics and tell what the status tells") {
  ApiFixture api;
  api.engine.now = Engine::State::syncing;
  api.repository.totals.records["contacts"] = {
      .total = 9, .synced = 5, .pending = 2, .conflict = 1, .error = 1
  };
  api.repository.totals.queue = {.pending = 2, .running = 1, .retrying = 3, .failed = 4, .completed = 5};
  api.repository.totals.open_conflicts = 6;
  api.repository.totals.inbox.backlog = 8;
  api.repository.totals.inbox.last_event_at = api.clock.now() - std::chrono::minutes{3};
  api.repository.totals.seen_at = api.clock.now() - std::chrono::minutes{1};
  api.services.process = [] {
    return ProcessFigures{.resident_bytes = 4096, .cpu_seconds = 1.5, .open_files = 7};
  };
  api.services.runs = [] { return RunTally{{{"full", "succeeded"}, 2}}; };
  const auto response = api.get("/metrics");
  CHECK(response.content_type == "application/openmetrics-text; version=1.0.0; charset=utf-8");
  OpenMetricsReader reader;
  REQUIRE(reader.read(response.body) == "");
  const auto value = [&reader](const std::string& name) {
    const auto found = reader.values.find(name);
    return found == reader.values.end() ? "(none)" : found->second;
  };
  CHECK(value(R"(hubsync_build_info{version="1.2.3"})") == "1");
  CHECK(value(R"(hubsync_state{state="syncing"})") == "1");
  CHECK(value(R"(hubsync_state{state="idle"})") == "0");
  CHECK(value(R"(hubsync_records{type="contacts",status="synced"})") == "5");
  CHECK(value(R"(hubsync_records{type="contacts",status="error"})") == "1");
  CHECK(value(R"(hubsync_queue{state="failed"})") == "4");
  CHECK(value("hubsync_conflicts_open") == "6");
  CHECK(value("hubsync_rate_limit_capacity") == "100");
  CHECK(value("hubsync_daily_budget_limit") == "250000");
  CHECK(value("hubsync_webhook_events_total") == "7");
  CHECK(value("hubsync_webhook_backlog") == "8");
  CHECK(value("hubsync_last_webhook_age_seconds") == "180");
  CHECK(value("hubsync_data_age_seconds") == "60");
  CHECK(value("hubsync_last_poll_age_seconds") == "(none)");
  CHECK(value(R"(hubsync_freshness{verdict="current"})") == "1");
  CHECK(value(R"(hubsync_runs_total{kind="full",state="succeeded"})") == "2");
  CHECK(value("process_resident_memory_bytes") == "4096");
  CHECK(value("process_cpu_seconds_total") == "1.5");
  CHECK(value(R"(hubsync_api_calls_total{outcome="ok"})") == "0");
}

TEST_CASE("a client that asks for plain text gets the older format, where a name is described as it is used"
) {
  ApiFixture api;
  const std::string text = metrics(api, "text/plain;version=0.0.4");
  CHECK(text.contains("# TYPE hubsync_webhook_events_total counter\n"));
  CHECK(text.contains("# HELP hubsync_webhook_events_total "));
  CHECK(text.contains("# TYPE hubsync_build_info gauge\n"));
  CHECK_FALSE(text.contains("# UNIT"));
  CHECK_FALSE(text.contains("# EOF"));
  CHECK(metrics(api, "application/openmetrics-text;version=1.0.0,text/plain;q=0.5").ends_with("# EOF\n"));
  CHECK(metrics(api, "*/*").ends_with("# EOF\n"));
}

TEST_CASE("a label's value cannot end its quotes or its line") {
  Exposition text{Exposition::Format::open_metrics};
  text.family("odd", Exposition::Kind::gauge, "Odd.");
  text.sample(std::int64_t{1}, {{"name", "a\"b\\c\nd"}});
  const std::string body = std::move(text).finish();
  CHECK(body.contains(R"(odd{name="a\"b\\c\nd"} 1)"
                      "\n"));
  CHECK(OpenMetricsReader{}.read(body) == "");
}
