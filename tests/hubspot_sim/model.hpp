// The simulated HubSpot portal: one in-memory model, linked into the deterministic simulation and served over
// HTTP by hubspot-sim. It owns the records, the limits and the faults. Single-threaded; it reads no clock and
// no random device: time is an argument of every call and randomness comes from ModelOptions::seed, so equal
// calls give equal answers. It does not wait: delays and dropped connections are returned as facts for the
// caller to carry out.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/time.hpp"
#include "tests/hubspot_sim/events.hpp"
#include "tests/hubspot_sim/options.hpp"

namespace hubspot_sim {

using hubsync::Duration;
using hubsync::Instant;

struct Portal;

/// One HTTP request as it reached the server; `target` is path and query as on the request line.
struct Request {
  std::string method;
  std::string target;
  std::string authorization;
  std::string body;
};

/// What the caller must do with a Response.
enum class Delivery {
  send,       ///< Send it.
  drop,       ///< Close the connection without a byte. Whether the request was applied depends on the fault.
  cut_short,  ///< Send the head with the full Content-Length and half of the body, then close.
};

/// The answer, and how and when it is to be delivered.
struct Response {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  Duration delay{};
  Delivery delivery = Delivery::send;
};

/// A whole HubSpot portal behind one function.
class Model {
 public:
  explicit Model(ModelOptions options = {});
  ~Model();
  Model(Model&&) noexcept;
  Model& operator=(Model&&) noexcept;

  /// Answers one request that arrives at `now`. `now` never goes back between calls.
  Response handle(const Request& request, Instant now);

  /// Lets background work that is due by `now` happen (late writes of HubSpot's own, purges).
  void advance(Instant now);

  /// Adds deterministic, realistic records as if they had been there for two years. See seed_data.hpp.
  void seed(const SeedCounts& counts, Instant now);

  /// Moves out the change events recorded so far, oldest first (only with ModelOptions::record_events).
  std::vector<ChangeEvent> take_events();

  /// The state behind the API, for tests and the simulation's oracles.
  [[nodiscard]] Portal& portal() { return *portal_; }

 private:
  std::unique_ptr<Portal> portal_;
};

}  // namespace hubspot_sim
