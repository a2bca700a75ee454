// One HTTP exchange with HubSpot. libcurl in the daemon, the HubSpot model itself in the simulation; the
// engine's throttle wraps either. Loop thread.
#pragma once

#include <expected>
#include <map>
#include <string>

#include "common/time.hpp"
#include "daemon/ports/task.hpp"

namespace hubsync {

/// Who waits for a call; the throttle serves the classes 5 : 4 : 1 (I25).
enum class CallClass : std::uint8_t {
  interactive,  ///< A person or script waits for this one record.
  change,       ///< Edits on their way.
  sweep         ///< Walks and polls.
};

struct HttpRequest {
  std::string method;
  std::string target;  ///< Path and query, as sent.
  std::string body = {};
  std::string content_type = "application/json";
  CallClass call_class = CallClass::change;
  bool search = false;  ///< Counts against HubSpot's search limit instead of the burst limit (HUBSPOT.md §8).
};

struct HttpReply {
  int status = 0;
  std::map<std::string, std::string, std::less<>> headers = {};  ///< Names in lower case.
  std::string body = {};
};

/// No HTTP reply came.
struct TransportFailure {
  /// Nothing of the request can have reached HubSpot; false: it may have been applied (I23).
  bool surely_not_sent = false;
  std::string message;  ///< For people; holds no secret.
};

class Transport {
 public:
  virtual ~Transport() = default;

  /// Sends once and never again by itself (I7).
  virtual Task<std::expected<HttpReply, TransportFailure>> send(HttpRequest request) = 0;
};

}  // namespace hubsync
