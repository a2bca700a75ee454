#include "daemon/engine/authorization.hpp"

#include <utility>

#include "daemon/core/backoff.hpp"
#include "daemon/core/token_lifetime.hpp"
#include "daemon/engine/signal.hpp"

namespace hubsync {
namespace {

/// Between attempts to get a token while the endpoint is away.
constexpr RetryPolicy pauses{.max_delay = Duration{60'000}};

std::unexpected<TransportFailure> not_sent(CallFailure why) {
  TransportFailure failure{.surely_not_sent = true, .message = why.message};
  failure.no_token = std::move(why);
  return std::unexpected(std::move(failure));
}

}  // namespace

struct Authorization::State {
  TokenLifetime lifetime = {};
  CallFailure failure = {};  ///< Of the last attempt that failed.
  std::unique_ptr<Signal> changed = std::make_unique<Signal>();
  bool renews = false;
};

/// One attempt to get a token. Whatever way it ends, those who wait for it go on.
class Authorization::Renewal {
 public:
  explicit Renewal(std::shared_ptr<State> state)
      : state_(std::move(state)), number_(state_->lifetime.begin()) {}
  Renewal(const Renewal&) = delete;
  Renewal& operator=(const Renewal&) = delete;
  ~Renewal() {
    state_->lifetime.abandoned(number_);
    if (state_->changed) {
      state_->changed->notify_all();
    }
  }

  void succeeded(SteadyInstant now, Duration lifetime) { state_->lifetime.renewed(number_, now, lifetime); }

  void failed(SteadyInstant now, const CallFailure& failure, double unit) {
    state_->failure = failure;
    state_->lifetime.failed(number_, next_attempt(now, failure, unit));
  }

 private:
  [[nodiscard]] SteadyInstant next_attempt(SteadyInstant now, const CallFailure& failure, double unit) const {
    if (failure.outcome == Outcome::denied) {
      return SteadyInstant::max();
    }
    if (failure.outcome == Outcome::postponed) {
      return now;  // Nothing was sent: the throttle says by itself when it is time.
    }
    return now + failure.retry_after.value_or(retry_delay(pauses, state_->lifetime.failures(), unit));
  }

  std::shared_ptr<State> state_;
  TokenLifetime::Number number_;
};

Authorization::Authorization(
    Transport& inner, TokenEndpoint& endpoint, Clock& clock, Random& random, bool renews
)
    : inner_(inner), endpoint_(endpoint), clock_(clock), random_(random), state_(std::make_shared<State>()) {
  state_->renews = renews;
}

Authorization::~Authorization() {
  // Those who wait own the coroutines that share the state: break that circle.
  const auto waiters = std::move(state_->changed);
}

Task<std::expected<HttpReply, TransportFailure>> Authorization::send(HttpRequest request) {
  if (!state_->renews) {
    co_return co_await inner_.send(std::move(request));
  }
  if (auto failure = co_await authorize()) {
    co_return not_sent(std::move(*failure));
  }
  const TokenLifetime::Number token = state_->lifetime.token();
  HttpRequest again = request;
  auto answer = co_await inner_.send(std::move(request));
  if (!answer || answer->status != 401) {
    co_return answer;
  }
  state_->lifetime.rejected(token);
  if (auto failure = co_await authorize()) {
    co_return not_sent(std::move(*failure));
  }
  co_return co_await inner_.send(std::move(again));
}

void Authorization::restart(bool renews) {
  state_->renews = renews;
  state_->lifetime.restart();
  state_->changed->notify_all();
}

Task<std::optional<CallFailure>> Authorization::authorize() {
  while (state_->renews) {
    const SteadyInstant now = clock_.steady();
    switch (state_->lifetime.need(now)) {
      case TokenNeed::none:
        co_return std::nullopt;
      case TokenNeed::wait:
        co_await state_->changed->wait();
        break;
      case TokenNeed::renew:
        if (auto failure = co_await renew()) {
          co_return state_->lifetime.usable(clock_.steady()) ? std::nullopt : std::move(failure);
        }
        break;
      case TokenNeed::refused: {
        CallFailure failure = state_->failure;
        if (failure.outcome != Outcome::denied) {
          failure.retry_after = state_->lifetime.blocked_until() - now;
        }
        co_return failure;
      }
    }
  }
  co_return std::nullopt;
}

Task<std::optional<CallFailure>> Authorization::renew() {
  Renewal renewal{state_};
  const auto granted = co_await endpoint_.renew();
  const SteadyInstant now = clock_.steady();
  if (granted) {
    renewal.succeeded(now, *granted);
    co_return std::nullopt;
  }
  renewal.failed(now, granted.error(), random_.unit());
  co_return granted.error();
}

}  // namespace hubsync
