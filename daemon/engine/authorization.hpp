// Sees that calls have a good access token when the credential is an OAuth refresh token: one of them renews
// it in time and all others wait; a call that was refused for its token is repeated once with a new one. With
// a static token it only passes calls on. Loop thread. Never sees a token.
#pragma once

#include <memory>
#include <optional>

#include "daemon/ports/clock.hpp"
#include "daemon/ports/random.hpp"
#include "daemon/ports/token_endpoint.hpp"
#include "daemon/ports/transport.hpp"

namespace hubsync {

class Authorization final : public Transport {
 public:
  /// All of them outlive this. `inner` is the throttle, through which `endpoint` goes too (I26); `renews`:
  /// the credential is a refresh token.
  Authorization(Transport& inner, TokenEndpoint& endpoint, Clock& clock, Random& random, bool renews);
  Authorization(const Authorization&) = delete;
  Authorization& operator=(const Authorization&) = delete;
  ~Authorization() override;

  /// A 401 says that nothing was done, so that sending the call again is no repetition (I7).
  Task<std::expected<HttpReply, TransportFailure>> send(HttpRequest request) override;

  /// Another credential is in place, or the same one is worth a try again.
  void restart(bool renews);

 private:
  struct State;
  class Renewal;

  /// Returns once there is a token to call with; else why there is none.
  Task<std::optional<CallFailure>> authorize();
  Task<std::optional<CallFailure>> renew();

  Transport& inner_;
  TokenEndpoint& endpoint_;
  Clock& clock_;
  Random& random_;
  std::shared_ptr<State> state_;  ///< Shared with the calls under way, which may be destroyed later.
};

}  // namespace hubsync
