// Sends what a WebhookQueue gives: signed POSTs to a loopback address, five seconds for an answer (HUBSPOT.md
// §9.3). All on one io_context and one thread.
#pragma once

#include <memory>

#include <boost/asio/io_context.hpp>

#include "tests/hubspot_sim/model.hpp"

namespace hubspot_sim {

class WebhookSender {
 public:
  /// Begins once the loop runs. The model outlives it.
  WebhookSender(boost::asio::io_context& loop, Model& model);
  ~WebhookSender();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace hubspot_sim
