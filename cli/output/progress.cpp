#include "cli/output/progress.hpp"

#include <algorithm>
#include <cmath>

#include "cli/output/table.hpp"
#include "cli/output/when.hpp"
#include "common/text.hpp"

namespace hubsync::cli {
namespace {

constexpr std::size_t bar_width = 24;
constexpr std::string_view clear_line = "\x1b[2K";

std::string bar(const api::RunProgress& progress) {
  const double total = static_cast<double>(std::max<std::int64_t>(progress.total.value_or(0), 1));
  const double share = std::clamp(static_cast<double>(progress.done) / total, 0.0, 1.0);
  const auto full = static_cast<std::size_t>(std::floor(share * bar_width));
  return "[" + std::string(full, '#') + std::string(bar_width - full, '-') + "]";
}

}  // namespace

std::string progress_line(
    const std::string& type, const api::RunProgress& progress, double per_second, std::size_t columns
) {
  std::string line = terminal_safe(type);
  line.resize(std::max<std::size_t>(line.size(), 9), ' ');
  line += "  " + (progress.total ? bar(progress) + "  " : std::string{}) + grouped(progress.done);
  line += progress.total ? "/" + grouped(*progress.total) : "";
  const bool finished = progress.total && progress.done >= *progress.total;
  if (per_second > 0 && !finished) {  // Of what is done the speed would only fall.
    line += "  " + grouped(std::llround(per_second)) + "/s";
    const std::int64_t rest = progress.total.value_or(0) - progress.done;
    if (rest > 0) {
      const double ms = static_cast<double>(rest) / per_second * 1'000;
      line += "  " + short_duration(Duration{std::llround(ms)}) + " left";
    }
  }
  return truncate_to_width(line, columns);
}

void Progress::update(const api::Run& run, Instant now) {
  if (!output_.progress()) {
    return;
  }
  std::string out = lines_ == 0 ? "" : "\x1b[" + std::to_string(lines_) + "A";
  lines_ = 0;
  for (const auto& [type, progress] : run.progress) {
    const Start start = starts_.try_emplace(type, Start{progress.done, now}).first->second;
    const double seconds = std::chrono::duration<double>(now - start.at).count();
    const double done = static_cast<double>(progress.done - start.done);
    const double per_second = seconds > 0 ? done / seconds : 0;
    out += std::string{clear_line} + progress_line(type, progress, per_second, output_.columns() - 1) + "\n";
    ++lines_;
  }
  output_.draw(out);
}

}  // namespace hubsync::cli
