// The [objects] part of a configuration: which local field is which HubSpot property.
#include <algorithm>
#include <array>

#include "common/object_type.hpp"
#include "daemon/os/config_reading.hpp"
#include "daemon/os/config_settings.hpp"
#include "daemon/os/config_values.hpp"

namespace hubsync {
namespace {

constexpr std::size_t max_fields = 500;
constexpr std::size_t max_objects = 50;
constexpr std::array<std::string_view, 4> object_keys{"key", "fields", "object_type_id", "singular"};
constexpr std::array<std::string_view, 3> field_keys{"property", "direction", "conflict"};
constexpr std::array<std::string_view, 3> directions{"both", "pull", "push"};
constexpr std::array<std::string_view, 4> policies{"manual", "newest", "local", "hubspot"};

/// Paths of the control API beside those of records.
constexpr std::array<std::string_view, 12> reserved_types{
    "sync",
    "explain",
    "conflicts",
    "guards",
    "queue",
    "webhooks",
    "db",
    "verify",
    "doctor",
    "setup",
    "events",
    "config"
};

/// Names that a record of the control API already has for itself.
constexpr std::array<std::string_view, 13> reserved_names{
    "id",
    "hubspotId",
    "company",
    "customFields",
    "syncStatus",
    "syncDirection",
    "version",
    "lastModifiedLocal",
    "lastModifiedHubspot",
    "lastSyncedAt",
    "createdAt",
    "updatedAt",
    "deleted"
};

/// Properties through which hubsync itself tells records apart.
constexpr std::array<std::string_view, 2> reserved_properties{"hubsync_id", "hs_object_id"};

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_local_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 && (is_letter(name.front()) || name.front() == '_') &&
         std::ranges::all_of(name, [](char c) { return is_letter(c) || is_digit(c) || c == '_'; });
}

bool is_property_name(std::string_view name) {
  return !name.empty() && name.size() <= 100 &&
         std::ranges::all_of(name, [](char c) { return (c >= 'a' && c <= 'z') || is_digit(c) || c == '_'; });
}

/// The string of a node, or a problem.
const std::string* text_of(
    const ConfigNode& node, const std::string& key, std::string_view allowed, ConfigReading& reading
) {
  if (node.kind == ConfigNode::Kind::string) {
    return &node.text;
  }
  reading.problem(
      reading.place(node),
      key,
      std::string{kind_name(node.kind)} + " where a string is needed; allowed: " + std::string{allowed}
  );
  return nullptr;
}

/// The position of a node's word in a list, or a problem.
std::optional<std::size_t> choice_of(
    const ConfigNode& node,
    const std::string& key,
    std::span<const std::string_view> words,
    ConfigReading& reading
) {
  const std::string* text = text_of(node, key, one_of(words), reading);
  if (text == nullptr) {
    return std::nullopt;
  }
  const auto found = std::ranges::find(words, *text);
  if (found == words.end()) {
    reading.problem(
        reading.place(node),
        key,
        shown(*text) + " is none of the choices" + suggestion(*text, words) + "; allowed: " + one_of(words)
    );
    return std::nullopt;
  }
  return static_cast<std::size_t>(found - words.begin());
}

void read_property(
    const ConfigNode& node, const std::string& key, FieldConfig& field, ConfigReading& reading
) {
  constexpr std::string_view allowed = "a HubSpot property's internal name: lower-case letters, digits and _";
  const std::string* text = text_of(node, key, allowed, reading);
  if (text == nullptr) {
    return;
  }
  if (!is_property_name(*text)) {
    reading.problem(
        reading.place(node), key, shown(*text) + " is not a property name; allowed: " + std::string{allowed}
    );
  } else if (contains(reserved_properties, *text)) {
    reading.problem(
        reading.place(node),
        key,
        shown(*text) + " is hubsync's own link between the two records; allowed: any other property"
    );
  } else {
    field.property = *text;
  }
}

/// `{ property = "…", direction = "…", conflict = "…" }`.
void read_field_table(
    const ConfigNode& node, const std::string& key, FieldConfig& field, ConfigReading& reading
) {
  bool has_property = false;
  for (const auto& [name, value] : node.children) {
    const std::string inner = key + "." + name;
    if (name == "property") {
      has_property = true;
      read_property(value, inner, field, reading);
    } else if (name == "direction") {
      if (const auto choice = choice_of(value, inner, directions, reading)) {
        field.direction = static_cast<Direction>(*choice);
      }
    } else if (name == "conflict") {
      if (const auto choice = choice_of(value, inner, policies, reading)) {
        field.conflict = static_cast<Policy>(*choice);
      }
    } else {
      reading.problem(
          reading.place(value),
          inner,
          "unknown key" + suggestion(name, field_keys) + "; allowed in a field: " + one_of(field_keys)
      );
    }
  }
  if (!has_property) {
    reading.problem(reading.place(node), key, "has no property; allowed: { property = \"…\", … }");
  }
}

/// Refuses a local name that is no name, is taken by the API, or repeats a property.
void check_field(
    const ConfigNode& node, const std::string& key, const FieldConfig& field, ConfigReading& reading
) {
  if (!is_local_name(field.local)) {
    reading.problem(
        reading.place(node),
        key,
        shown(field.local) +
            " is not a field name; allowed: letters, digits and _, a letter first, at most 64"
    );
  } else if (contains(reserved_names, field.local)) {
    reading.problem(
        reading.place(node),
        key,
        shown(field.local) + " is a name of the record itself; allowed: any but " + one_of(reserved_names)
    );
  }
}

void read_fields(const ConfigNode& node, ObjectConfig& object, ConfigReading& reading) {
  const std::string table = "objects." + object.name + ".fields";
  if (!require_table(node, table, reading)) {
    return;
  }
  object.fields.clear();
  std::erase_if(reading.config.origins, [&](const auto& each) {
    return each.first.starts_with(table + ".");
  });
  if (node.children.size() > max_fields) {
    reading.problem(
        reading.place(node), table, "has too many fields; allowed: " + std::to_string(max_fields)
    );
    return;
  }
  for (const auto& [local, value] : node.children) {
    const std::string key = table + "." + local;
    FieldConfig field{.local = local, .property = {}};
    check_field(value, key, field, reading);
    if (value.kind == ConfigNode::Kind::table) {
      read_field_table(value, key, field, reading);
    } else {
      read_property(value, key, field, reading);
    }
    const auto taken = std::ranges::find(object.fields, field.property, &FieldConfig::property);
    if (!field.property.empty() && taken != object.fields.end()) {
      reading.problem(
          reading.place(value),
          key,
          "the property " + quoted(field.property) + " is already mapped to " + quoted(taken->local) +
              "; allowed: one local field for each property"
      );
    }
    object.fields.push_back(std::move(field));
    reading.config.origins[key] = reading.place(value);
  }
}

void read_object_type_id(const ConfigNode& node, ObjectConfig& object, ConfigReading& reading) {
  constexpr std::string_view allowed = "the id that HubSpot gave the type, such as \"2-12345678\"";
  const std::string key = "objects." + object.name + ".object_type_id";
  const std::string* text = text_of(node, key, allowed, reading);
  if (text == nullptr) {
    return;
  }
  const auto standard = std::ranges::find(standard_types(), *text, &StandardType::object_type_id);
  const auto taken = std::ranges::find(reading.config.objects, *text, &ObjectConfig::object_type_id);
  std::string problem;
  if (const StandardType* const own = find_standard_type(object.name)) {
    problem = "the id of " + object.name + " is always " + quoted(own->object_type_id) +
              "; allowed: only under a name of your own";
  } else if (!is_object_type_id(*text)) {
    problem = shown(*text) + " is not an object type's id; allowed: " + std::string{allowed};
  } else if (standard != standard_types().end()) {
    problem = shown(*text) + " is HubSpot's own type; allowed: [objects." + std::string{standard->name} +
              "] for it, without object_type_id";
  } else if (taken != reading.config.objects.end()) {
    problem = shown(*text) + " is already that of " + quoted(taken->name) + "; allowed: each type once";
  }
  if (problem.empty()) {
    object.object_type_id = *text;
    reading.config.origins[key] = reading.place(node);
  } else {
    reading.problem(reading.place(node), key, problem);
  }
}

void read_singular(const ConfigNode& node, ObjectConfig& object, ConfigReading& reading) {
  constexpr std::string_view allowed =
      "under a name of your own, the object's internal name in HubSpot: lower-case letters, digits and _";
  const std::string key = "objects." + object.name + ".singular";
  const std::string* text = text_of(node, key, allowed, reading);
  if (text == nullptr) {
    return;
  }
  if (!is_type_name(*text) || find_standard_type(*text) != nullptr ||
      find_standard_type(object.name) != nullptr) {
    reading.problem(
        reading.place(node), key, shown(*text) + " is not possible here; allowed: " + std::string{allowed}
    );
    return;
  }
  object.singular = *text;
  reading.config.origins[key] = reading.place(node);
}

/// A word that an event or a path may use for two types.
bool share_a_name(const ObjectConfig& one, const ObjectConfig& other) {
  return one.name == other.singular || one.singular == other.name ||
         (!one.singular.empty() && one.singular == other.singular);
}

/// What a type must have, however it came about.
void check_object(const ConfigNode& node, const ObjectConfig& object, ConfigReading& reading) {
  const std::string table = "objects." + object.name;
  const bool has_default = object.name == "contacts" || object.name == "companies";
  if (object.fields.empty() && !has_default) {
    reading.problem(
        reading.place(node), table + ".fields", "no field is mapped; allowed: at least one in this table"
    );
    return;
  }
  const std::string origin = reading.origin(table + ".key");
  if ((has_default || !origin.empty()) && !contains(object.fields, object.key, &FieldConfig::local)) {
    reading.problem(
        origin.empty() ? reading.place(node) : origin,
        table + ".key",
        shown(object.key) + " is not a mapped field; allowed: a name from [" + table + ".fields]"
    );
  }
  for (const ObjectConfig& other : reading.config.objects) {
    if (other.name != object.name && share_a_name(object, other)) {
      reading.problem(
          reading.place(node),
          table,
          "its name or singular is also that of " + quoted(other.name) + "; allowed: each word for one type"
      );
    }
  }
}

void read_object(const ConfigNode& node, ObjectConfig& object, ConfigReading& reading) {
  const std::string table = "objects." + object.name;
  for (const auto& [name, value] : node.children) {
    if (name == "fields") {
      read_fields(value, object, reading);
    } else if (name == "object_type_id") {
      read_object_type_id(value, object, reading);
    } else if (name == "singular") {
      read_singular(value, object, reading);
    } else if (name == "key") {
      if (const std::string* text = text_of(value, table + ".key", "the name of a mapped field", reading)) {
        object.key = *text;
        reading.config.origins[table + ".key"] = reading.place(value);
      }
    } else {
      reading.problem(
          reading.place(value),
          table + "." + name,
          "unknown key" + suggestion(name, object_keys) + "; allowed in [" + table +
              "]: " + one_of(object_keys)
      );
    }
  }
  check_object(node, object, reading);
}

/// Why no type can have this name; nothing when one can.
std::optional<std::string> refuse_name(
    const std::string& name, const ConfigNode& node, std::span<const std::string_view> known
) {
  const StandardType* const standard = find_standard_type(name);
  if (standard != nullptr && standard->name == name) {
    return std::nullopt;
  }
  const bool has_id =
      std::ranges::any_of(node.children, [](const auto& child) { return child.first == "object_type_id"; });
  if (standard != nullptr || !has_id) {
    return "this object type is not known" + suggestion(name, known) + "; allowed: " + one_of(known) +
           ", or a name of your own with object_type_id";
  }
  if (!is_type_name(name) || contains(reserved_types, name)) {
    return "this name is not possible; allowed: lower-case letters, digits and _, a letter first, at most "
           "64, "
           "and none of " +
           one_of(reserved_types);
  }
  return std::nullopt;
}

}  // namespace

