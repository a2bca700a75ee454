// What lies between the daemon and HubSpot: latencies, lost replies, gateways' pages. Requests under way go
// on when the daemon that sent them dies. One thread.
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "daemon/engine/signal.hpp"
#include "daemon/ports/transport.hpp"
#include "tests/sim/api_call.hpp"
#include "tests/sim/crm.hpp"
#include "tests/sim/timeline.hpp"
#include "tests/sim/trace.hpp"
#include "tests/sim/weather.hpp"
#include "tests/sim/witness.hpp"

namespace hubsync::sim {

using Answer = std::expected<HttpReply, TransportFailure>;

/// One request on its way.
struct Exchange {
  HttpRequest request;
  ApiCall call;
  std::uint64_t number = 0;
  Fault fault = Fault::none;
  Instant gives_up{};
  std::optional<Instant> carried_out = {};
  std::optional<Answer> answer = {};
  std::unique_ptr<Signal> answered = std::make_unique<Signal>();  ///< Null once nobody waits.
};

class Internet {
 public:
  /// `kill` ends the running daemon.
  Internet(
      const Setup& setup,
      Timeline& timeline,
      Trace& trace,
      Crm& crm,
      Weather& weather,
      Witness& witness,
      std::function<void()> kill
  )
      : setup_(setup),
        timeline_(timeline),
        trace_(trace),
        crm_(crm),
        weather_(weather),
        witness_(witness),
        kill_(std::move(kill)) {}

  /// Sends; the answer is put into the exchange later.
  void send(const std::shared_ptr<Exchange>& exchange, store::Tables& tables);

  [[nodiscard]] std::int64_t calls() const { return calls_; }

 private:
  void arrive(const std::shared_ptr<Exchange>& exchange);
  void add_fault(Fault fault);
  void deliver_at(Instant when, const std::shared_ptr<Exchange>& exchange, Answer answer);
  void deliver(Exchange& exchange, Answer answer);

  const Setup& setup_;
  Timeline& timeline_;
  Trace& trace_;
  Crm& crm_;
  Weather& weather_;
  Witness& witness_;
  std::function<void()> kill_;
  std::int64_t calls_ = 0;
};

/// The daemon's end of it: dies with the daemon.
class Wire final : public Transport {
 public:
  Wire(Internet& internet, store::Tables& tables, const Rules& rules)
      : internet_(internet), tables_(tables), rules_(rules) {}
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;
  ~Wire() override;

  Task<Answer> send(HttpRequest request) override;

  /// The daemon is dead: what it still tries to send goes nowhere.
  void cut() { cut_ = true; }

 private:
  Internet& internet_;
  store::Tables& tables_;
  const Rules& rules_;
  bool cut_ = false;
  std::vector<std::weak_ptr<Exchange>> open_;
};

}  // namespace hubsync::sim
