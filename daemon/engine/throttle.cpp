#include "daemon/engine/throttle.hpp"

#include <algorithm>
#include <charconv>
#include <deque>
#include <limits>
#include <map>
#include <string_view>
#include <utility>

#include "common/assert.hpp"
#include "daemon/core/backoff.hpp"
#include "daemon/engine/signal.hpp"

namespace hubsync {
namespace {

struct Waiter {
  Signal wake;
  std::optional<TokenBucket::Token> token = {};  ///< Set when its turn has come.
  Breaker::Pass pass = {};
};

/// One of HubSpot's limits with those who wait for it.
struct Lane {
  explicit Lane(TokenBucket::Options options) : bucket(options) {}

  TokenBucket bucket;
  WaitQueue queue = {};
  std::map<WaitQueue::Ticket, std::unique_ptr<Waiter>> waiters = {};
  /// Tickets that have a token and are about to be sent, in the order in which they got it.
  std::deque<WaitQueue::Ticket> starting = {};
  /// The one waiter that also watches the clock, for all.
  std::optional<WaitQueue::Ticket> timekeeper = {};
  SteadyInstant wakes_at = SteadyInstant::max();

  void leave(WaitQueue::Ticket ticket);
};

/// Forgets a waiter; the next of those about to be sent may go.
void Lane::leave(WaitQueue::Ticket ticket) {
  waiters.erase(ticket);
  std::erase(starting, ticket);
  if (!starting.empty()) {
    waiters.at(starting.front())->wake.notify_all();
  }
}

std::optional<std::string_view> header(const HttpReply& reply, std::string_view name) {
  const auto found = reply.headers.find(name);
  return found == reply.headers.end() ? std::nullopt : std::optional<std::string_view>{found->second};
}

std::optional<std::int64_t> number(const HttpReply& reply, std::string_view name) {
  const auto text = header(reply, name);
  std::int64_t value = 0;
  if (!text) {
    return std::nullopt;
  }
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  const bool whole = error == std::errc{} && end == text->data() + text->size();
  return whole && value >= 0 ? std::optional{value} : std::nullopt;
}

int to_int(std::int64_t value) {
  return static_cast<int>(std::min<std::int64_t>(value, std::numeric_limits<int>::max()));
}

std::int64_t& count_for(Throttle::Ended& ended, const std::expected<HttpReply, TransportFailure>& answer) {
  if (!answer) {
    return ended.unanswered;
  }
  if (answer->status == 429 || answer->status == 477) {
    return ended.throttled;
  }
  return answer->status < 400 ? ended.succeeded : answer->status < 500 ? ended.refused : ended.failed;
}

}  // namespace

struct Throttle::State {
  State(Clock& the_clock, const Options& options)
      : clock(the_clock),
        burst(options.burst),
        search(options.search),
        budget(options.daily, options.utc_offset),
        breaker(options.breaker) {}

  Clock& clock;
  Lane burst;
  Lane search;
  DailyBudget budget;
  Breaker breaker;
  std::int64_t calls = 0;
  Ended ended = {};
  std::optional<Duration> hubspot_offset = {};  ///< HubSpot's clock minus our monotonic one.
  bool stopped = false;
  Reserve reserve = {};
  DailyBudget::State reserved = {};
  bool closed = false;  ///< The throttle is gone; what is left of its calls does nothing any more.

  void pump(Lane& lane);
  void pump_all();
  [[nodiscard]] SteadyInstant next_grant(const Lane& lane) const;
  void read_headers(
      const Lane& lane, const TokenBucket::Token& token, const HttpReply& reply, SteadyInstant sent
  );
  void read_date(Instant date, SteadyInstant sent);
  void read_refusal(Lane& lane, const HttpReply& reply);
  [[nodiscard]] std::optional<Instant> hubspot_time() const;
};

/// One call from its place in the queue to its answer. Whatever way it ends, its token goes back by the rule
/// of I26.
class Throttle::Call {
 public:
  Call(std::shared_ptr<State> state, bool search, CallClass call_class)
      : state_(std::move(state)), lane_(search ? state_->search : state_->burst) {
    ticket_ = lane_.queue.enqueue(call_class);
    lane_.waiters.emplace(ticket_, std::make_unique<Waiter>());
    state_->pump(lane_);
  }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
  ~Call();

