// The simulator against what HubSpot really answered: 173 exchanges recorded in February 2022, by the
// open-source project Grouparoo (HUBSPOT.md, REC22), reduced to requests, status codes and the shapes of the
// answers. The state is played in from the requests themselves; ids are mapped as contacts are created.
#include <algorithm>
#include <fstream>
#include <map>
#include <string>

#include <doctest/doctest.h>

#include "tests/unit/hubspot_sim/sim_fixture.hpp"

using namespace hubspot_sim;
using nlohmann::json;

namespace {

json shape_of(const json& value) {
  if (value.is_object()) {
    json shape = json::object();
    for (const auto& [name, member] : value.items()) {
      shape[name] = shape_of(member);
    }
    return shape;
  }
  if (value.is_array()) {
    json shape = json::array();
    for (const auto& item : value) {
      shape.push_back(shape_of(item));
    }
    return shape;
  }
  return value.is_number() ? "number" : value.type_name();
}

/// Results as a set: their order is not defined.
json unordered(json shape) {
  if (shape.is_object() && shape.contains("results")) {
    auto& results = shape["results"];
    std::sort(results.begin(), results.end());
  }
  return shape;
}

class Replay {
 public:
  Replay() : sim_(options()) {
    for (const auto* const name : {"text_field", "number_field", "date_field"}) {
      const std::string type = name == std::string{"number_field"} ? "number" : "string";
      const std::string field = type == "number" ? "number" : "text";
      const auto made = sim_.post(
          "/crm/v3/properties/contacts",
          {{"name", name},
           {"label", name},
           {"type", type},
           {"fieldType", field},
           {"groupName", "contactinformation"}}
      );
      REQUIRE(made.status == 201);
    }
    ids_["286101"] = sim_.create("contacts", {{"email", "grouparoo@demo.com"}, {"firstname", "John"}});
    sim_.wait(3L * 24 * 3600 * 1000);
    start_ = sim_.now;
  }

  void exchange(const json& recorded) {
    sim_.now = start_ + Duration{recorded.at("ms").get<std::int64_t>()};
    const int status = recorded.at("status");
    sim_.set_option("search_limit", status == 429 ? 0 : 1'000);
    // The later part was recorded with an OAuth token.
    const auto& headers = recorded.at("headers");
    sim_.set_option(
        "daily_headers", std::ranges::find(headers, "X-HubSpot-RateLimit-Daily") != headers.end()
    );
    const auto answer = sim_.post(recorded.at("path"), translate(recorded.at("request")));
    CHECK(answer.status == status);
    check_headers(recorded, answer);
    if (recorded.contains("shape")) {
      check_shape(recorded, answer);
    } else {
      CHECK(answer.text.empty());
    }
    learn_ids(recorded, answer);
    ++exchanges;
  }

  int exchanges = 0;
  int other_totals = 0;  ///< Searches whose hits differ, because the real index lagged differently.

 private:
  static ModelOptions options() {
    ModelOptions options;
    options.search_lag = Duration{4'500};
    options.trim_fractions = false;
    options.secondly_headers = true;
    return options;
  }

  json translate(json request) const {
    if (request.is_object() && request.contains("inputs")) {
      for (auto& input : request["inputs"]) {
        if (input.contains("id")) {
          input["id"] = ids_.at(input["id"]);
        }
      }
    }
    return request;
  }

  static void check_headers(const json& recorded, const Answer& answer) {
    std::vector<std::string> names;
    for (const auto& [name, value] : answer.headers) {
      if (name != "X-HubSpot-Correlation-Id") {
        names.push_back(name);
      }
    }
    std::sort(names.begin(), names.end());
    CHECK(json(names) == recorded.at("headers"));
  }

  void check_shape(const json& recorded, const Answer& answer) {
    const bool other_hits = recorded.contains("total") && answer.body.at("total") != recorded.at("total");
    other_totals += other_hits ? 1 : 0;
    if (other_hits) {
      for (const auto& result : answer.body.at("results")) {
        CHECK(shape_of(result).size() == 5);
      }
      return;
    }
    INFO(recorded.at("request").dump());
    CHECK(unordered(shape_of(answer.body)) == unordered(recorded.at("shape")));
  }

  void learn_ids(const json& recorded, const Answer& answer) {
    if (!recorded.contains("ids")) {
      return;
    }
    for (const auto& result : answer.body.at("results")) {
      const std::string email = result.at("properties").at("email");
      ids_[recorded.at("ids").at(email)] = result.at("id");
    }
  }

  Sim sim_;
  Instant start_{};
  std::map<std::string, std::string> ids_;
};

}  // namespace

TEST_CASE("recorded requests get answers of the recorded shape") {
  std::ifstream file{HUBSYNC_SOURCE_DIR "/tests/unit/hubspot_sim/recorded_2022.jsonl"};
  REQUIRE(file.good());
  Replay replay;
  for (std::string line; std::getline(file, line);) {
    replay.exchange(json::parse(line));
  }
  CHECK(replay.exchanges == 173);
  CHECK(replay.other_totals <= 12);
}
