// A proxy on loopback between hubsyncd and hubspot-sim that loses, delays and cuts what passes, by the
// percentage and seed it is given. A process of its own (process_tests --fault-proxy), one child a
// connection.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tests/process/process.hpp"

namespace hubsync::rig {

/// What happens to a request that a fault hits.
enum class Fault : std::uint8_t {
  drop_before,  ///< The connection is closed; HubSpot never hears of it.
  drop_after,   ///< HubSpot does it; the connection is closed without an answer.
  reset,        ///< HubSpot does it; the connection is reset.
  truncate,     ///< HubSpot does it; half of the answer, then the end of the connection.
  trickle,      ///< HubSpot does it; the answer comes in small pieces.
  dead,         ///< As drop_after, but only on a connection that has served before: where clients send again.
};

[[nodiscard]] std::string_view fault_name(Fault fault);

/// The proxy seen by a test.
class FaultProxy {
 public:
  /// Before the simulator listening on `upstream_port`; `faults` hit `percent` of the requests that are no
  /// GET.
  FaultProxy(
      const std::string& log,
      const std::string& upstream_port,
      std::vector<Fault> faults,
      int percent,
      std::uint64_t seed
  );

  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + port_; }
  /// From now on everything passes.
  void calm();

  struct Passed {
    std::string method;
    std::string path;
    std::string fault;  ///< "-" for none.
  };
  /// Every request that arrived, in the order of arrival.
  [[nodiscard]] std::vector<Passed> requests() const;

 private:
  std::string percent_file_;
  Process process_;
  std::string port_;
};

/// The proxy itself, until it is killed: UPSTREAM_PORT FAULTS PERCENT_FILE SEED.
int run_fault_proxy(const std::vector<std::string>& arguments);

}  // namespace hubsync::rig
