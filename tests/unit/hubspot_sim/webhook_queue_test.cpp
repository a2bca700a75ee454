#include "tests/hubspot_sim/webhook_queue.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "tests/hubspot_sim/model.hpp"

using namespace hubspot_sim;
using hubsync::Instant;

namespace {

struct Rig {
  explicit Rig(ModelOptions options = {}) : model(prepared(std::move(options))), queue(model.portal()) {}

  static ModelOptions prepared(ModelOptions options) {
    options.webhook_url = "http://127.0.0.1:1/hook";
    options.record_events = true;
    return options;
  }

  void make(int count) {
    const auto answer = model.handle(
        {"POST",
         "/_sim/objects/contacts",
         "",
         R"({"count":)" + std::to_string(count) + R"(,"properties":{"email":"p{n}@x.example"}})"},
        now
    );
    REQUIRE(answer.status < 300);
    queue.collect(now);
  }

  Model model;
  WebhookQueue queue;
  Instant now = hubsync::instant_from_ms(1'790'000'000'000);
};

}  // namespace

TEST_CASE("change events go out in batches of at most a hundred, each event with what a delivery adds") {
  Rig rig;
  rig.make(150);
  std::size_t events = 0;
  while (const auto delivery = rig.queue.next(rig.now)) {
    const auto json = nlohmann::json::parse(delivery->body);
    CHECK(json.size() <= 100);
    events += json.size();
    CHECK(json[0]["attemptNumber"] == 0);
    CHECK(json[0]["portalId"] == 48'000'001);
    CHECK(json[0].contains("eventId"));
    rig.queue.answered(delivery->id, true, rig.now);
  }
  CHECK(events == static_cast<std::size_t>(rig.model.portal().counters.webhooks.events));
  CHECK(events >= 150);
  CHECK(rig.model.portal().counters.webhooks.waiting == 0);
}

TEST_CASE("a request that fails is tried ten times more within the spread, then its events are gone") {
  ModelOptions options;
  options.webhook_retry_spread = hubsync::Duration{100'000};
  Rig rig{options};
  rig.make(1);
  int attempts = 0;
  for (Instant end = rig.now + hubsync::Duration{200'000}; rig.now < end;
       rig.now += hubsync::Duration{1'000}) {
    if (const auto delivery = rig.queue.next(rig.now)) {
      CHECK(nlohmann::json::parse(delivery->body)[0]["attemptNumber"] == attempts);
      ++attempts;
      rig.queue.answered(delivery->id, false, rig.now);
    }
  }
  CHECK(attempts == 11);
  CHECK(rig.model.portal().counters.webhooks.given_up > 0);
}

TEST_CASE("no more requests are under way than HubSpot allows itself") {
  ModelOptions options;
  options.webhook_concurrency = 2;
  Rig rig{options};
  rig.make(300);
  const auto first = rig.queue.next(rig.now);
  const auto second = rig.queue.next(rig.now);
  REQUIRE(first);
  REQUIRE(second);
  CHECK_FALSE(rig.queue.next(rig.now));
  rig.queue.answered(first->id, true, rig.now);
  CHECK(rig.queue.next(rig.now));
}

TEST_CASE("events are lost and repeated as asked") {
  ModelOptions options;
  options.webhook_loss_percent = 100;
  Rig lossy{options};
  lossy.make(10);
  CHECK_FALSE(lossy.queue.next(lossy.now));
  CHECK(lossy.model.portal().counters.webhooks.lost >= 10);
  options.webhook_loss_percent = 0;
  options.webhook_duplicate_percent = 100;
  Rig twice{options};
  twice.make(1);
  const auto delivery = twice.queue.next(twice.now);
  REQUIRE(delivery);
  CHECK(nlohmann::json::parse(delivery->body).size() % 2 == 0);
}
