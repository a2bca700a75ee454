#include "tests/hubspot_sim/portal.hpp"

#include <algorithm>
#include <chrono>
#include <optional>

#include "tests/hubspot_sim/text.hpp"

namespace hubspot_sim {
namespace {

constexpr std::int64_t small_first_id = 101;
constexpr std::int64_t large_first_id = 874'716'000'000;

std::string merged_ids(const Record& record, bool with_time) {
  std::string out;
  for (const auto& merged : record.past->merged) {
    out += out.empty() ? "" : ";";
    out += std::to_string(merged.id);
    out += with_time ? ":" + std::to_string(hubsync::to_ms(merged.at)) : "";
  }
  return out;
}

std::string all_vids(const Record& record) {
  std::string out = std::to_string(record.id);
  if (record.past && !record.past->merged.empty()) {
    out += ";" + merged_ids(record, false);
  }
  return out;
}

std::optional<std::string> merged_value(const Record& record, bool with_time) {
  if (!record.past || record.past->merged.empty()) {
    return std::nullopt;
  }
  return merged_ids(record, with_time);
}

std::optional<std::string> email_domain(const ObjectType& type, const Record& record) {
  const auto email = record.text(type.by_name.at("email"));
  const auto at = email.find('@');
  if (at == std::string_view::npos) {
    return std::nullopt;
  }
  return std::string{email.substr(at + 1)};
}

std::optional<std::string> id_text(std::int64_t id) {
  return id == 0 ? std::nullopt : std::optional{std::to_string(id)};
}

std::string contact_count(const Portal& portal, const Record& record) {
  const TypeIndex contact = 0;
  return std::to_string(std::ranges::count_if(record.edges, [&](const Edge& edge) {
    return edge.type == contact && visible(portal, edge);
  }));
}

std::optional<std::string> computed_value(
    const Portal& portal, TypeIndex index, const Record& record, const PropertyDef& def
) {
  switch (def.computed) {
    case Computed::object_id:
      return std::to_string(record.id);
    case Computed::created:
      return time_text(record.created);
    case Computed::modified:
      return time_text(record.modified);
    case Computed::constant:
      return def.constant;
    case Computed::email_domain:
      return email_domain(portal.type(index), record);
    case Computed::merged_ids:
      return merged_value(record, false);
    case Computed::merged_vids:
      return merged_value(record, true);
    case Computed::all_vids:
      return all_vids(record);
    case Computed::primary_company:
      return id_text(primary_of(portal, index, record, 1));
    case Computed::source:
      return std::string{source_name(record.created_by)};
    case Computed::source_id:
      return std::string{source_id(record.created_by)};
    case Computed::contact_count:
      return contact_count(portal, record);
    case Computed::none:
    case Computed::never:
      break;
  }
  return std::nullopt;
}

}  // namespace

Portal::Portal(ModelOptions chosen)
    : options(std::move(chosen)),
      schema(standard_schema(
          hubsync::Instant{std::chrono::sys_days{std::chrono::year{2020} / std::chrono::January / 15}}
      )),
      random(options.seed) {
  const std::int64_t first = options.large_ids ? large_first_id : small_first_id;
  // Ids are unique only within a type (HUBSPOT.md §2): all types start at the same one, so that mixing them
  // up shows.
  for (const auto& object_type : schema.types) {
    stores.emplace_back(object_type, first);
  }
  tokens[options.token] = Token{options.scopes, false, {}};
}

std::string Portal::correlation_id() {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (const int length : {8, 4, 4, 4, 12}) {
    out += out.empty() ? "" : "-";
    std::uint64_t bits = random.next();
    for (int i = 0; i < length; ++i, bits >>= 4U) {
      out += digits[bits & 15U];
    }
  }
  return out;
}

std::optional<std::string> value_of(const Portal& portal, TypeIndex type, const Record& record, PropId prop) {
  const auto& def = portal.type(type).properties[prop];
  if (def.computed != Computed::none) {
    return computed_value(portal, type, record, def);
  }
  const Value* const value = record.find(prop);
  return value == nullptr ? std::nullopt : std::optional{value->text};
}

std::int64_t primary_of(const Portal& portal, TypeIndex type, const Record& record, TypeIndex other) {
  const Pair* const pair = portal.schema.find_pair(type, other);
  const auto primary = pair == nullptr ? std::nullopt : pair->primary();
  if (!primary) {
    return 0;
  }
  for (const auto& edge : record.edges) {
    if (edge.type == other && (edge.labels >> *primary & 1U) != 0 && visible(portal, edge)) {
      return edge.id;
    }
  }
  return 0;
}

bool visible(const Portal& portal, const Edge& edge) {
  return portal.store(edge.type).find(edge.id) != nullptr;
}

}  // namespace hubspot_sim
