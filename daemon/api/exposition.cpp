#include "daemon/api/exposition.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace hubsync::api {
namespace {

std::string_view name_of(Exposition::Kind kind, Exposition::Format format) {
  switch (kind) {
    case Exposition::Kind::counter:
      return "counter";
    case Exposition::Kind::info:
      return format == Exposition::Format::open_metrics ? "info" : "gauge";
    case Exposition::Kind::gauge:
      break;
  }
  return "gauge";
}

std::string_view suffix_of(Exposition::Kind kind) {
  switch (kind) {
    case Exposition::Kind::counter:
      return "_total";
    case Exposition::Kind::info:
      return "_info";
    case Exposition::Kind::gauge:
      break;
  }
  return "";
}

void append_escaped(std::string& text, std::string_view value) {
  for (const char c : value) {
    switch (c) {
      case '\\':
        text.append("\\\\");
        break;
      case '"':
        text.append("\\\"");
        break;
      case '\n':
        text.append("\\n");
        break;
      default:
        text.push_back(c);
    }
  }
}

}  // namespace

void Exposition::family(std::string_view name, Kind kind, std::string_view help, std::string_view unit) {
  sample_name_ = std::string{name}.append(suffix_of(kind));
  // OpenMetrics describes the family, the older format each name as the samples have it.
  const std::string described = format_ == Format::open_metrics ? std::string{name} : sample_name_;
  text_.append("# TYPE ").append(described).append(" ").append(name_of(kind, format_)).append("\n");
  if (!unit.empty() && format_ == Format::open_metrics) {
    text_.append("# UNIT ").append(described).append(" ").append(unit).append("\n");
  }
  text_.append("# HELP ").append(described).append(" ").append(help).append("\n");
}

void Exposition::sample(std::int64_t value, Labels labels) {
  add(std::to_string(value), labels);
}

void Exposition::sample(double value, Labels labels) {
  std::array<char, 32> digits{};
  // Neither format takes a sign or exponent wrong, but a value that is no number says nothing here.
  const double shown = std::isfinite(value) ? value : 0;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), shown).ptr;
  add({digits.data(), end}, labels);
}

void Exposition::add(std::string_view value, Labels labels) {
  text_.append(sample_name_);
  char before = '{';
  for (const auto& [name, label] : labels) {
    text_.push_back(before);
    text_.append(name).append("=\"");
    append_escaped(text_, label);
    text_.push_back('"');
    before = ',';
  }
  text_.append(labels.size() > 0 ? "} " : " ").append(value).append("\n");
}

std::string Exposition::finish() && {
  if (format_ == Format::open_metrics) {
    text_.append("# EOF\n");
  }
  return std::move(text_);
}

std::string_view Exposition::content_type(Format format) {
  return format == Format::open_metrics ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                                        : "text/plain; version=0.0.4; charset=utf-8";
}

Exposition::Format accepted_format(std::string_view accept) {
  const bool plain_only = accept.contains("text/plain") && !accept.contains("application/openmetrics-text");
  return plain_only ? Exposition::Format::prometheus : Exposition::Format::open_metrics;
}

}  // namespace hubsync::api
