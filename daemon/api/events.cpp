#include "daemon/api/events.hpp"

#include <charconv>
#include <utility>

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "common/api_codec.hpp"
#include "common/api_tree.hpp"
#include "common/text.hpp"
#include "daemon/http/error.hpp"
#include "daemon/http/websocket.hpp"

namespace hubsync::api {
namespace {

using boost::asio::experimental::awaitable_operators::operator||;

/// Events read for one client at once.
constexpr std::int64_t page_events = 200;
/// A client that takes nothing for this long is left.
constexpr Duration patience{30'000};

std::string_view member_name(std::string_view stored) {
  if (stored == "type") {
    return "entityType";
  }
  return stored == "conflict" ? "conflictId" : stored;
}

bool is_number(std::string_view member) {
  return member == "version" || member == "count";
}

/// Sends what is stored and what comes, until the client has gone.
Task<void> send_events(Services& services, EventFeed& feed, http::WebSocket& socket, std::int64_t position) {
  for (;;) {
    const std::uint64_t seen = feed.generation();
    const EventPage page = co_await services.store.run([position](Repository& repository) {
      return repository.events_after(position, page_events);
    });
    const std::int64_t next = page.events.empty() ? page.last + 1 : page.events.front().seq;
    if (next > position + 1) {
      const Instant at = page.events.empty() ? services.clock.now() : page.events.front().at;
      if (!co_await socket.send(encode_gap(position + 1, next - 1, at), patience)) {
        co_return;
      }
      position = next - 1;
    }
    for (const StoredEvent& event : page.events) {
      if (!co_await socket.send(encode_event(event), patience)) {
        co_return;
      }
      position = event.seq;
    }
    if (page.events.empty() && feed.generation() == seen) {
      co_await feed.wait();
    }
  }
}

Task<void> follow(
    Services& services, EventFeed& feed, std::optional<std::int64_t> since, http::Upgraded upgraded
) {
  const auto socket = co_await http::WebSocket::accept(std::move(upgraded));
  if (!socket) {
    co_return;
  }
  const std::int64_t last =
      co_await services.store.run([](Repository& repository) { return repository.events_after(0, 0).last; });
  // A number from the future is of another database: what that one said says nothing here.
  const std::int64_t position = since && *since <= last ? *since : last;
  co_await (send_events(services, feed, *socket, position) || socket->until_closed());
}

http::Response refuse(const Error& error) {
  return {.status = http::status_of(error.code), .body = encode_error(error)};
}

}  // namespace

std::string encode_event(const StoredEvent& event) {
  std::string text = "{\"seq\":" + std::to_string(event.seq) + ",\"type\":" + json_quote(event.kind) +
                     ",\"at\":" + json_quote(format_instant(event.at));
  if (!event.record.text.empty()) {
    text += ",\"entityId\":" + json_quote(event.record.text);
  }
  if (const auto data = parse_object(event.data)) {
    for (const Node& member : data->children) {
      text += "," + json_quote(member_name(member.key)) + ":";
      text += is_number(member.key) ? member.text : json_quote(member.text);
    }
  }
  return text + "}";
}

std::string encode_gap(std::int64_t first, std::int64_t last, Instant at) {
  return "{\"seq\":" + std::to_string(last) + ",\"type\":\"gap\",\"at\":" + json_quote(format_instant(at)) +
         ",\"firstMissed\":" + std::to_string(first) + ",\"missed\":" + std::to_string(last - first + 1) +
         "}";
}

http::UpgradeClaim event_stream(Services& services, EventFeed& feed) {
  return [&services,
          &feed](const http::Request& request) -> std::variant<http::Response, http::UpgradeHandler> {
    if (request.path != path::events) {
      return refuse({ErrorCode::not_found, "nothing at this path speaks another protocol", "/api/events does"}
      );
    }
    if (!http::is_websocket(request)) {
      return refuse({ErrorCode::invalid, "this is no WebSocket handshake of version 13"});
    }
    std::optional<std::int64_t> since;
    if (const auto text = request.query_value("since")) {
      std::int64_t number = 0;
      const auto parsed = std::from_chars(text->data(), text->data() + text->size(), number);
      if (parsed.ec != std::errc{} || parsed.ptr != text->data() + text->size() || number < 0) {
        return refuse({ErrorCode::invalid, "`since` is not the number of an event", "", "since"});
      }
      since = number;
    }
    return [&services, &feed, since](http::Upgraded upgraded) {
      return follow(services, feed, since, std::move(upgraded));
    };
  };
}

}  // namespace hubsync::api
