// The webhook listener's handler: checks the signature, decodes, stores, and answers; nothing else happens
// before the answer. Loop thread. Answers carry no detail: who is refused learns only that (HUBSPOT.md §9.3).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "daemon/core/rules.hpp"
#include "daemon/http/message.hpp"
#include "daemon/http/server.hpp"
#include "daemon/ports/clock.hpp"
#include "daemon/ports/store.hpp"
#include "daemon/webhook/signature.hpp"

namespace hubsync::webhook {

class Receiver {
 public:
  struct Options {
    std::string path = "/api/webhooks/hubspot";
    /// Scheme and host that HubSpot calls; the request's raw path and query follow. "": `scheme` and the Host
    /// field.
    std::string public_url = {};
    std::string scheme = "http://";
    std::int64_t max_backlog = 200'000;  ///< Events that may wait before HubSpot is told to come again (I35).
  };

  struct Counters {
    std::int64_t received = 0;  ///< Events stored or known already, since the start.
    std::int64_t rejected = 0;  ///< Requests.
  };

  /// `rules` is asked for each request; `arrived` is called with the number of new events once they are
  /// committed.
  Receiver(
      Store& store,
      Clock& clock,
      Options options,
      std::function<const Rules&()> rules,
      std::function<void(std::int64_t)> arrived
  );

  /// Nothing is accepted before the first call.
  void set_verifier(std::unique_ptr<const Verifier> verifier);

  void set_public_url(std::string url) { options_.public_url = std::move(url); }

  [[nodiscard]] const Verifier* verifier() const { return verifier_.get(); }

  Task<http::Response> handle(http::Request request);

  /// The handler and what belongs to it for an http::Server; this object outlives it.
  [[nodiscard]] http::Service service();

  /// Counts a request that was refused before it came here.
  void note_refused() { ++counters_.rejected; }

  [[nodiscard]] const Counters& counters() const { return counters_; }

 private:
  Task<http::Response> receive(http::Request request);
  [[nodiscard]] bool is_genuine(const http::Request& request) const;
  http::Response reject(int status);

  Store& store_;
  Clock& clock_;
  Options options_;
  std::function<const Rules&()> rules_;
  std::function<void(std::int64_t)> arrived_;
  std::unique_ptr<const Verifier> verifier_;
  Counters counters_;
};

}  // namespace hubsync::webhook
