// Builders that make a scenario a few lines long: the rules of the default mapping and records in a given
// state.
#pragma once

#include "daemon/core/record.hpp"
#include "daemon/core/rules.hpp"

namespace hubsync::test {

/// The default mapping of interface pages: e-mail, names, phone, lifecycle (pulled only), and the company.
[[nodiscard]] inline TypeRules contact_rules() {
  TypeRules rules;
  rules.name = "contacts";
  rules.singular = "contact";
  rules.object_type_id = "0-1";
  rules.modified_property = "lastmodifieddate";
  rules.key = "email";
  rules.key_is_unique = true;
  rules.fields = {
      {.name = "email", .property = "email", .kind = ValueKind::email},
      {.name = "firstName", .property = "firstname"},
      {.name = "lastName", .property = "lastname"},
      {.name = "phone", .property = "phone"},
      {.name = "lifecycle",
       .property = "lifecyclestage",
       .direction = Direction::pull,
       .policy = Policy::hubspot},
      {.name = "company", .property = "", .kind = ValueKind::reference, .target = "companies"},
  };
  rules.association = {.primary = 1, .unlabelled = 279};
  return rules;
}

[[nodiscard]] inline TypeRules company_rules() {
  TypeRules rules;
  rules.name = "companies";
  rules.singular = "company";
  rules.object_type_id = "0-2";
  rules.modified_property = "hs_lastmodifieddate";
  rules.key = "domain";
  rules.fields = {
      {.name = "name", .property = "name"},
      {.name = "domain", .property = "domain", .kind = ValueKind::domain},
      {.name = "industry", .property = "industry"},
  };
  return rules;
}

[[nodiscard]] inline Rules default_rules() {
  return {.types = {company_rules(), contact_rules()}};
}

/// A contact that was created here and that HubSpot does not have.
[[nodiscard]] inline Record local_contact(Fields local) {
  Record record;
  record.id = {"01900000-0000-7000-8000-000000000001"};
  record.uid = record.id.text;
  record.type = "contacts";
  record.local_presence = Presence::live;
  record.local = std::move(local);
  return record;
}

/// A contact that HubSpot has and that was never here.
[[nodiscard]] inline Record remote_contact(Fields remote) {
  Record record = local_contact({});
  record.local_presence = Presence::absent;
  record.remote_presence = Presence::live;
  record.hubspot_id = HubspotId{3'000'000'001};
  record.remote = std::move(remote);
  return record;
}

/// A contact on both sides; where both values of a field are equal, they are agreed on.
[[nodiscard]] inline Record linked_contact(Fields local, Fields remote) {
  Record record = remote_contact(std::move(remote));
  record.local = std::move(local);
  record.local_presence = Presence::live;
  record.base_presence = Presence::live;
  for (const auto& [field, value] : record.local) {
    if (const auto other = record.remote.find(field);
        other != record.remote.end() && other->second == value) {
      record.base[field] = {value, value};
    }
  }
  return record;
}

}  // namespace hubsync::test
