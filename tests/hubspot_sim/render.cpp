#include "tests/hubspot_sim/render.hpp"

#include <algorithm>
#include <charconv>
#include <ranges>

#include "tests/hubspot_sim/text.hpp"

namespace hubspot_sim {
namespace {

constexpr std::size_t inline_associations = 100;

void append_id(std::string& out, std::int64_t id) {
  char text[24];
  const auto end = std::to_chars(text, text + sizeof text, id).ptr;
  out += '"';
  out.append(text, end);
  out += '"';
}

/// The frequent kinds without a detour over a std::string; returns false when the property has no value.
bool append_value(std::string& out, const Portal& portal, TypeIndex type, const Record& record, PropId prop) {
  const auto& def = portal.type(type).properties[prop];
  switch (def.computed) {
    case Computed::none: {
      const Value* const value = record.find(prop);
      if (value != nullptr) {
        append_json_string(out, value->text);
      }
      return value != nullptr;
    }
    case Computed::object_id:
      append_id(out, record.id);
      return true;
    case Computed::created:
    case Computed::modified:
      out += '"';
      append_time(
          out, def.computed == Computed::created ? record.created : record.modified, Fraction::millis
      );
      out += '"';
      return true;
    default: {
      const auto value = value_of(portal, type, record, prop);
      if (value) {
        append_json_string(out, *value);
      }
      return value.has_value();
    }
  }
}

void append_properties(std::string& out, const Portal& portal, const View& view, const Record& record) {
  out += ",\"properties\":{";
  const auto& properties = portal.type(view.type).properties;
  for (const auto prop : view.properties) {
    const std::size_t start = out.size();
    out += out.back() == '{' ? "" : ",";
    out += properties[prop].json_key;
    if (append_value(out, portal, view.type, record, prop)) {
      continue;
    }
    if (view.omit_unset) {
      out.resize(start);
    } else {
      out += "null";
    }
  }
  out += '}';
}

void append_old_value(std::string& out, const Value& value) {
  out += out.back() == '[' ? "{\"value\":" : ",{\"value\":";
  append_json_string(out, value.text);
  out += ",\"timestamp\":\"";
  append_time(out, value.at, Fraction::millis);
  out += "\",\"sourceType\":\"";
  out += source_name(value.source);
  out += "\",\"sourceId\":\"";
  out += source_id(value.source);
  out += value.source == Source::crm_ui ? "\",\"updatedByUserId\":42}" : "\"}";
}

void append_history(std::string& out, const Portal& portal, const View& view, const Record& record) {
  out += ",\"propertiesWithHistory\":{";
  for (const auto prop : view.history) {
    out += out.back() == '{' ? "" : ",";
    out += portal.type(view.type).properties[prop].json_key;
    out += '[';
    if (const Value* const value = record.find(prop)) {
      append_old_value(out, *value);
    }
    if (record.past) {
      for (const auto& old : record.past->values | std::views::reverse) {
        if (old.prop == prop) {
          append_old_value(out, old);
        }
      }
    }
    out += ']';
  }
  out += '}';
}

/// One entry per association type: the same record comes twice when it is the primary one (§4.1).
bool append_edges_to(
    std::string& out, const Portal& portal, TypeIndex from, const Record& record, TypeIndex to
) {
  const Pair* const pair = portal.schema.find_pair(from, to);
  if (pair == nullptr) {
    return false;
  }
  std::size_t shown = 0;
  for (const auto& edge : record.edges) {
    if (edge.type != to || !visible(portal, edge)) {
      continue;
    }
    if (shown++ == inline_associations) {
      out += "],\"paging\":{\"next\":{\"after\":";
      append_id(out, edge.id);
      out += ",\"link\":\"https://api.hubapi.com/crm/v3/objects/" + portal.type(from).name + "/" +
             std::to_string(record.id) + "/associations/" + portal.type(to).name +
             "?after=" + std::to_string(edge.id) + "\"}}";
      return true;
    }
    for (std::size_t label = pair->types.size(); label-- > 0;) {
      if ((edge.labels >> label & 1U) == 0) {
        continue;
      }
      out += out.back() == '[' ? "{\"id\":" : ",{\"id\":";
      append_id(out, edge.id);
      out += ",\"type\":";
      append_json_string(out, pair->types[label].inline_name);
      out += '}';
    }
  }
  out += ']';
  return shown > 0;
}

void append_associations(std::string& out, const Portal& portal, const View& view, const Record& record) {
  const std::size_t start = out.size();
  out += ",\"associations\":{";
  bool any = false;
  for (const auto to : view.associations) {
    const std::size_t before = out.size();
    out += any ? "," : "";
    append_json_string(out, portal.type(to).name);
    out += ":{\"results\":[";
    if (append_edges_to(out, portal, view.type, record, to)) {
      out += '}';
      any = true;
    } else {
      out.resize(before);
    }
  }
  out += '}';
  if (!any) {
    out.resize(start);
  }
}

void sort_by_name(const ObjectType& type, std::vector<PropId>& ids) {
  std::ranges::sort(ids, {}, [&](PropId id) -> const std::string& { return type.properties[id].name; });
  ids.erase(std::ranges::unique(ids).begin(), ids.end());
}

}  // namespace

std::vector<PropId> find_all(const ObjectType& type, const std::vector<std::string>& names) {
  std::vector<PropId> ids;
  for (const auto& name : names) {
    if (const auto id = type.find(name)) {
      ids.push_back(*id);
    }
  }
  return ids;
}

View read_view(const Portal& portal, TypeIndex type, const std::vector<std::string>& properties) {
  const auto& object_type = portal.type(type);
  View view;
  view.type = type;
  auto names = properties.empty() ? object_type.defaults : properties;
  names.insert(names.end(), object_type.always.begin(), object_type.always.end());
  view.properties = find_all(object_type, names);
  sort_by_name(object_type, view.properties);
  return view;
}

View echo_view(
    const Portal& portal,
    TypeIndex type,
    const std::vector<PropId>& sent,
    const std::vector<std::string>& system
) {
  const auto& object_type = portal.type(type);
  View view;
  view.type = type;
  view.omit_unset = true;
  view.properties = find_all(object_type, system);
  view.properties.insert(view.properties.end(), sent.begin(), sent.end());
  sort_by_name(object_type, view.properties);
  return view;
}

void append_time_member(std::string& out, const Portal& portal, std::string_view name, hubsync::Instant at) {
  out += '"';
  out += name;
  out += "\":\"";
  append_time(out, at, portal.options.trim_fractions ? Fraction::trimmed : Fraction::millis);
  out += '"';
}

void append_record(
    std::string& out, const Portal& portal, const View& view, const Record& record, std::string_view extra
) {
  out += "{\"id\":";
  append_id(out, record.id);
  append_properties(out, portal, view, record);
  if (!view.history.empty()) {
    append_history(out, portal, view, record);
  }
  out += ',';
  append_time_member(out, portal, "createdAt", record.created);
  out += ',';
  append_time_member(out, portal, "updatedAt", record.modified);
  out += record.is_archived() ? ",\"archived\":true," : ",\"archived\":false";
  if (record.is_archived()) {
    append_time_member(out, portal, "archivedAt", record.archived);
  }
  if (!view.associations.empty()) {
    append_associations(out, portal, view, record);
  }
  out += extra;
  out += '}';
}

}  // namespace hubspot_sim