  /// It has a token, and all that got theirs before it were sent.
  [[nodiscard]] bool may_start() const {
    return !lane_.starting.empty() && lane_.starting.front() == ticket_;
  }
  [[nodiscard]] Task<void> wait();
  /// Counts the call as sent; false when the budget was spent or the throttle stopped while it waited.
  [[nodiscard]] bool begin();
  void end(const std::expected<HttpReply, TransportFailure>& answer);

 private:
  enum class Stage : std::uint8_t { queued, sent, ended };

  std::shared_ptr<State> state_;
  Lane& lane_;
  WaitQueue::Ticket ticket_ = 0;
  Stage stage_ = Stage::queued;
  TokenBucket::Token token_;
  Breaker::Pass pass_;
  SteadyInstant sent_{};
};

std::string spent_message(Instant until) {
  return "the daily budget of calls is spent until " + format_instant(until);
}

Throttle::Throttle(Transport& inner, Clock& clock, Options options)
    : inner_(inner), clock_(clock), state_(std::make_shared<State>(clock, options)) {}

Throttle::~Throttle() {
  state_->closed = true;
  // The waiters own the coroutines that wait, and these share the state: break that circle.
  const auto burst = std::exchange(state_->burst.waiters, {});
  const auto search = std::exchange(state_->search.waiters, {});
}

Task<std::expected<HttpReply, TransportFailure>> Throttle::send(HttpRequest request) {
  const auto postponed = [](const State& state) {
    if (state.stopped) {
      return std::unexpected(TransportFailure{
          .surely_not_sent = true, .message = "the daemon is stopping", .postponed = Duration{0}
      });
    }
    const Instant now = state.clock.now();
    const Instant until = state.budget.resets_at(now);
    return std::unexpected(
        TransportFailure{.surely_not_sent = true, .message = spent_message(until), .postponed = until - now}
    );
  };
  if (state_->stopped || state_->budget.exhausted(clock_.now())) {
    co_return postponed(*state_);
  }
  Call call{state_, request.search, request.call_class};
  while (!call.may_start() && !state_->stopped) {
    co_await call.wait();
  }
  if (!co_await reserve()) {
    co_return std::unexpected(TransportFailure{
        .surely_not_sent = true, .message = "not sent, since the count of the day's calls cannot be stored"
    });
  }
  if (!std::ranges::all_of(request.decided, still_holds)) {
    co_return std::unexpected(TransportFailure{
        .surely_not_sent = true,
        .message = "not sent, since HubSpot has shown the record otherwise meanwhile",
        .overturned = true
    });
  }
  if (!call.begin()) {
    co_return postponed(*state_);
  }
  auto answer = co_await inner_.send(std::move(request));
  call.end(answer);
  co_return answer;
}

Task<bool> Throttle::reserve() {
  const auto state = state_;
  while (state->reserve && !state->stopped) {
    const DailyBudget::State now = state->budget.state(clock_.now());
    if (now.day == state->reserved.day && now.used < state->reserved.used) {
      break;
    }
    const std::int64_t block = std::max<std::int64_t>(1, state->budget.limit() / 1'000);
    const DailyBudget::State wanted{.day = now.day, .used = now.used + block};
    if (!co_await state->reserve(wanted)) {
      co_return false;
    }
    state->reserved = wanted;
  }
  co_return true;
}

void Throttle::reserve_with(Reserve reserve) {
  state_->reserve = std::move(reserve);
}

void Throttle::hold_after_restart() {
  state_->burst.bucket.hold_after_restart(clock_.steady());
  state_->search.bucket.hold_after_restart(clock_.steady());
}

std::optional<Throttle::Holds> Throttle::holds() const {
  const SteadyInstant now = clock_.steady();
  auto burst = state_->burst.bucket.holds(now);
  auto search = state_->search.bucket.holds(now);
  if (!burst || !search) {
    return std::nullopt;
  }
  return Holds{.burst = std::move(*burst), .search = std::move(*search)};
}

bool Throttle::restore_holds(const Holds& holds) {
  const SteadyInstant now = clock_.steady();
  return state_->burst.bucket.restore(holds.burst, now) && state_->search.bucket.restore(holds.search, now);
}

void Throttle::stop() {
  state_->stopped = true;
  for (const Lane* const lane : {&state_->burst, &state_->search}) {
    for (const auto& [ticket, waiter] : lane->waiters) {
      waiter->wake.notify_all();
    }
  }
}

void Throttle::configure(const Options& options) {
  state_->burst.bucket.configure(options.burst.capacity, options.burst.interval);
  state_->search.bucket.configure(options.search.capacity, options.search.interval);
  state_->budget.set_limit(options.daily);
  state_->pump_all();
}

void Throttle::set_utc_offset(Duration utc_offset) {
  state_->budget.set_utc_offset(utc_offset, clock_.now());
}

Duration Throttle::utc_offset() const {
  return state_->budget.utc_offset();
}

DailyBudget::State Throttle::daily() const {
  return state_->budget.state(clock_.now());
}

void Throttle::restore_daily(const DailyBudget::State& state) {
  state_->budget.restore(state, clock_.now());
}

Throttle::Snapshot Throttle::snapshot() const {
  const SteadyInstant steady = clock_.steady();
  const Instant now = clock_.now();
  const State& state = *state_;
  Snapshot result{
      .capacity = state.burst.bucket.capacity(),
      .available = state.burst.bucket.available(steady),
      .search_available = state.search.bucket.available(steady),
      .waiting = state.burst.queue.size() + state.search.queue.size(),
      .interval = state.burst.bucket.interval(),
      .daily_used = state.budget.used(now),
      .daily_limit = state.budget.limit(),
      .breaker_open = state.breaker.open(),
      .calls = state.calls,
      .ended = state.ended
  };
  if (const auto hubspot = hubspot_time()) {
    result.clock_skew = *hubspot - now;
  }
  if (state.budget.exhausted(now)) {
    result.daily_spent_until = state.budget.resets_at(now);
  }
  return result;
}

std::optional<Instant> Throttle::hubspot_time() const {
  return state_->hubspot_time();
}

Throttle::Call::~Call() {
  if (state_->closed) {
    return;
  }
  if (stage_ == Stage::queued) {
    const Waiter& me = *lane_.waiters.at(ticket_);
    if (me.token) {
      lane_.bucket.unused();
      state_->breaker.abandoned(me.pass);
    } else {
      lane_.queue.remove(ticket_);
    }
    lane_.leave(ticket_);
  } else if (stage_ == Stage::sent) {
    lane_.bucket.lost(state_->clock.steady());
    state_->breaker.abandoned(pass_);
  }
  state_->pump_all();
}

Task<void> Throttle::Call::wait() {
  Waiter& me = *lane_.waiters.at(ticket_);
  if (lane_.timekeeper != ticket_) {
    co_await me.wake.wait();
    co_return;
  }
  lane_.wakes_at = state_->next_grant(lane_);
  if (lane_.wakes_at == SteadyInstant::max()) {
    co_await me.wake.wait();
  } else {
    co_await wait_until(me.wake, state_->clock, lane_.wakes_at);
  }
  state_->pump(lane_);
}

bool Throttle::Call::begin() {
  const Instant now = state_->clock.now();
  if (state_->stopped || state_->budget.exhausted(now)) {
    return false;
  }
  const Waiter& me = *lane_.waiters.at(ticket_);
  ASSERT(me.token.has_value());
  token_ = *me.token;
  pass_ = me.pass;
  lane_.leave(ticket_);
  stage_ = Stage::sent;
  sent_ = state_->clock.steady();
  state_->budget.spend(now);
  ++state_->calls;
  return true;
}

void Throttle::Call::end(const std::expected<HttpReply, TransportFailure>& answer) {
  const SteadyInstant now = state_->clock.steady();
  stage_ = Stage::ended;
  ++count_for(state_->ended, answer);
  if (answer) {
    state_->read_headers(lane_, token_, *answer, sent_);
    lane_.bucket.answered(now);
    state_->read_refusal(lane_, *answer);
  } else if (answer.error().surely_not_sent) {
    lane_.bucket.unused();
  } else {
    lane_.bucket.lost(now);
  }
  if (answer && answer->status < 500) {
    state_->breaker.succeeded(pass_, now);
  } else {
    state_->breaker.failed(pass_, now);
  }
}

/// Gives tokens to those whose turn it is, and sees that somebody watches the clock for the rest.
void Throttle::State::pump(Lane& lane) {
  const SteadyInstant now = clock.steady();
  while (lane.queue.size() > 0 && lane.bucket.available(now) > 0) {
    const auto pass = breaker.enter(now);
    if (!pass) {
      break;
    }
    const auto ticket = lane.queue.next();
    ASSERT(ticket.has_value());
    Waiter& waiter = *lane.waiters.at(*ticket);
    lane.starting.push_back(*ticket);
    waiter.pass = *pass;
    waiter.token = lane.bucket.take(now);
    ASSERT(waiter.token);
    waiter.wake.notify_all();
  }
  const auto keeper = lane.timekeeper ? lane.waiters.find(*lane.timekeeper) : lane.waiters.end();
  if (keeper == lane.waiters.end() || keeper->second->token) {
    lane.timekeeper = lane.queue.last();
    lane.wakes_at = SteadyInstant::max();
  }
  // Wakes a timekeeper just chosen too: its wakes_at is still the end of time.
  if (lane.timekeeper && next_grant(lane) < lane.wakes_at) {
    lane.waiters.at(*lane.timekeeper)->wake.notify_all();
  }
}

void Throttle::State::pump_all() {
  pump(burst);
  pump(search);
}

SteadyInstant Throttle::State::next_grant(const Lane& lane) const {
  const SteadyInstant now = clock.steady();
  const auto next = lane.bucket.available(now) > 0 ? breaker.next_entry(now) : lane.bucket.next_release(now);
  return next.value_or(SteadyInstant::max());
}

void Throttle::State::read_headers(
    const Lane& lane, const TokenBucket::Token& token, const HttpReply& reply, SteadyInstant sent
) {
  if (const auto left = number(reply, "x-hubspot-ratelimit-daily-remaining")) {
    budget.server_remaining(*left, clock.now());
  }
  if (const auto date = header(reply, "date").and_then(parse_http_date)) {
    read_date(*date, sent);
  }
  // Searches are not counted in the window that these three describe (HUBSPOT.md §8).
  if (&lane != &burst) {
    return;
  }
  if (const auto max = number(reply, "x-hubspot-ratelimit-max")) {
    burst.bucket.server_max(to_int(*max));
  }
  if (const auto interval = number(reply, "x-hubspot-ratelimit-interval-milliseconds")) {
    burst.bucket.server_interval(Duration{*interval});
  }
  if (const auto remaining = number(reply, "x-hubspot-ratelimit-remaining")) {
    burst.bucket.server_remaining(to_int(*remaining), token, clock.steady());
  }
}

std::optional<Instant> Throttle::State::hubspot_time() const {
  return hubspot_offset ? std::optional{Instant{clock.steady().time_since_epoch() + *hubspot_offset}}
                        : std::nullopt;
}

/// HubSpot wrote this second somewhere between our sending and now. Ours is believed as far as it fits.
void Throttle::State::read_date(Instant date, SteadyInstant sent) {
  constexpr Duration second{1'000};
  const SteadyInstant now = clock.steady();
  const Duration ours = clock.now().time_since_epoch() - now.time_since_epoch();
  const Duration least = date.time_since_epoch() - now.time_since_epoch();
  const Duration most = date.time_since_epoch() + second - sent.time_since_epoch();
  hubspot_offset = std::clamp(ours, least, std::max(least, most));
}

/// 429 and 477 stop all calls of the limit that they name; one that names none stops both.
void Throttle::State::read_refusal(Lane& lane, const HttpReply& reply) {
  if (reply.status != 429 && reply.status != 477) {
    return;
  }
  const LimitPolicy policy = reply.status == 429 ? limit_policy(reply.body) : LimitPolicy::unknown;
  if (policy == LimitPolicy::daily) {
    budget.server_exhausted(clock.now());
    return;
  }
  const auto asked = parse_retry_after(
      header(reply, "retry-after").value_or(""), reply.status, hubspot_time().value_or(clock.now())
  );
  const SteadyInstant until = clock.steady() + asked.value_or(policy_wait(policy));
  if (policy == (&lane == &search ? LimitPolicy::secondly : LimitPolicy::ten_secondly)) {
    lane.bucket.refused(clock.steady(), until);
    return;
  }
  lane.bucket.block_until(until);
  if (policy != LimitPolicy::secondly) {
    burst.bucket.block_until(until);
  }
  if (policy == LimitPolicy::unknown) {
    search.bucket.block_until(until);
  }
}

}  // namespace hubsync
