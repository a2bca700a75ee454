// What the configuration says about object types, as data: contacts and companies differ only by these
// values. Plain data; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/time.hpp"
#include "daemon/core/guard.hpp"

namespace hubsync {

/// Which way a field's values travel.
enum class Direction : std::uint8_t {
  both,
  pull,  ///< HubSpot → local only.
  push   ///< local → HubSpot only.
};

/// What happens when both sides changed a field, differently.
enum class Policy : std::uint8_t {
  manual,  ///< A person decides.
  newest,
  local,
  hubspot
};

/// What counts as an edit on both sides.
enum class Detection : std::uint8_t {
  field,
  record  ///< Any edit on both sides since the last sync.
};

/// How two values of a field compare (canonical.hpp).
enum class ValueKind : std::uint8_t { text, email, domain, option_set, reference };

struct FieldRule {
  std::string name;      ///< Local field name.
  std::string property;  ///< HubSpot property; empty for a reference.
  Direction direction = Direction::both;
  Policy policy = Policy::manual;
  ValueKind kind = ValueKind::text;
  std::string target = {};  ///< For a reference: the type it points to.

  bool operator==(const FieldRule&) const = default;
};

/// The rule decides alone: neither a person nor HubSpot's history is asked.
[[nodiscard]] constexpr bool decides_alone(const FieldRule& rule) {
  return rule.policy == Policy::local || rule.policy == Policy::hubspot;
}

/// The association that a reference field stands for (HUBSPOT.md §6).
struct AssociationTypes {
  int primary = 0;     ///< contact→company: 1
  int unlabelled = 0;  ///< contact→company: 279

  bool operator==(const AssociationTypes&) const = default;
};

/// What decides about a field that both sides changed, in the configuration's words: "conflict = newest",
/// "direction = pull".
[[nodiscard]] std::string rule_name(const FieldRule& rule);

struct TypeRules {
  std::string name;            ///< "contacts": in paths, in the store, in the API.
  std::string singular;        ///< "contact": in the sync log and in webhooks.
  std::string object_type_id;  ///< "0-1"
  std::string
      modified_property;  ///< contacts: lastmodifieddate, companies: hs_lastmodifieddate (HUBSPOT.md §4.7).
  std::string key;        ///< The local field that matches records without a base.
  bool key_is_unique =
      false;  ///< HubSpot refuses two records with one key (contacts by e-mail, not companies).
  std::vector<FieldRule> fields;
  AssociationTypes association = {};  ///< Of its reference field, if it has one.

  [[nodiscard]] const FieldRule* find(std::string_view field) const;
  /// The field that stands for an association; null when the type has none.
  [[nodiscard]] const FieldRule* reference() const;

  bool operator==(const TypeRules&) const = default;
};

struct Rules {
  std::vector<TypeRules> types;  ///< Referenced types first: companies before contacts.
  Detection detection = Detection::field;
  Duration newest_margin{2'000
  };  ///< `newest` decides only beyond this; the store adds the measured clock skew (I34).

  DeleteLimit max_delete = {};

  /// By "contacts" or "contact"; null when there is no such type.
  [[nodiscard]] const TypeRules* find(std::string_view type) const;

  bool operator==(const Rules&) const = default;
};

/// The unique HubSpot property that carries Record::uid (HUBSPOT.md §4.5).
inline constexpr std::string_view uid_property = "hubsync_id";

}  // namespace hubsync
