#include "daemon/api/events.hpp"

#include <doctest/doctest.h>

#include "tests/unit/daemon/api/fixture.hpp"

using namespace hubsync;
using namespace hubsync::api;

TEST_CASE("an event goes out with its number, kind, time and record, and what else it has") {
  const StoredEvent event{
      .seq = 7,
      .at = instant_from_ms(1'790'000'000'000),
      .kind = "record.updated",
      .record = {"01a"},
      .data = R"({"status":"synced","type":"contacts","version":"3"})"
  };
  CHECK(
      encode_event(event) ==
      R"({"seq":7,"type":"record.updated","at":"2026-09-21T14:13:20.000Z","entityId":"01a",)"
      R"("status":"synced","entityType":"contacts","version":3})"
  );
}

TEST_CASE("a gap tells what was missed, and its number is where to go on from") {
  CHECK(
      encode_gap(4, 9, instant_from_ms(1'790'000'000'000)) ==
      R"({"seq":9,"type":"gap","at":"2026-09-21T14:13:20.000Z","firstMissed":4,"missed":6})"
  );
}

TEST_CASE("only a WebSocket handshake at the one path with a usable number is taken") {
  ApiFixture api;
  EventFeed feed;
  const http::UpgradeClaim claim = event_stream(api.services, feed);
  http::Request request;
  request.method = "GET";
  request.path = "/api/events";
  request.headers.add("Upgrade", "websocket");
  request.headers.add("Connection", "keep-alive, Upgrade");
  request.headers.add("Sec-WebSocket-Version", "13");
  request.headers.add("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
  const auto taken = [&](const http::Request& asked) {
    return std::holds_alternative<http::UpgradeHandler>(claim(asked));
  };
  CHECK(taken(request));
  http::Request other = request;
  other.path = "/api/contacts";
  CHECK_FALSE(taken(other));
  other = request;
  other.method = "POST";
  CHECK_FALSE(taken(other));
  for (const char* since : {"x", "-1", "", "1.5", "99999999999999999999"}) {
    other = request;
    other.query = {{"since", since}};
    CHECK_FALSE(taken(other));
  }
  other = request;
  other.query = {{"since", "12"}};
  CHECK(taken(other));
}

TEST_CASE("the event stream without an upgrade is 426 and names the protocol") {
  ApiFixture api;
  const auto response = api.get("/api/events");
  CHECK(response.status == 426);
  CHECK(header_of(response, "Upgrade") == "websocket");
  CHECK(error_in(response).code == ErrorCode::invalid);
}
