// One small POST to a listener of this machine, for the webhook self-test. Loop thread. No proxy, no
// redirects, a fresh connection; under TLS the certificate is not looked at, since it is our own.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "common/result.hpp"
#include "common/time.hpp"

namespace hubsync::http {

struct Posting {
  std::string address;  ///< Numeric.
  std::uint16_t port = 0;
  std::string target;
  std::vector<std::pair<std::string, std::string>> headers;  ///< Host among them.
  std::string body;
  bool tls = false;
};

/// The status of the answer.
[[nodiscard]] boost::asio::awaitable<Result<int>> post(
    boost::asio::any_io_executor executor, Posting posting, Duration patience
);

}  // namespace hubsync::http
