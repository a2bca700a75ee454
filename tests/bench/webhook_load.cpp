// Sends webhook requests to a listener on this machine as fast as it answers, or at a rate, and prints what
// came of it as one JSON line. Each request is signed as HubSpot signs (v3), its events are new; connections
// are kept alive. Bounded by time and by count. One thread. usage: webhook_load PORT PATH [KEY=VALUE...], see
// Options.
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "daemon/webhook/signature.hpp"

namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;
constexpr auto as_values = asio::as_tuple(asio::use_awaitable);

struct Options {
  std::int64_t port = 0;
  std::string path;
  std::string secret;             ///< Empty: unsigned.
  std::int64_t connections = 16;  ///< The listener takes 32 from one address.
  std::int64_t events = 100;      ///< In each request.
  std::int64_t seconds = 10;
  std::int64_t requests = 10'000'000;  ///< At most.
  std::int64_t rate = 0;               ///< Requests a second; 0: as fast as they are answered.
  std::int64_t first_id = 1;           ///< Events are about the records first_id … first_id + ids - 1.
  std::int64_t ids = 1'000;
};

bool read_number(std::string_view text, std::int64_t& into) {
  return std::from_chars(text.data(), text.data() + text.size(), into).ptr == text.data() + text.size();
}

bool set_option(Options& options, std::string_view word) {
  const std::size_t at = word.find('=');
  if (at == std::string_view::npos) {
    return false;
  }
  const std::string_view key = word.substr(0, at);
  const std::string_view value = word.substr(at + 1);
  if (key == "secret") {
    options.secret = value;
    return true;
  }
  const std::map<std::string_view, std::int64_t*> numbers = {
      {"connections", &options.connections},
      {"events", &options.events},
      {"seconds", &options.seconds},
      {"requests", &options.requests},
      {"rate", &options.rate},
      {"first_id", &options.first_id},
      {"ids", &options.ids}
  };
  const auto found = numbers.find(key);
  return found != numbers.end() && read_number(value, *found->second);
}

std::int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch()
  )
      .count();
}

