// The dashboard of `hubsync top`: what is kept from one look at the daemon to the next, and how it is laid
// out. Pure.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "cli/output/screen.hpp"
#include "common/api.hpp"

namespace hubsync::cli {

/// One look at the daemon.
struct Look {
  Instant at{};
  api::Status status = {};
  std::int64_t sent = 0;   ///< Log entries of changes that went to HubSpot, so far.
  std::int64_t taken = 0;  ///< The same from HubSpot.
  std::vector<api::SyncLog> recent = {};
};

class Dashboard {
 public:
  void add(Look look);
  /// The daemon does not answer; what was last seen stays.
  void lost(std::string why) { lost_ = std::move(why); }
  /// Shows open conflicts in place of recent activity; nothing turns back.
  void show_conflicts(std::optional<std::vector<api::Conflict>> conflicts) {
    conflicts_ = std::move(conflicts);
  }
  [[nodiscard]] bool shows_conflicts() const { return conflicts_.has_value(); }
  /// A remark for the last line, for a few looks.
  void remark(std::string text) {
    remark_ = std::move(text);
    remark_looks_ = 4;
  }
  [[nodiscard]] const Look& last() const { return look_; }

  [[nodiscard]] std::vector<ScreenLine> lines(ScreenSize size, bool keys) const;

 private:
  Look look_;
  std::deque<double> sent_rates_;
  std::deque<double> taken_rates_;
  std::optional<std::vector<api::Conflict>> conflicts_;
  std::string lost_;
  std::string remark_;
  int remark_looks_ = 0;
};

/// The newest values that fit, as bars of one to eight eighths of the largest; nothing for zero.
[[nodiscard]] std::string sparkline(const std::deque<double>& values, std::size_t columns);

}  // namespace hubsync::cli
