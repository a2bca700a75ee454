#include "daemon/engine/signal.hpp"

#include <map>
#include <utility>

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace hubsync {
namespace {

namespace asio = boost::asio;

class Waiter {
 public:
  virtual ~Waiter() = default;
  virtual void resume() = 0;
};

template <class Handler>
class HandlerWaiter final : public Waiter {
 public:
  explicit HandlerWaiter(Handler handler) : handler_(std::move(handler)) {}

  void resume() override {
    const auto executor = asio::get_associated_executor(handler_);
    asio::post(executor, std::move(handler_));
  }

 private:
  Handler handler_;
};

}  // namespace

struct Signal::State {
  std::uint64_t generation = 0;
  std::uint64_t last_id = 0;
  std::map<std::uint64_t, std::unique_ptr<Waiter>> waiters = {};

  void resume(std::uint64_t id) {
    if (const auto node = waiters.extract(id)) {
      node.mapped()->resume();
    }
  }
};

Signal::Signal() : state_(std::make_shared<State>()) {}

Signal::~Signal() {
  // A waiter owns its coroutine, which shares the state: break that circle. Taken out first, because what
  // dies with the coroutines may look at the map.
  const auto waiters = std::exchange(state_->waiters, {});
}

Task<void> Signal::wait() {
  return wait_after(state_, state_->generation);
}

void Signal::notify_all() {
  ++state_->generation;
  for (const auto& [id, waiter] : std::exchange(state_->waiters, {})) {
    waiter->resume();
  }
}

Task<void> Signal::wait_after(std::shared_ptr<State> state, std::uint64_t generation) {
  if (generation != state->generation) {
    co_return;
  }
  co_await asio::async_initiate<const asio::use_awaitable_t<>&, void()>(
      [](auto handler, State* owner, std::weak_ptr<State> weak) {
        const std::uint64_t id = ++owner->last_id;
        if (auto slot = asio::get_associated_cancellation_slot(handler); slot.is_connected()) {
          // The slot may outlive the wait and even the signal.
          slot.assign([weak = std::move(weak), id](asio::cancellation_type) {
            if (const auto alive = weak.lock()) {
              alive->resume(id);
            }
          });
        }
        owner->waiters.emplace(id, std::make_unique<HandlerWaiter<decltype(handler)>>(std::move(handler)));
      },
      asio::use_awaitable,
      state.get(),
      std::weak_ptr<State>{state}
  );
}

Task<bool> wait_until(Signal& signal, Clock& clock, SteadyInstant deadline) {
  using namespace asio::experimental::awaitable_operators;
  const auto first = co_await (signal.wait() || clock.sleep_until(deadline));
  co_return first.index() == 0;
}

}  // namespace hubsync
