// The text of one scrape: OpenMetrics 1.0, or Prometheus' older format for a client that asks for plain text.
// Pure; any thread. Knows no metric.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace hubsync::api {

class Exposition {
 public:
  enum class Format { open_metrics, prometheus };
  enum class Kind { gauge, counter, info };
  using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  explicit Exposition(Format format) : format_(format) {}

  /// Begins a metric family; `name` is without the suffixes _total and _info, and ends in its unit when it
  /// has one.
  void family(std::string_view name, Kind kind, std::string_view help, std::string_view unit = {});

  /// One sample of the family begun last.
  void sample(std::int64_t value, Labels labels = {});
  void sample(double value, Labels labels = {});

  /// The whole text.
  [[nodiscard]] std::string finish() &&;

  [[nodiscard]] static std::string_view content_type(Format format);

 private:
  void add(std::string_view value, Labels labels);

  Format format_;
  std::string sample_name_;
  std::string text_;
};

/// The format that an Accept header asks for: OpenMetrics, unless it wants only plain text.
[[nodiscard]] Exposition::Format accepted_format(std::string_view accept);

}  // namespace hubsync::api