/// What all connections share.
class Load {
 public:
  explicit Load(Options options)
      : options_(std::move(options)),
        verifier_({options_.secret.empty() ? "unused" : std::string_view{options_.secret}}, false),
        host_("127.0.0.1:" + std::to_string(options_.port)),
        next_event_(now_ms() * 1'000),
        begin_(Clock::now()),
        end_(begin_ + std::chrono::seconds{options_.seconds}) {}

  [[nodiscard]] const Options& options() const { return options_; }

  /// Whether another request is to be sent; counts it.
  bool take() {
    if (Clock::now() >= end_ || sent_ >= options_.requests) {
      return false;
    }
    ++sent_;
    return true;
  }

  /// When the request that was just taken is due.
  [[nodiscard]] Clock::time_point due() const {
    return options_.rate == 0 ? begin_
                              : begin_ + std::chrono::microseconds{sent_ * 1'000'000 / options_.rate};
  }

  std::string next_request() {
    std::string body = "[";
    for (std::int64_t i = 0; i < options_.events; ++i) {
      const std::int64_t event = ++next_event_;
      body += i == 0 ? "" : ",";
      body +=
          R"({"eventId":)" + std::to_string(event) +
          R"(,"subscriptionId":912345,"portalId":48210077,"appId":1160452,"occurredAt":)" +
          std::to_string(event / 1'000) +
          R"(,"subscriptionType":"contact.propertyChange","attemptNumber":0,"objectId":)" +
          std::to_string(options_.first_id + event % options_.ids) +
          R"(,"propertyName":"firstname","propertyValue":"Ada","changeSource":"CRM_UI","sourceId":"userId:8123456"})";
    }
    body += "]";
    std::string text = "POST " + options_.path + " HTTP/1.1\r\nHost: " + host_ +
                       "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size());
    if (!options_.secret.empty()) {
      const std::string stamp = std::to_string(now_ms());
      text += "\r\nX-HubSpot-Request-Timestamp: " + stamp + "\r\nX-HubSpot-Signature-v3: " +
              verifier_.sign("POST", "http://" + host_ + options_.path, body, stamp);
    }
    return text + "\r\n\r\n" + body;
  }

  void answered(int status, Clock::duration took) {
    ++statuses_[status];
    took_.push_back(std::chrono::duration<double, std::milli>(took).count());
  }
  void broke() { ++broken_; }

  void print() {
    const double seconds = std::chrono::duration<double>(Clock::now() - begin_).count();
    std::ranges::sort(took_);
    const auto accepted = static_cast<double>(statuses_[200]);
    std::printf("{\"seconds\":%.2f,\"broken\":%lld,\"statuses\":{", seconds, static_cast<long long>(broken_));
    const char* between = "";
    for (const auto& [status, count] : statuses_) {
      std::printf("%s\"%d\":%lld", between, status, static_cast<long long>(count));
      between = ",";
    }
    std::printf(
        "},\"answersPerSecond\":%.0f,\"requestsPerSecond\":%.0f,\"eventsPerSecond\":%.0f,\"p50ms\":%.2f,"
        "\"p99ms\":%.2f,"
        "\"maxMs\":%.2f}\n",
        static_cast<double>(took_.size()) / seconds,
        accepted / seconds,
        accepted * static_cast<double>(options_.events) / seconds,
        quantile(50),
        quantile(99),
        quantile(100)
    );
  }

 private:
  [[nodiscard]] double quantile(std::size_t percent) const {
    return took_.empty() ? 0 : took_[(took_.size() - 1) * percent / 100];
  }

  Options options_;
  hubsync::webhook::Verifier verifier_;
  std::string host_;
  std::int64_t next_event_;
  Clock::time_point begin_;
  Clock::time_point end_;
  std::int64_t sent_ = 0;
  std::int64_t broken_ = 0;
  std::map<int, std::int64_t> statuses_;
  std::vector<double> took_;
};

/// The length of the body that follows a head.
std::size_t body_length(std::string_view head) {
  for (const std::string_view name : {"Content-Length: ", "content-length: "}) {
    const std::size_t at = head.find(name);
    if (at != std::string_view::npos) {
      std::size_t length = 0;
      std::from_chars(head.data() + at + name.size(), head.data() + head.size(), length);
      return length;
    }
  }
  return 0;
}

/// One request and its answer; false when the connection is of no more use.
asio::awaitable<bool> exchange(asio::ip::tcp::socket& socket, Load& load, std::string& buffer) {
  const std::string request = load.next_request();
  const Clock::time_point sent = Clock::now();
  const auto [write_error, written] = co_await asio::async_write(socket, asio::buffer(request), as_values);
  if (write_error) {
    co_return false;
  }
  const auto [error, head] =
      co_await asio::async_read_until(socket, asio::dynamic_buffer(buffer), "\r\n\r\n", as_values);
  if (error) {
    co_return false;
  }
  const std::string_view text = std::string_view{buffer}.substr(0, head);
  int status = 0;
  std::from_chars(text.data() + 9, text.data() + 12, status);
  const bool closes = text.find("Connection: close") != std::string_view::npos;
  const std::size_t whole = head + body_length(text);
  while (buffer.size() < whole) {
    std::size_t had = buffer.size();
    buffer.resize(whole);
    const auto [read_error, bytes] =
        co_await socket.async_read_some(asio::buffer(buffer.data() + had, whole - had), as_values);
    buffer.resize(had + bytes);
    if (read_error) {
      co_return false;
    }
  }
  buffer.erase(0, whole);
  load.answered(status, Clock::now() - sent);
  co_return !closes;
}

asio::awaitable<void> connection(Load& load) {
  const auto executor = co_await asio::this_coro::executor;
  const asio::ip::tcp::endpoint address{
      asio::ip::address_v4::loopback(), static_cast<std::uint16_t>(load.options().port)
  };
  asio::steady_timer timer{executor};
  bool more = load.take();
  while (more) {
    asio::ip::tcp::socket socket{executor};
    if (const auto [error] = co_await socket.async_connect(address, as_values); error) {
      load.broke();
      co_return;
    }
    socket.set_option(asio::ip::tcp::no_delay{true});
    std::string buffer;
    bool useful = true;
    while (more && useful) {
      if (load.due() > Clock::now()) {
        timer.expires_at(load.due());
        co_await timer.async_wait(as_values);
      }
      useful = co_await exchange(socket, load, buffer);
      more = load.take();
    }
    if (!useful) {
      load.broke();
    }
  }
}

}  // namespace

int main(int count, char** words) {
  Options options;
  bool understood = count >= 3 && read_number(words[1], options.port);
  for (int i = 3; i < count && understood; ++i) {
    understood = set_option(options, words[i]);
  }
  if (!understood) {
    std::fprintf(
        stderr,
        "usage: webhook_load PORT PATH [secret=…] [connections|events|seconds|requests|rate|first_id|ids=N]\n"
    );
    return 2;
  }
  options.path = words[2];
  asio::io_context loop{1};
  Load load{std::move(options)};
  for (std::int64_t i = 0; i < load.options().connections; ++i) {
    asio::co_spawn(loop, connection(load), asio::detached);
  }
  loop.run();
  load.print();
  return 0;
}
