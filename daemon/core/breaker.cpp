#include "daemon/core/breaker.hpp"

#include <algorithm>

namespace hubsync {

std::optional<Breaker::Pass> Breaker::enter(SteadyInstant now) {
  if (!open_) {
    return Pass{era_};
  }
  if (probing_ || now < probe_at_) {
    return std::nullopt;
  }
  probing_ = true;
  return Pass{++era_};
}

void Breaker::succeeded(Pass pass, SteadyInstant now) {
  if (pass.era != era_) {
    return;
  }
  if (!open_) {
    count(false, now);
    return;
  }
  open_ = false;
  probing_ = false;
  ++era_;
  calls_.clear();
  failures_ = 0;
}

void Breaker::failed(Pass pass, SteadyInstant now) {
  if (pass.era != era_) {
    return;
  }
  if (open_) {
    pause(std::min(pause_ * 2, options_.longest_pause), now);
    return;
  }
  count(true, now);
  const auto calls = static_cast<int>(calls_.size());
  if (calls >= options_.min_calls && failures_ * 2 > calls) {
    pause(options_.first_pause, now);
  }
}

void Breaker::abandoned(Pass pass) {
  if (pass.era == era_) {
    probing_ = false;
  }
}

std::optional<SteadyInstant> Breaker::next_entry(SteadyInstant now) const {
  if (!open_) {
    return now;
  }
  return probing_ ? std::nullopt : std::optional{std::max(now, probe_at_)};
}

void Breaker::count(bool failed, SteadyInstant now) {
  calls_.push_back({.when = now, .failed = failed});
  failures_ += failed ? 1 : 0;
  while (calls_.front().when + options_.window <= now) {
    failures_ -= calls_.front().failed ? 1 : 0;
    calls_.pop_front();
  }
}

void Breaker::pause(Duration length, SteadyInstant now) {
  open_ = true;
  probing_ = false;
  ++era_;
  pause_ = length;
  probe_at_ = now + length;
}

}  // namespace hubsync