void read_objects(const ConfigNode& objects, ConfigReading& reading) {
  if (!require_table(objects, "objects", reading)) {
    return;
  }
  std::vector<std::string_view> known;
  for (const StandardType& type : standard_types()) {
    known.push_back(type.name);
  }
  std::vector<ObjectConfig>& all = reading.config.objects;
  for (const auto& [name, node] : objects.children) {
    const std::string table = "objects." + name;
    if (const auto why = refuse_name(name, node, known)) {
      reading.problem(reading.place(node), table, *why);
      continue;
    }
    if (!require_table(node, table, reading)) {
      continue;
    }
    const auto found = std::ranges::find(all, name, &ObjectConfig::name);
    if (found == all.end() && all.size() == max_objects) {
      reading.problem(
          reading.place(node), table, "is one too many; allowed: " + std::to_string(max_objects) + " types"
      );
      return;
    }
    ObjectConfig object = found == all.end() ? ObjectConfig{.name = name, .key = {}, .fields = {}} : *found;
    read_object(node, object, reading);
    if (found == all.end()) {
      all.push_back(std::move(object));
    } else {
      *found = std::move(object);
    }
  }
}

std::string_view direction_name(Direction direction) {
  return directions[static_cast<std::size_t>(direction)];
}

std::string_view policy_name(Policy policy) {
  return policies[static_cast<std::size_t>(policy)];
}

}  // namespace hubsync
