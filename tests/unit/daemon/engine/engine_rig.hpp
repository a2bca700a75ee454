// A daemon without its outside, for tests of what the engine does: engine, client, throttle and store over
// the simulated portal, in virtual time. Test thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "daemon/engine/engine.hpp"
#include "daemon/engine/throttle.hpp"
#include "daemon/hubspot/client.hpp"
#include "daemon/hubspot/paths.hpp"
#include "daemon/store/inline_store.hpp"
#include "tests/hubspot_sim/model.hpp"
#include "tests/support/virtual_clock.hpp"
#include "tests/unit/daemon/store/fixture.hpp"

namespace hubsync::test {

inline hubspot_sim::ModelOptions portal_options() {
  hubspot_sim::ModelOptions options;
  options.limits = false;
  options.bump = false;
  options.record_events = true;
  return options;
}

/// The simulated portal behind the throttle, in virtual time.
class SimTransport : public Transport {
 public:
  SimTransport(hubspot_sim::Model& model, VirtualClock& clock)
      : model_(model),
        clock_(clock),
        ahead_(clock.now().time_since_epoch() - clock.steady().time_since_epoch()) {}

  /// HubSpot's clock, which nobody sets.
  [[nodiscard]] Instant time() const { return Instant{clock_.steady().time_since_epoch() + ahead_}; }

  Task<std::expected<HttpReply, TransportFailure>> send(HttpRequest request) override {
    if (before) {
      before(request);
    }
    ++calls[request.method + " " + request.target.substr(0, request.target.find('?'))];
    const auto answer = model_.handle(
        {.method = request.method,
         .target = request.target,
         .authorization = "Bearer " + token,
         .body = request.body},
        time()
    );
    co_await clock_.sleep_for(latency(request));
    HttpReply reply{
        .status = answer.status, .headers = {{"date", format_http_date(time())}}, .body = answer.body
    };
    for (auto [name, value] : answer.headers) {
      for (char& c : name) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
      }
      reply.headers[name] = value;
    }
    co_return reply;
  }

  std::string token = "pat-na1-sim";
  std::map<std::string, int> calls;
  std::function<Duration(const HttpRequest&)> latency = [](const HttpRequest&) { return Duration{200}; };
  std::function<void(const HttpRequest&)> before = {};  ///< Something else that happens in HubSpot first.

 private:
  hubspot_sim::Model& model_;
  VirtualClock& clock_;
  Duration ahead_;  ///< Of the monotonic clock.
};

struct NoEvents : Events {
  void emit(Event event) override { kinds.push_back(event.kind); }
  std::vector<std::string> kinds;
};

inline constexpr std::int64_t portal = 48'000'001;

/// A daemon without its outside: engine and store over the simulated portal, never polling by itself.
struct EngineRig {
  EngineRig() {
    admin("POST", "/_sim/seed", R"({"contacts":0,"companies":0})");
    start();
  }
  ~EngineRig() { stop(); }

  void start() {
    engine = std::make_unique<Engine>(
        Engine::Ports{client, store, clock, random, events},
        Engine::Options{
            .rules = rules,
            .retry = {},
            .poll_interval = std::chrono::hours{100},
            .full_interval = std::chrono::hours{100}
        },
        Engine::Line{
            .calls = [] { return std::int64_t{0}; },
            .hubspot_time = [this] { return throttle.hubspot_time(); }
        }
    );
    clock.start(engine->run());
    wait(std::chrono::seconds{5});
  }
  void stop() {
    engine->stop();
    wait(std::chrono::minutes{1});
  }

  /// Starts a run of everything.
  void trigger(bool full) {
    clock.start(begin(full));
    clock.settle();
  }
  Task<void> begin(bool full) {
    const auto run = co_await engine->trigger({"companies", "contacts"}, full, false);
    CHECK(run.has_value());
  }

  nlohmann::json admin(const std::string& method, const std::string& path, const std::string& body = {}) {
    const auto answer =
        model.handle({.method = method, .target = path, .authorization = {}, .body = body}, transport.time());
    REQUIRE_MESSAGE(answer.status < 300, answer.body);
    return answer.body.empty() ? nlohmann::json{} : nlohmann::json::parse(answer.body);
  }

  std::int64_t make(const std::string& type, const std::string& properties) {
    const auto made = admin("POST", "/_sim/objects/" + type, "{\"properties\":" + properties + "}");
    const auto& id = made["ids"][0];
    return id.is_string() ? std::stoll(id.get<std::string>()) : id.get<std::int64_t>();
  }
  void edit(const std::string& type, std::int64_t id, const std::string& properties) {
    admin("PATCH", "/_sim/objects/" + type + "/" + std::to_string(id), "{\"properties\":" + properties + "}");
  }

  /// An event as it would come in.
  void tell(const std::string& kind, std::int64_t object, std::vector<HubspotId> merged = {}) {
    WebhookEvent event;
    event.subscription_type = kind;
    event.object = HubspotId{object};
    event.merged = std::move(merged);
    tell(event);
  }
  void tell(const WebhookEvent& event) {
    const InboxEvent stored{
        .key = "key" + std::to_string(++last_key),
        .portal_id = portal,
        .event_id = 1,
        .subscription_type = event.subscription_type,
        .property = {},
        .occurred_at = clock.now(),
        .hint = hint_of(event, rules)
    };
    data.repository->receive_events({stored}, 100'000, clock.now());
    engine->webhook_events(1);
  }

  void wait(Duration duration = std::chrono::seconds{3}) { clock.run_until(clock.steady() + duration); }

  std::optional<Record> record(const std::string& type, std::int64_t id) {
    return data.repository->tables().records.find_linked(type, HubspotId{id});
  }
  std::string value(const std::string& type, std::int64_t id, const std::string& field) {
    const auto found = record(type, id);
    return found ? value_or_empty(found->local, field) : "(no record)";
  }
  bool all_done() { return data.repository->inbox_status().backlog == 0; }
  int calls(const std::string& call) { return transport.calls[call]; }

  boost::asio::io_context loop;
  VirtualClock clock{loop};
  hubspot_sim::Model model{portal_options()};
  SimTransport transport{model, clock};
  Throttle throttle{
      transport,
      clock,
      {.burst = {.capacity = 10'000},
       .search = {.capacity = 5, .interval = Duration{1'000}},
       .daily = 1'000'000}
  };
  HubspotClient client{throttle, *find_api_version("2026-09")};
  Rules rules = test::default_rules();
  test::TestStore data;
  store::InlineStore store{*data.repository, loop.get_executor()};
  SeededRandom random{1};
  NoEvents events;
  std::unique_ptr<Engine> engine;
  int last_key = 0;
};

}  // namespace hubsync::test
