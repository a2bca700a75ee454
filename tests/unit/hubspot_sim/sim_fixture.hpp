// Verbs for tests of the simulated HubSpot: a portal with a clock that only moves when told to.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/hubspot_sim/model.hpp"

namespace hubspot_sim {

struct Answer {
  int status = 0;
  nlohmann::json body;
  std::string text;
  std::vector<std::pair<std::string, std::string>> headers;
  Delivery delivery = Delivery::send;
  Duration delay{};

  [[nodiscard]] std::string header(std::string_view name) const {
    for (const auto& [key, value] : headers) {
      if (key == name) {
        return value;
      }
    }
    return {};
  }
};

class Sim {
 public:
  static constexpr Instant start = hubsync::instant_from_ms(1'795'500'000'000);

  explicit Sim(ModelOptions options = quiet()) : model(std::move(options)) {}

  /// No chance, no background work, no limits: what most tests want.
  static ModelOptions quiet() {
    ModelOptions options;
    options.limits = false;
    options.bump = false;
    options.shuffle_batches = false;
    return options;
  }

  Answer call(std::string method, std::string target, const nlohmann::json& body = nullptr) {
    Request request{
        std::move(method), std::move(target), "Bearer " + token, body.is_null() ? "" : body.dump()
    };
    return send(request);
  }

  Answer send(const Request& request) {
    auto response = model.handle(request, now);
    Answer answer;
    answer.status = response.status;
    answer.body = nlohmann::json::parse(response.body, nullptr, false);
    answer.text = std::move(response.body);
    answer.headers = std::move(response.headers);
    answer.delivery = response.delivery;
    answer.delay = response.delay;
    return answer;
  }

  Answer get(std::string target) { return call("GET", std::move(target)); }
  Answer post(std::string target, const nlohmann::json& body) {
    return call("POST", std::move(target), body);
  }
  Answer patch(std::string target, const nlohmann::json& body) {
    return call("PATCH", std::move(target), body);
  }
  Answer put(std::string target, const nlohmann::json& body) { return call("PUT", std::move(target), body); }
  Answer remove(std::string target) { return call("DELETE", std::move(target)); }

  /// Creates a record through the API and returns its id.
  std::string create(const std::string& type, const nlohmann::json& properties) {
    return post("/crm/v3/objects/" + type, {{"properties", properties}}).body.value("id", std::string{});
  }
  std::string contact(const std::string& email) { return create("contacts", {{"email", email}}); }
  std::string company(const std::string& name) { return create("companies", {{"name", name}}); }

  /// A property as the API shows it; JSON null also when the record is not there.
  nlohmann::json property(const std::string& type, const std::string& id, const std::string& name) {
    const auto answer = get("/crm/v3/objects/" + type + "/" + id + "?properties=" + name);
    return answer.body.contains("properties") ? answer.body["properties"].value(name, nlohmann::json{})
                                              : nlohmann::json{};
  }

  void set_option(const std::string& name, const nlohmann::json& value) {
    patch("/_sim/options", nlohmann::json{{name, value}});
  }
  void wait(std::int64_t ms) { now += Duration{ms}; }

  Instant now = start;
  std::string token = "pat-na1-sim";
  Model model;
};

/// The ids of a list of results, in order.
inline std::vector<std::string> ids_of(const nlohmann::json& results) {
  std::vector<std::string> ids;
  for (const auto& result : results) {
    ids.push_back(result.at("id").get<std::string>());
  }
  return ids;
}

}  // namespace hubspot_sim
