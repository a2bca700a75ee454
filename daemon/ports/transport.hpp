// One HTTP exchange with HubSpot. libcurl in the daemon, the HubSpot model itself in the simulation; the
// engine's throttle wraps either. Loop thread.
#pragma once

#include <expected>
#include <map>
#include <optional>
#include <string>

#include "common/time.hpp"
#include "daemon/core/rate.hpp"
#include "daemon/ports/hub_types.hpp"
#include "daemon/ports/task.hpp"

namespace hubsync {

struct HttpRequest {
  std::string method;
  std::string target;  ///< Path and query, as sent.
  std::string body = {};
  std::string content_type = "application/json";
  CallClass call_class = CallClass::change;
  bool search = false;  ///< Counts against HubSpot's search limit instead of the burst limit (HUBSPOT.md §8).
  /// Asks for an access token: carries none, and its body holds secrets, which are wiped afterwards.
  bool grant = false;
  std::vector<StandingPtr> decided = {};  ///< What it carries out: not sent once one of them is overturned.
};

struct HttpReply {
  int status = 0;
  std::map<std::string, std::string, std::less<>> headers = {};  ///< Names in lower case.
  std::string body = {};
  int sends = 1;  ///< How often the request left this host: libcurl repeats a body-less one on a dead
                  ///< connection (I26).
};

/// No HTTP reply came.
struct TransportFailure {
  /// Nothing of the request can have reached HubSpot; false: it may have been applied (I23).
  bool surely_not_sent = false;
  std::string message;  ///< For people; holds no secret.
  /// Not sent on purpose, because the daily budget is spent: how long until it is worth trying again. Implies
  /// surely_not_sent; becomes Outcome::postponed.
  std::optional<Duration> postponed = {};
  bool overturned = false;  ///< Not sent, because what it carries out does not stand any more.
  /// Not sent, because there is no access token to call with: why. Implies surely_not_sent.
  std::optional<CallFailure> no_token = {};
  int sends = 0;  ///< As HttpReply::sends.
};

class Transport {
 public:
  virtual ~Transport() = default;

  /// Sends once and never again by itself (I7).
  virtual Task<std::expected<HttpReply, TransportFailure>> send(HttpRequest request) = 0;
};

}  // namespace hubsync
