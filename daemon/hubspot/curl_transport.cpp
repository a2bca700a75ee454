#include "daemon/hubspot/curl_transport.hpp"

#include <fstream>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <curl/curl.h>

#include "common/assert.hpp"
#include "daemon/hubspot/curl_multi.hpp"
#include "daemon/hubspot/curl_transfer.hpp"

namespace hubsync {

namespace asio = boost::asio;

namespace {

using SendResult = std::expected<HttpReply, TransportFailure>;

void initialise_curl() {
  static const CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);
  ASSERT(code == CURLE_OK);
}

std::string url_part(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, 0) != CURLUE_OK) {
    return {};
  }
  std::string result(text);
  curl_free(text);
  return result;
}

bool is_loopback(std::string host) {
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  }
  boost::system::error_code error;
  const auto address = asio::ip::make_address(host, error);
  return error ? host == "localhost" : address.is_loopback();
}

void check_options(const CurlOptions& options) {
  const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> url(curl_url(), &curl_url_cleanup);
  if (!url || curl_url_set(url.get(), CURLUPART_URL, options.base_url.c_str(), 0) != CURLUE_OK) {
    throw std::invalid_argument("the HubSpot base URL is not a URL");
  }
  const std::string scheme = url_part(url.get(), CURLUPART_SCHEME);
  if (scheme != "https" && !(scheme == "http" && is_loopback(url_part(url.get(), CURLUPART_HOST)))) {
    throw std::invalid_argument("the HubSpot base URL must be https (http only for loopback)");
  }
  for (const CURLUPart part : {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_QUERY, CURLUPART_FRAGMENT}) {
    if (!url_part(url.get(), part).empty()) {
      throw std::invalid_argument("the HubSpot base URL must have no user, password, query or fragment");
    }
  }
  if (!options.ca_file.empty() && !std::ifstream(options.ca_file)) {
    throw std::invalid_argument("the CA file " + options.ca_file + " can not be read");
  }
}

/// What the coroutine, the driver's callback and nobody else share. The coroutine waits on the timer, which
/// never runs out: cancelling it is the wake-up, so no handler is stored here.
struct Exchange {
  Exchange(
      const asio::any_io_executor& executor,
      std::shared_ptr<const CurlOptions> options,
      HttpRequest request,
      const TokenSource& token
  )
      : transfer(std::move(options), std::move(request), token),
        ended(executor, asio::steady_timer::time_point::max()) {}

  CurlTransfer transfer;
  asio::steady_timer ended;
  std::optional<CURLcode> code;
};

/// Takes the transfer out of libcurl on every way out of the coroutine: its end, cancellation, destruction of
/// the frame.
class Attachment {
 public:
  Attachment(std::weak_ptr<CurlMulti> multi, CURL* easy) : multi_(std::move(multi)), easy_(easy) {}
  Attachment(const Attachment&) = delete;
  Attachment& operator=(const Attachment&) = delete;
  ~Attachment() {
    if (const auto multi = multi_.lock()) {
      multi->remove(easy_);
    }
  }

 private:
  std::weak_ptr<CurlMulti> multi_;
  CURL* easy_;
};

/// Not a member, so that it never touches a transport that is gone by the time it resumes.
Task<SendResult> run(std::weak_ptr<CurlMulti> weak_multi, std::shared_ptr<Exchange> exchange) {
  const Attachment attachment(weak_multi, exchange->transfer.handle());
  CURLMcode added = CURLM_BAD_HANDLE;
  if (const auto multi = weak_multi.lock()) {
    added = multi->add(exchange->transfer.handle(), [exchange](CURLcode code) {
      exchange->code = code;
      exchange->ended.cancel();
    });
  }
  if (added != CURLM_OK) {
    co_return std::unexpected(TransportFailure{.surely_not_sent = true, .message = curl_multi_strerror(added)}
    );
  }
  if (!exchange->code) {
    co_await exchange->ended.async_wait(asio::as_tuple(asio::use_awaitable));
  }
  if (!exchange->code) {
    co_return std::unexpected(TransportFailure{.message = "cancelled before HubSpot answered"});
  }
  co_return exchange->transfer.result(*exchange->code);
}

}  // namespace

CurlTransport::CurlTransport(asio::any_io_executor executor, CurlOptions options, const TokenSource& token)
    : executor_(std::move(executor)), token_(token) {
  initialise_curl();
  check_options(options);
  const long connections = options.connections;
  options_ = std::make_shared<const CurlOptions>(std::move(options));
  multi_ = CurlMulti::make(executor_, connections);
}

CurlTransport::~CurlTransport() {
  multi_->stop();
}

Task<SendResult> CurlTransport::send(HttpRequest request) {
  ASSERT(request.target.starts_with('/'));
  auto state = std::make_shared<Exchange>(executor_, options_, std::move(request), token_);
  co_return co_await run(multi_, std::move(state));
}

}  // namespace hubsync
