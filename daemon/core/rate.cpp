#include "daemon/core/rate.hpp"

#include <algorithm>

#include "common/assert.hpp"

namespace hubsync {
namespace {

// Interleaved, so that no class waits for a run of another. One sweep in ten: that is the bound of I25.
constexpr std::array<CallClass, 10> turns{
    CallClass::interactive,
    CallClass::change,
    CallClass::interactive,
    CallClass::change,
    CallClass::interactive,
    CallClass::change,
    CallClass::interactive,
    CallClass::change,
    CallClass::interactive,
    CallClass::sweep
};

// A longer interval than this is no rate limit but a mistake of whoever sent the header.
constexpr Duration longest_interval{3'600'000};

// For how many intervals a 429 makes us take less.
constexpr int refusal_memory = 6;

}  // namespace

TokenBucket::TokenBucket(Options options)
    : options_(options), capacity_(options.capacity), interval_(options.interval) {
  ASSERT(options.capacity > 0);
}

int TokenBucket::available(SteadyInstant now) const {
  return now < blocked_until_ ? 0 : std::max(0, capacity_ - held(now) - rival(now));
}

std::optional<SteadyInstant> TokenBucket::next_release(SteadyInstant now) const {
  if (now < blocked_until_) {
    return blocked_until_;
  }
  std::optional<SteadyInstant> next;
  const auto release = std::upper_bound(releases_.begin(), releases_.end(), now);
  if (release != releases_.end()) {
    next = *release;
  }
  for (const Rival& entry : rivals_) {
    if (entry.until > now) {
      next = next ? std::min(*next, entry.until) : entry.until;
    }
  }
  return next;
}

std::optional<TokenBucket::Token> TokenBucket::take(SteadyInstant now) {
  releases_.erase(releases_.begin(), std::upper_bound(releases_.begin(), releases_.end(), now));
  std::erase_if(rivals_, [now](const Rival& entry) { return entry.until <= now; });
  if (available(now) == 0) {
    return std::nullopt;
  }
  ++in_flight_;
  return Token{.number = ++taken_, .held = held(now)};
}

void TokenBucket::answered(SteadyInstant now) {
  release_at(now + interval_ + options_.margin);
}

void TokenBucket::lost(SteadyInstant now) {
  release_at(now + interval_ + options_.margin + options_.unknown_allowance);
}

void TokenBucket::unused() {
  ASSERT(in_flight_ > 0);
  --in_flight_;
}

void TokenBucket::server_max(int max) {
  // 0 would stop everything for good; no plan has it.
  if (max > 0) {
    capacity_ = std::min(options_.capacity, max);
  }
}

void TokenBucket::server_interval(Duration interval) {
  interval_ = std::clamp(interval, options_.interval, std::max(options_.interval, longest_interval));
}

void TokenBucket::server_remaining(int remaining, const Token& token, SteadyInstant now) {
  // The server counted at some time between send and answer. Of ours it can have counted at most those held
  // at the send and those taken since; what is missing beyond them was taken by somebody else.
  const auto taken_since = static_cast<int>(taken_ - token.number);
  const int believed = capacity_ - token.held - taken_since;
  const int missing = std::min(believed - remaining, capacity_);
  if (remaining < 0 || missing <= 0) {
    return;
  }
  hold_back(missing, now + interval_ + options_.margin);
}

void TokenBucket::refused(SteadyInstant now, SteadyInstant until) {
  // Of calls that were under way together only the first one tells something new.
  if (now >= blocked_until_) {
    const int step = std::max(1, capacity_ / 20);
    hold_back(std::min(rival(now) + step, capacity_ - 1), until + refusal_memory * interval_);
  }
  block_until(until);
}

void TokenBucket::block_until(SteadyInstant until) {
  blocked_until_ = std::max(blocked_until_, until);
}

void TokenBucket::hold_after_restart(SteadyInstant now) {
  block_until(now + interval_ + options_.margin + options_.unknown_allowance);
}

std::optional<TokenBucket::Holds> TokenBucket::holds(SteadyInstant now) const {
  if (in_flight_ > 0) {
    return std::nullopt;
  }
  Holds holds;
  if (blocked_until_ > now) {
    holds.blocked_until = blocked_until_;
  }
  holds.releases.assign(std::upper_bound(releases_.begin(), releases_.end(), now), releases_.end());
  return holds;
}

bool TokenBucket::restore(const Holds& holds, SteadyInstant now) {
  const SteadyInstant latest = now + longest_interval + options_.margin + options_.unknown_allowance;
  if (!std::ranges::is_sorted(holds.releases) ||
      (!holds.releases.empty() && holds.releases.back() > latest)) {
    return false;
  }
  releases_ = holds.releases;
  block_until(holds.blocked_until);
  return true;
}

void TokenBucket::configure(int capacity, Duration interval) {
  ASSERT(capacity > 0);
  if (capacity == options_.capacity && interval == options_.interval) {
    return;
  }
  // Calls answered under a shorter interval count in the longer window too.
  const Duration longer = std::max(Duration{0}, interval - interval_);
  for (SteadyInstant& release : releases_) {
    release += longer;
  }
  options_.capacity = capacity;
  options_.interval = interval;
  capacity_ = capacity;
  interval_ = interval;
}

int TokenBucket::held(SteadyInstant now) const {
  const auto pending = releases_.end() - std::upper_bound(releases_.begin(), releases_.end(), now);
  return in_flight_ + static_cast<int>(pending);
}

int TokenBucket::rival(SteadyInstant now) const {
  int most = 0;
  for (const Rival& entry : rivals_) {
    most = entry.until > now ? std::max(most, entry.tokens) : most;
  }
  return most;
}

void TokenBucket::release_at(SteadyInstant when) {
  ASSERT(in_flight_ > 0);
  --in_flight_;
  releases_.insert(std::upper_bound(releases_.begin(), releases_.end(), when), when);
}

void TokenBucket::hold_back(int tokens, SteadyInstant until) {
  const auto covers = [](const Rival& one, const Rival& other) {
    return one.tokens >= other.tokens && one.until >= other.until;
  };
  const Rival entry{.tokens = tokens, .until = until};
  if (std::ranges::none_of(rivals_, [&](const Rival& other) { return covers(other, entry); })) {
    std::erase_if(rivals_, [&](const Rival& other) { return covers(entry, other); });
    rivals_.push_back(entry);
  }
}

DailyBudget::DailyBudget(std::int64_t limit, Duration utc_offset) : limit_(limit), utc_offset_(utc_offset) {}

void DailyBudget::spend(Instant now) {
  enter_day(now);
  ++state_.used;
  if (server_left_) {
    --*server_left_;
  }
}

bool DailyBudget::exhausted(Instant now) const {
  return used(now) >= limit_ || (is_today(now) && server_left_ && *server_left_ <= 0);
}

Instant DailyBudget::resets_at(Instant now) const {
  const std::int64_t today = is_today(now) ? state_.day : day_of(now);
  return Instant{std::chrono::days{today + 1}} - utc_offset_;
}

std::int64_t DailyBudget::used(Instant now) const {
  return is_today(now) ? state_.used : 0;
}

void DailyBudget::server_remaining(std::int64_t remaining, Instant now) {
  enter_day(now);
  // The newest report counts, not the lowest: it also tells that HubSpot's day ended before ours.
  server_left_ = std::max<std::int64_t>(0, remaining);
}

void DailyBudget::set_utc_offset(Duration utc_offset, Instant now) {
  const bool today = is_today(now);
  utc_offset_ = utc_offset;
  if (today) {
    state_.day = day_of(now);
  }
}

DailyBudget::State DailyBudget::state(Instant now) const {
  return is_today(now) ? state_ : State{.day = day_of(now), .used = 0};
}

void DailyBudget::restore(const State& state, Instant now) {
  enter_day(now);
  if (state.day == state_.day || state.day == state_.day + 1) {
    state_ = {.day = state.day, .used = state_.used + state.used};
  }
}

std::int64_t DailyBudget::day_of(Instant now) const {
  return std::chrono::floor<std::chrono::days>(now + utc_offset_).time_since_epoch().count();
}

bool DailyBudget::is_today(Instant now) const {
  // A clock set back over midnight gives no second budget. One set back by more was wrong before.
  const std::int64_t day = day_of(now);
  return day == state_.day || day + 1 == state_.day;
}

void DailyBudget::enter_day(Instant now) {
  if (!is_today(now)) {
    state_ = {.day = day_of(now), .used = 0};
    server_left_.reset();
  }
}

WaitQueue::Ticket WaitQueue::enqueue(CallClass call_class) {
  waiting_[static_cast<std::size_t>(call_class)].push_back(++issued_);
  return issued_;
}

std::optional<WaitQueue::Ticket> WaitQueue::next() {
  for (std::size_t tried = 0; tried < turns.size(); ++tried) {
    auto& waiting = waiting_[static_cast<std::size_t>(turns[slot_])];
    slot_ = (slot_ + 1) % turns.size();
    if (!waiting.empty()) {
      const Ticket ticket = waiting.front();
      waiting.pop_front();
      return ticket;
    }
  }
  return std::nullopt;
}

bool WaitQueue::remove(Ticket ticket) {
  for (auto& waiting : waiting_) {
    // Tickets grow, so each class is sorted.
    const auto found = std::ranges::lower_bound(waiting, ticket);
    if (found != waiting.end() && *found == ticket) {
      waiting.erase(found);
      return true;
    }
  }
  return false;
}

std::size_t WaitQueue::size() const {
  return waiting_[0].size() + waiting_[1].size() + waiting_[2].size();
}

std::optional<WaitQueue::Ticket> WaitQueue::last() const {
  const auto lowest =
      std::find_if(waiting_.rbegin(), waiting_.rend(), [](const auto& waiting) { return !waiting.empty(); });
  return lowest == waiting_.rend() ? std::nullopt : std::optional{lowest->back()};
}

LimitPolicy limit_policy(std::string_view body) {
  const auto names = [body](std::string_view word) { return body.find(word) != std::string_view::npos; };
  // "TEN_SECONDLY_ROLLING" holds "SECONDLY": the longer word first.
  if (names("TEN_SECONDLY") || names("ten_secondly")) {
    return LimitPolicy::ten_secondly;
  }
  if (names("\"SECONDLY\"") || names("secondly limit")) {
    return LimitPolicy::secondly;
  }
  if (names("\"DAILY\"") || names("daily limit")) {
    return LimitPolicy::daily;
  }
  return LimitPolicy::unknown;
}

Duration policy_wait(LimitPolicy policy) {
  return policy == LimitPolicy::secondly ? Duration{1'000} : Duration{10'000};
}

}  // namespace hubsync
