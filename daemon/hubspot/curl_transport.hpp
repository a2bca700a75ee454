// Transport over libcurl: one HTTPS exchange with HubSpot, its limits and its refusals. Loop thread. Decides
// nothing about the answer: no retry, no redirect, no reading of bodies.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "common/time.hpp"
#include "daemon/hubspot/token_source.hpp"
#include "daemon/ports/transport.hpp"

namespace hubsync {

class CurlMulti;

struct CurlOptions {
  std::string base_url = "https://api.hubapi.com";  ///< No trailing slash; http only for loopback.
  std::string ca_file = {};                         ///< Extra trust anchors (PEM); empty for none.
  Duration request_timeout = std::chrono::seconds{30};
  Duration connect_timeout = std::chrono::seconds{10};
  long low_speed_bytes = 64;                 ///< Bytes a second below which a transfer is given up …
  std::chrono::seconds low_speed_time{15};   ///< … after so long.
  std::size_t max_reply = 8U * 1024 * 1024;  ///< Of a decoded body.
  long connections = 16;                     ///< Open at once.
};

class CurlTransport : public Transport {
 public:
  /// `token` must outlive the transport. Throws std::invalid_argument when the base URL is neither https nor
  /// loopback http, or the CA file can not be read.
  CurlTransport(boost::asio::any_io_executor executor, CurlOptions options, const TokenSource& token);
  CurlTransport(const CurlTransport&) = delete;
  CurlTransport& operator=(const CurlTransport&) = delete;
  /// Ends the transfers in flight with a failure; their coroutines resume on the executor.
  ~CurlTransport() override;

  /// A cancelled send is aborted at once; whether HubSpot got it is then not known.
  Task<std::expected<HttpReply, TransportFailure>> send(HttpRequest request) override;

 private:
  boost::asio::any_io_executor executor_;
  std::shared_ptr<const CurlOptions> options_;
  const TokenSource& token_;
  std::shared_ptr<CurlMulti> multi_;
};

}  // namespace hubsync
