#include "daemon/webhook/receiver.hpp"

#include <doctest/doctest.h>

#include "daemon/ports/store_error.hpp"
#include "daemon/store/inline_store.hpp"
#include "tests/support/virtual_clock.hpp"
#include "tests/unit/daemon/store/fixture.hpp"

using namespace hubsync;
using namespace hubsync::webhook;

namespace {

const std::string one_event =
    R"([{"eventId":1,"subscriptionType":"contact.creation","portalId":42,"objectId":512}])";

class FullDisk : public Store {
 public:
  explicit FullDisk(boost::asio::io_context& loop) : loop_(loop) {}

 protected:
  void submit(Work, Done done) override {
    boost::asio::post(loop_, [done = std::move(done)]() mutable {
      done(std::make_exception_ptr(StoreUnavailable("the disk is full")));
    });
  }

 private:
  boost::asio::io_context& loop_;
};

struct Rig {
  explicit Rig(Receiver::Options options = {.public_url = "https://sync.example.net"})
      : receiver(
            store,
            clock,
            std::move(options),
            [this]() -> const Rules& { return rules; },
            [this](std::int64_t count) { arrived += count; }
        ) {
    receiver.set_verifier(std::make_unique<const Verifier>(std::vector<std::string_view>{secret}, false));
  }

  http::Request request(const std::string& body) {
    const std::string time = std::to_string(to_ms(clock.now()));
    http::Request made;
    made.method = "POST";
    made.path = "/api/webhooks/hubspot";
    made.target = made.path;
    made.headers.add("Host", "internal:3001");
    made.headers.add(
        "X-HubSpot-Signature-v3", signer.sign("POST", "https://sync.example.net" + made.path, body, time)
    );
    made.headers.add("X-HubSpot-Request-Timestamp", time);
    made.body = body;
    return made;
  }

  http::Response send(http::Request request) { return clock.run(receiver.handle(std::move(request))); }
  int status(const std::string& body) { return send(request(body)).status; }
  std::int64_t stored() { return data.repository->list_inbox({}).total; }

  static constexpr std::string_view secret = "the secret";
  boost::asio::io_context loop;
  VirtualClock clock{loop};
  Rules rules = test::default_rules();
  test::TestStore data;
  store::InlineStore store{*data.repository, loop.get_executor()};
  std::int64_t arrived = 0;
  const Verifier signer{{secret}, false};
  Receiver receiver;
};

}  // namespace

TEST_CASE("a genuine batch is on disk before it is acknowledged, and a repeated one is acknowledged too") {
  Rig rig;
  CHECK(rig.status(one_event) == 200);
  CHECK(rig.stored() == 1);
  CHECK(rig.arrived == 1);
  CHECK(rig.status(one_event) == 200);
  CHECK(rig.stored() == 1);
  CHECK(rig.arrived == 1);
  CHECK(rig.receiver.counters().received == 2);
}

TEST_CASE("an unsigned, forged, stale or doubly signed request stores nothing and learns nothing") {
  Rig rig;
  http::Request changed = rig.request(one_event);
  changed.body = R"([{"subscriptionType":"contact.deletion","objectId":512}])";
  http::Request elsewhere = rig.request(one_event);
  elsewhere.target += "?x=1";
  http::Request unsigned_one = rig.request(one_event);
  unsigned_one.headers = {};
  http::Request late = rig.request(one_event);
  rig.clock.set_wall(rig.clock.now() + std::chrono::minutes{6});
  for (const http::Request& request : {changed, elsewhere, unsigned_one, late}) {
    const http::Response response = rig.send(request);
    CHECK(response.status == 401);
    CHECK(response.body.empty());
    CHECK(response.headers.empty());
  }
  http::Request twice = rig.request(one_event);
  twice.headers.add("x-hubspot-signature-v3", "again");
  CHECK(rig.send(twice).status == 400);
  CHECK(rig.stored() == 0);
  CHECK(rig.receiver.counters().rejected == 5);
}

TEST_CASE("a signed body that holds no events is refused without a word") {
  Rig rig;
  for (const std::string body : {"", "{}", "not json", "[1]"}) {
    const http::Response response = rig.send(rig.request(body));
    CHECK(response.status == 400);
    CHECK(response.body.empty());
  }
  CHECK(rig.status("[]") == 200);
  CHECK(rig.stored() == 0);
}

TEST_CASE("only GET and POST of the one path are answered") {
  Rig rig;
  http::Request get = rig.request("");
  get.method = "GET";
  CHECK(rig.send(get).status == 200);
  http::Request put = rig.request(one_event);
  put.method = "PUT";
  CHECK(rig.send(put).status == 405);
  http::Request other = rig.request(one_event);
  other.path = other.target = "/api/contacts";
  CHECK(rig.send(other).status == 404);
  CHECK(rig.stored() == 0);
}

TEST_CASE("at the bound of the inbox HubSpot is told to come again, and loses nothing by it") {
  Rig rig{{.public_url = "https://sync.example.net", .max_backlog = 1}};
  CHECK(rig.status(one_event) == 200);
  const std::string second = R"([{"subscriptionType":"contact.creation","objectId":513}])";
  const http::Response full = rig.send(rig.request(second));
  CHECK(full.status == 503);
  CHECK(full.headers == std::vector<std::pair<std::string, std::string>>{{"Retry-After", "10"}});
  CHECK(rig.stored() == 1);
}

TEST_CASE("when the disk is full an event is not acknowledged") {
  Rig rig;
  FullDisk disk{rig.loop};
  Receiver receiver{
      disk,
      rig.clock,
      {.public_url = "https://sync.example.net"},
      [&rig]() -> const Rules& { return rig.rules; },
      [](std::int64_t) {}
  };
  receiver.set_verifier(std::make_unique<const Verifier>(std::vector<std::string_view>{Rig::secret}, false));
  CHECK(rig.clock.run(receiver.handle(rig.request(one_event))).status == 503);
  CHECK(receiver.counters().received == 0);
}

TEST_CASE("without a public address the one that was called is what must be signed") {
  Rig rig{{.public_url = ""}};
  CHECK(rig.status(one_event) == 401);
  const std::string time = std::to_string(to_ms(rig.clock.now()));
  http::Request request = rig.request(one_event);
  request.headers = {};
  request.headers.add("Host", "127.0.0.1:3001");
  request.headers.add(
      "X-HubSpot-Signature-v3",
      rig.signer.sign("POST", "http://127.0.0.1:3001" + request.path, one_event, time)
  );
  request.headers.add("X-HubSpot-Request-Timestamp", time);
  CHECK(rig.send(request).status == 200);
}
