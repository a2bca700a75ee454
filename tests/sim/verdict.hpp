// Whether a history held what must always hold; the first breach counts, what follows it is noise. One
// thread.
#pragma once

#include <string>
#include <utility>

namespace hubsync::sim {

class Verdict {
 public:
  /// `oracle` names the invariant: "I7 no double create".
  void breach(std::string oracle, std::string what) {
    if (oracle_.empty()) {
      oracle_ = std::move(oracle);
      what_ = std::move(what);
    }
  }

  [[nodiscard]] bool held() const { return oracle_.empty(); }
  [[nodiscard]] const std::string& oracle() const { return oracle_; }
  [[nodiscard]] const std::string& what() const { return what_; }

 private:
  std::string oracle_;
  std::string what_;
};

}  // namespace hubsync::sim
