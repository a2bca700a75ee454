// When we last wrote which record's reference. Associations have no modified time, so only this tells a
// reading from before such a write. In memory: after a restart no reading of before is under way. Store
// thread.
#pragma once

#include <map>

#include "daemon/core/record.hpp"

namespace hubsync::store {

class SentReferences {
 public:
  void note(const LocalId& record, Instant now) {
    if (now - swept_ > kept || now < swept_) {
      std::erase_if(sent_, [now](const auto& sent) { return now - sent.second > kept; });
      swept_ = now;
    }
    sent_[record] = now;
  }

  /// Whether a reading that was asked for then may be of before the write.
  [[nodiscard]] bool since(const LocalId& record, Instant asked, Instant now) const {
    const auto sent = sent_.find(record);
    // Written in the future: the clock was set back meanwhile.
    return sent != sent_.end() && asked <= sent->second && sent->second <= now;
  }

 private:
  /// Longer than any reading takes.
  static constexpr Duration kept{10 * 60'000};

  std::map<LocalId, Instant> sent_;
  Instant swept_{};
};

}  // namespace hubsync::store
