// The properties and association types of a new portal, as tables.
#include <span>

#include "tests/hubspot_sim/schema.hpp"
#include "tests/hubspot_sim/text.hpp"

namespace hubspot_sim {
namespace {

struct Row {
  std::string_view name;
  std::string_view label;
  ValueType type = ValueType::string;
  std::string_view field_type = "text";
  std::string_view options = {};  ///< "value=Label|…"
};

struct ComputedRow {
  std::string_view name;
  ValueType type;
  Computed computed;
  std::string_view constant;
};

constexpr std::string_view stages =
    "subscriber=Subscriber|lead=Lead|marketingqualifiedlead=Marketing Qualified "
    "Lead|salesqualifiedlead=Sales Qualified "
    "Lead|opportunity=Opportunity|customer=Customer|evangelist=Evangelist|other=Other";
constexpr std::string_view lead_statuses =
    "NEW=New|OPEN=Open|IN_PROGRESS=In Progress|OPEN_DEAL=Open "
    "Deal|UNQUALIFIED=Unqualified|CONNECTED=Connected";

constexpr Row contact_rows[] = {
    {"email", "Email"},
    {"firstname", "First Name"},
    {"lastname", "Last Name"},
    {"phone", "Phone Number", ValueType::string, "phonenumber"},
    {"mobilephone", "Mobile Phone Number", ValueType::string, "phonenumber"},
    {"fax", "Fax Number"},
    {"company", "Company Name"},
    {"jobtitle", "Job Title"},
    {"salutation", "Salutation"},
    {"website", "Website URL"},
    {"address", "Street Address"},
    {"city", "City"},
    {"state", "State/Region"},
    {"zip", "Postal Code"},
    {"country", "Country/Region"},
    {"message", "Message", ValueType::string, "textarea"},
    {"date_of_birth", "Date of birth"},
    {"annualrevenue", "Annual Revenue", ValueType::number, "number"},
    {"numemployees", "Number of Employees", ValueType::number, "number"},
    {"closedate", "Close Date", ValueType::datetime, "date"},
    {"lifecyclestage", "Lifecycle Stage", ValueType::enumeration, "radio", stages},
    {"hs_lead_status", "Lead Status", ValueType::enumeration, "radio", lead_statuses},
    {"hs_buying_role",
     "Buying Role",
     ValueType::enumeration,
     "checkbox",
     "BLOCKER=Blocker|BUDGET_HOLDER=Budget Holder|CHAMPION=Champion|DECISION_MAKER=Decision "
     "Maker|END_USER=End User"},
    {"hubspot_owner_id", "Contact owner", ValueType::enumeration, "select"},
    {"hs_additional_emails", "Additional email addresses", ValueType::enumeration, "checkbox"},
};

constexpr ComputedRow contact_computed[] = {
    {"hs_object_id", ValueType::number, Computed::object_id, ""},
    {"createdate", ValueType::datetime, Computed::created, ""},
    {"lastmodifieddate", ValueType::datetime, Computed::modified, ""},
    {"hs_lastmodifieddate", ValueType::datetime, Computed::never, ""},
    {"hs_all_contact_vids", ValueType::enumeration, Computed::all_vids, ""},
    {"hs_email_domain", ValueType::string, Computed::email_domain, ""},
    {"hs_is_contact", ValueType::boolean, Computed::constant, "true"},
    {"hs_is_unworked", ValueType::boolean, Computed::constant, "true"},
    {"hs_pipeline", ValueType::enumeration, Computed::constant, "contacts-lifecycle-pipeline"},
    {"hs_merged_object_ids", ValueType::enumeration, Computed::merged_ids, ""},
    {"hs_calculated_merged_vids", ValueType::enumeration, Computed::merged_vids, ""},
    {"hs_object_source", ValueType::enumeration, Computed::source, ""},
    {"hs_object_source_label", ValueType::enumeration, Computed::source, ""},
    {"hs_object_source_id", ValueType::string, Computed::source_id, ""},
    {"associatedcompanyid", ValueType::number, Computed::primary_company, ""},
};

constexpr Row company_rows[] = {
    {"name", "Company name"},
    {"domain", "Company Domain Name"},
    {"website", "Website URL"},
    {"phone", "Phone Number", ValueType::string, "phonenumber"},
    {"industry",
     "Industry",
     ValueType::enumeration,
     "select",
     "ACCOUNTING=Accounting|AUTOMOTIVE=Automotive|BANKING=Banking|COMPUTER_SOFTWARE=Computer "
     "Software|CONSTRUCTION="
     "Construction|EDUCATION_MANAGEMENT=Education Management|FOOD_BEVERAGES=Food & "
     "Beverages|HOSPITAL_HEALTH_CARE="
     "Hospital & Health Care|INFORMATION_TECHNOLOGY_AND_SERVICES=Information Technology and "
     "Services|LEGAL_SERVICES="
     "Legal Services|LOGISTICS_AND_SUPPLY_CHAIN=Logistics and Supply Chain|RETAIL=Retail|TELECOMMUNICATIONS="
     "Telecommunications"},
    {"type",
     "Type",
     ValueType::enumeration,
     "select",
     "PROSPECT=Prospect|PARTNER=Partner|RESELLER=Reseller|VENDOR=Vendor|OTHER=Other"},
    {"description", "Description", ValueType::string, "textarea"},
    {"address", "Street Address"},
    {"city", "City"},
    {"state", "State/Region"},
    {"zip", "Postal Code"},
    {"country", "Country/Region"},
    {"numberofemployees", "Number of Employees", ValueType::number, "number"},
    {"annualrevenue", "Annual Revenue", ValueType::number, "number"},
    {"founded_year", "Year Founded"},
    {"is_public", "Is Public", ValueType::boolean, "booleancheckbox", "true=True|false=False"},
    {"lifecyclestage", "Lifecycle Stage", ValueType::enumeration, "radio", stages},
    {"hs_lead_status", "Lead Status", ValueType::enumeration, "radio", lead_statuses},
    {"hubspot_owner_id", "Company owner", ValueType::enumeration, "select"},
    {"hs_additional_domains", "Additional Domains", ValueType::enumeration, "checkbox"},
};

constexpr ComputedRow company_computed[] = {
    {"hs_object_id", ValueType::number, Computed::object_id, ""},
    {"createdate", ValueType::datetime, Computed::created, ""},
    {"hs_lastmodifieddate", ValueType::datetime, Computed::modified, ""},
    {"hs_merged_object_ids", ValueType::enumeration, Computed::merged_ids, ""},
    {"hs_object_source", ValueType::enumeration, Computed::source, ""},
    {"hs_object_source_label", ValueType::enumeration, Computed::source, ""},
    {"hs_object_source_id", ValueType::string, Computed::source_id, ""},
    {"num_associated_contacts", ValueType::number, Computed::contact_count, ""},
};

constexpr Row deal_rows[] = {
    {"dealname", "Deal Name"},
    {"amount", "Amount", ValueType::number, "number"},
    {"closedate", "Close Date", ValueType::datetime, "date"},
    {"pipeline", "Pipeline", ValueType::enumeration, "select", "default=Sales Pipeline"},
    {"dealstage",
     "Deal Stage",
     ValueType::enumeration,
     "radio",
     "appointmentscheduled=Appointment Scheduled|qualifiedtobuy=Qualified To "
     "Buy|presentationscheduled=Presentation Scheduled|decisionmakerboughtin=Decision Maker "
     "Bought-In|contractsent=Contract Sent|closedwon=Closed Won|closedlost=Closed Lost"},
    {"dealtype",
     "Deal Type",
     ValueType::enumeration,
     "radio",
     "newbusiness=New Business|existingbusiness=Existing Business"},
    {"hs_priority", "Priority", ValueType::enumeration, "select", "low=Low|medium=Medium|high=High"},
    {"hs_next_step", "Next step"},
    {"description", "Deal Description", ValueType::string, "textarea"},
    {"hubspot_owner_id", "Deal owner", ValueType::enumeration, "select"},
};

constexpr ComputedRow deal_computed[] = {
    {"hs_object_id", ValueType::number, Computed::object_id, ""},
    {"createdate", ValueType::datetime, Computed::created, ""},
    {"hs_lastmodifieddate", ValueType::datetime, Computed::modified, ""},
    {"hs_merged_object_ids", ValueType::enumeration, Computed::merged_ids, ""},
    {"hs_object_source", ValueType::enumeration, Computed::source, ""},
    {"hs_object_source_label", ValueType::enumeration, Computed::source, ""},
    {"hs_object_source_id", ValueType::string, Computed::source_id, ""},
    {"num_associated_contacts", ValueType::number, Computed::contact_count, ""},
};

constexpr Row boat_rows[] = {
    {"boat_name", "Name"},
    {"length_m", "Length in metres", ValueType::number, "number"},
    {"launched", "Launched", ValueType::date, "date"},
};

constexpr ComputedRow boat_computed[] = {
    {"hs_object_id", ValueType::number, Computed::object_id, ""},
    {"hs_createdate", ValueType::datetime, Computed::created, ""},
    {"hs_lastmodifieddate", ValueType::datetime, Computed::modified, ""},
};

std::vector<PropertyOption> options_from(std::string_view text) {
  std::vector<PropertyOption> options;
  for (const auto& entry : split(text, '|')) {
    const auto equals = entry.find('=');
    const auto order = static_cast<std::int64_t>(options.size());
    options.push_back({entry.substr(equals + 1), entry.substr(0, equals), order, false});
  }
  return options;
}

void add_properties(
    ObjectType& type,
    std::span<const Row> rows,
    std::span<const ComputedRow> computed,
    hubsync::Instant created
) {
  const std::string group = type.group.empty() ? type.singular + "information" : type.group;
  for (const auto& row : rows) {
    PropertyDef def;
    def.name = row.name;
    def.label = row.label;
    def.group = group;
    def.field_type = row.field_type;
    def.type = row.type;
    def.options = options_from(row.options);
    def.external_options = row.name == "hubspot_owner_id";
    def.read_only = row.name == "hs_additional_emails";
    def.email = row.name == "email";
    def.forward_only = row.name == "lifecyclestage";
    def.indexed = row.name == "email" || row.name == "domain";
    def.created_at = created;
    def.updated_at = created;
    type.add(std::move(def));
  }
  for (const auto& row : computed) {
    PropertyDef def;
    def.name = row.name;
    def.label = row.name;
    def.group = group;
    def.field_type = row.type == ValueType::datetime ? "date" : "text";
    def.type = row.type;
    def.computed = row.computed;
    def.constant = row.constant;
    def.read_only = true;
    def.created_at = created;
    def.updated_at = created;
    const auto id = type.add(std::move(def));
    type.modified = row.computed == Computed::modified ? id : type.modified;
  }
  type.groups.push_back({group, type.upper.substr(0, 1) + type.singular.substr(1) + " information", 0});
}

ObjectType contacts(hubsync::Instant created) {
  ObjectType type;
  type.name = "contacts";
  type.singular = "contact";
  type.upper = "CONTACT";
  type.type_id = "0-1";
  type.defaults = {"createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname"};
  type.always = {"createdate", "hs_object_id", "lastmodifieddate"};
  type.create_echo = {
      "createdate",
      "hs_all_contact_vids",
      "hs_email_domain",
      "hs_is_contact",
      "hs_is_unworked",
      "hs_object_id",
      "hs_pipeline",
      "lastmodifieddate"
  };
  type.update_echo = {"hs_email_domain", "lastmodifieddate"};
  type.needs_one_of = {"email", "firstname", "lastname"};
  type.searchable = {"email", "firstname", "lastname", "phone", "company", "hs_additional_emails"};
  type.bump_min = hubsync::Duration{1'100};
  type.bump_max = hubsync::Duration{25'000};
  add_properties(type, contact_rows, contact_computed, created);
  return type;
}

ObjectType companies(hubsync::Instant created) {
  ObjectType type;
  type.name = "companies";
  type.singular = "company";
  type.upper = "COMPANY";
  type.type_id = "0-2";
  type.defaults = {"createdate", "domain", "hs_lastmodifieddate", "hs_object_id", "name"};
  type.always = {"createdate", "hs_lastmodifieddate", "hs_object_id"};
  type.create_echo = {"createdate", "hs_lastmodifieddate", "hs_object_id"};
  type.update_echo = type.create_echo;
  type.needs_one_of = {"name", "domain"};
  type.searchable = {"name", "domain", "phone", "website"};
  type.bump_min = hubsync::Duration{700};
  type.bump_max = hubsync::Duration{4'800};
  add_properties(type, company_rows, company_computed, created);
  return type;
}

ObjectType deals(hubsync::Instant created) {
  ObjectType type;
  type.name = "deals";
  type.singular = "deal";
  type.upper = "DEAL";
  type.type_id = "0-3";
  type.defaults = {
      "amount",
      "closedate",
      "createdate",
      "dealname",
      "dealstage",
      "hs_lastmodifieddate",
      "hs_object_id",
      "pipeline"
  };
  type.always = {"createdate", "hs_lastmodifieddate", "hs_object_id"};
  type.create_echo = {"createdate", "hs_lastmodifieddate", "hs_object_id"};
  type.update_echo = type.create_echo;
  type.needs_one_of = {"dealname"};
  type.searchable = {"dealname"};
  add_properties(type, deal_rows, deal_computed, created);
  return type;
}

/// A custom object as somebody in the portal has defined it.
ObjectType boats(hubsync::Instant created) {
  ObjectType type;
  type.name = "p48000001_boat";
  type.singular = "boat";
  type.upper = "BOAT";
  type.type_id = "2-31415926";
  type.scope = "custom";
  type.group = "boat_information";
  type.defaults = {"boat_name", "hs_createdate", "hs_lastmodifieddate", "hs_object_id"};
  type.always = {"hs_createdate", "hs_lastmodifieddate", "hs_object_id"};
  type.create_echo = type.always;
  type.update_echo = type.always;
  type.needs_one_of = {"boat_name"};
  type.searchable = {"boat_name"};
  add_properties(type, boat_rows, boat_computed, created);
  return type;
}

AssociationType plain(int id, std::string inline_name) {
  return {id, "HUBSPOT_DEFINED", std::nullopt, std::move(inline_name), false};
}

AssociationType primary(int id, std::string inline_name) {
  return {id, "HUBSPOT_DEFINED", "Primary", std::move(inline_name), true};
}

}  // namespace

Schema standard_schema(hubsync::Instant created) {
  Schema schema;
  schema.types = {contacts(created), companies(created), deals(created), boats(created)};
  constexpr TypeIndex contact = 0;
  constexpr TypeIndex company = 1;
  constexpr TypeIndex deal = 2;
  // Entry 0 is the unlabelled type, and entries of the two directions correspond.
  schema.pairs[{contact, company}].types = {
      plain(279, "contact_to_company_unlabeled"), primary(1, "contact_to_company")
  };
  schema.pairs[{company, contact}].types = {
      plain(280, "company_to_contact_unlabeled"), primary(2, "company_to_contact")
  };
  schema.pairs[{contact, contact}].types = {plain(449, "contact_to_contact")};
  schema.pairs[{company, company}].types = {plain(450, "company_to_company")};
  schema.pairs[{deal, contact}].types = {plain(3, "deal_to_contact")};
  schema.pairs[{contact, deal}].types = {plain(4, "contact_to_deal")};
  schema.pairs[{deal, company}].types = {
      plain(341, "deal_to_company_unlabeled"), primary(5, "deal_to_company")
  };
  schema.pairs[{company, deal}].types = {
      plain(342, "company_to_deal_unlabeled"), primary(6, "company_to_deal")
  };
  schema.pairs[{contact, company}].single_primary = true;
  schema.pairs[{deal, company}].single_primary = true;
  return schema;
}

}  // namespace hubspot_sim
