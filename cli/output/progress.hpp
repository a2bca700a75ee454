// The progress of a run, drawn in place on stderr: per type how far, how fast, how long still. One thread.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>

#include "cli/output/output.hpp"
#include "common/api.hpp"

namespace hubsync::cli {

/// One type's line, at most `columns` wide: "contacts  [#####-----]  1,200/2,400  230/s  5s left".
[[nodiscard]] std::string progress_line(
    const std::string& type, const api::RunProgress& progress, double per_second, std::size_t columns
);

class Progress {
 public:
  /// Draws nothing unless `output` says that progress is wanted.
  explicit Progress(Output& output) : output_(output) {}

  /// Replaces what was drawn before.
  void update(const api::Run& run, Instant now);

 private:
  struct Start {
    std::int64_t done;
    Instant at;
  };

  Output& output_;
  std::map<std::string, Start, std::less<>> starts_;
  std::size_t lines_ = 0;
};

}  // namespace hubsync::cli
