// What kinds of objects the portal has: their properties and the association types between them. Types are
// data: the rest of the simulator treats all of them alike. Owned by the Portal; changed by
// the properties API.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "common/time.hpp"

namespace hubspot_sim {

using PropId = std::uint16_t;
using TypeIndex = std::uint8_t;

enum class ValueType { string, number, boolean, enumeration, date, datetime, phone_number };

[[nodiscard]] std::string_view value_type_name(ValueType type);
[[nodiscard]] std::optional<ValueType> value_type_from(std::string_view name);

/// Properties whose value is worked out from the record instead of being stored.
enum class Computed {
  none,
  object_id,
  created,
  modified,
  never,  ///< Defined but always empty: hs_lastmodifieddate of contacts.
  constant,
  email_domain,
  merged_ids,
  merged_vids,
  all_vids,
  primary_company,
  source,
  source_id,
  contact_count,  ///< A rollup that changes without moving `modified`.
};

struct PropertyOption {
  std::string label;
  std::string value;
  std::int64_t display_order = 0;
  bool hidden = false;
};

struct PropertyDef {
  std::string name;
  std::string label;
  std::string description;
  std::string group;
  std::string field_type = "text";
  ValueType type = ValueType::string;
  std::vector<PropertyOption> options;
  Computed computed = Computed::none;
  std::string constant;
  bool unique = false;   ///< hasUniqueValue.
  bool indexed = false;  ///< Found by value without a scan; unique ones always are.
  bool read_only = false;
  bool hubspot_defined = true;
  bool external_options = false;
  bool archived = false;
  bool forward_only = false;  ///< A value earlier in the option list is silently not taken.
  bool email = false;  ///< An e-mail address: lower-cased, checked, unique together with the additional ones.
  std::string data_sensitivity = "non_sensitive";
  std::int64_t display_order = -1;
  hubsync::Instant created_at{};
  hubsync::Instant updated_at{};
  std::string json_key;  ///< `"name":`, ready to append.
};

struct PropertyGroup {
  std::string name;
  std::string label;
  std::int64_t display_order = -1;
};

struct ObjectType {
  std::string name;      ///< "contacts"
  std::string singular;  ///< "contact"
  std::string upper;     ///< "CONTACT", as error texts spell it
  std::string type_id;   ///< "0-1"
  std::string scope;     ///< "custom" in crm.objects.custom.read; empty: the name.
  std::string group;     ///< Of its properties; empty: the singular and "information".
  std::deque<PropertyDef> properties;
  std::unordered_map<std::string, PropId> by_name;
  std::vector<PropertyGroup> groups;
  std::vector<std::string> defaults;     ///< Returned when no property is asked for.
  std::vector<std::string> always;       ///< Returned in addition to those asked for.
  std::vector<std::string> create_echo;  ///< System properties in the answer to a create.
  std::vector<std::string> update_echo;
  std::vector<std::string> needs_one_of;  ///< A create must set at least one of these.
  std::vector<std::string> searchable;    ///< What a search's `query` looks at.
  PropId modified = 0;
  hubsync::Duration bump_min{};  ///< When HubSpot's own write follows ours; zero = it never does.
  hubsync::Duration bump_max{};

  /// A live property by name.
  [[nodiscard]] std::optional<PropId> find(std::string_view property) const;
  PropId add(PropertyDef def);
};

struct AssociationType {
  int type_id = 0;
  std::string category = "HUBSPOT_DEFINED";
  std::optional<std::string> label;
  std::string inline_name;  ///< "contact_to_company" in a record's `associations`.
  bool primary = false;
};

/// All association types from one object type to another; an edge holds a bit per entry. Entry 0 is the
/// unlabelled one.
struct Pair {
  std::vector<AssociationType> types;
  bool single_primary = false;  ///< The from side has at most one primary record of the to side.
  [[nodiscard]] std::optional<std::size_t> index_of(int type_id) const;
  [[nodiscard]] std::optional<std::size_t> primary() const;
};

struct Schema {
  std::deque<ObjectType> types;
  std::map<std::pair<TypeIndex, TypeIndex>, Pair> pairs;

  /// By name, singular or id, in any case.
  [[nodiscard]] std::optional<TypeIndex> find_type(std::string_view text) const;
  [[nodiscard]] const Pair* find_pair(TypeIndex from, TypeIndex to) const;
};

/// A standard portal: contacts, companies, deals, and a custom object.
[[nodiscard]] Schema standard_schema(hubsync::Instant created);

}  // namespace hubspot_sim
