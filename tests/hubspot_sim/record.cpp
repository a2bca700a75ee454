#include "tests/hubspot_sim/record.hpp"

#include <algorithm>
#include <array>

namespace hubspot_sim {
namespace {

constexpr std::size_t kept_values = 400;
constexpr std::size_t kept_stamps = 64;

}  // namespace

std::string_view source_name(Source source) {
  constexpr std::array<std::string_view, 5> names{
      "INTEGRATION", "CRM_UI", "IMPORT", "AUTOMATION_PLATFORM", "MERGE_OBJECTS"
  };
  return names[static_cast<std::size_t>(source)];
}

std::string_view source_id(Source source) {
  constexpr std::array<std::string_view, 5> ids{
      "4711", "userId:42", "import-7", "enrollmentId:9", "userId:42"
  };
  return ids[static_cast<std::size_t>(source)];
}

const Value* Record::find(PropId prop) const {
  const auto found = std::ranges::lower_bound(values, prop, {}, &Value::prop);
  return found != values.end() && found->prop == prop ? &*found : nullptr;
}

std::string_view Record::text(PropId prop) const {
  const Value* const value = find(prop);
  return value == nullptr ? std::string_view{} : std::string_view{value->text};
}

Past& Record::ensure_past() {
  if (!past) {
    past = std::make_unique<Past>();
  }
  return *past;
}

bool Record::set(PropId prop, std::string text, hubsync::Instant at, Source source) {
  auto found = std::ranges::lower_bound(values, prop, {}, &Value::prop);
  if (found == values.end() || found->prop != prop) {
    if (text.empty()) {
      return false;
    }
    values.insert(found, Value{prop, source, at, std::move(text)});
    return true;
  }
  if (found->text == text) {
    return false;
  }
  auto& old = ensure_past().values;
  if (old.size() >= kept_values) {
    old.erase(old.begin());
  }
  old.push_back(std::move(*found));
  *found = Value{prop, source, at, std::move(text)};
  return true;
}

void Record::set_modified(hubsync::Instant at) {
  if (at <= modified) {
    return;
  }
  if (modified != hubsync::Instant{}) {
    auto& stamps = ensure_past().modified;
    if (stamps.size() >= kept_stamps) {
      stamps.erase(stamps.begin());
    }
    stamps.push_back(modified);
  }
  modified = at;
}

const Edge* Record::find_edge(TypeIndex type, std::int64_t to) const {
  const auto found =
      std::ranges::partition_point(edges, [&](const Edge& edge) { return edge.before(type, to); });
  return found != edges.end() && found->type == type && found->id == to ? &*found : nullptr;
}

bool Record::link(TypeIndex type, std::int64_t to, std::uint32_t labels) {
  const auto found =
      std::ranges::partition_point(edges, [&](const Edge& edge) { return edge.before(type, to); });
  if (found == edges.end() || found->type != type || found->id != to) {
    edges.insert(found, Edge{type, labels, to});
    return true;
  }
  const std::uint32_t before = found->labels;
  found->labels |= labels;
  return found->labels != before;
}

bool Record::unlink(TypeIndex type, std::int64_t to, std::uint32_t labels) {
  const auto found =
      std::ranges::partition_point(edges, [&](const Edge& edge) { return edge.before(type, to); });
  if (found == edges.end() || found->type != type || found->id != to) {
    return false;
  }
  const std::uint32_t before = found->labels;
  found->labels &= ~labels;
  const bool changed = found->labels != before;
  if ((found->labels & 1U) == 0) {
    edges.erase(found);
  }
  return changed;
}

}  // namespace hubspot_sim
