// The HTTP/1.1 face of the simulator: a keep-alive server on loopback around one Model, all on one io_context
// and one thread. Knows nothing about HubSpot; carries out the delays and broken deliveries that the model's
// answers ask for.
#pragma once

#include <cstdint>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "tests/hubspot_sim/model.hpp"

namespace hubspot_sim {

class Server {
 public:
  /// Binds 127.0.0.1:port (0 = any free one) and starts to accept once the loop runs.
  Server(boost::asio::io_context& loop, Model& model, std::uint16_t port);

  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  boost::asio::ip::tcp::acceptor acceptor_;
  std::uint16_t port_;
};

}  // namespace hubspot_sim
