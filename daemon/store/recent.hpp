// When something was last done to what a key names, for as long as a reading may take: a reading that was
// asked for before is of before. In memory: after a restart no reading of before is under way. Store thread.
#pragma once

#include <map>

#include "common/time.hpp"

namespace hubsync::store {

template <class Key>
class Recent {
 public:
  void note(const Key& key, Instant now) {
    if (now - swept_ > kept || now < swept_) {
      std::erase_if(done_, [now](const auto& done) { return now - done.second > kept; });
      swept_ = now;
    }
    done_[key] = now;
  }

  /// Whether a reading that was asked for then may be of before.
  [[nodiscard]] bool since(const Key& key, Instant asked, Instant now) const {
    const auto done = done_.find(key);
    // Done in the future: the clock was set back meanwhile.
    return done != done_.end() && asked <= done->second && done->second <= now;
  }

 private:
  /// Longer than any reading takes.
  static constexpr Duration kept{10 * 60'000};

  std::map<Key, Instant> done_;
  Instant swept_{};
};

}  // namespace hubsync::store
