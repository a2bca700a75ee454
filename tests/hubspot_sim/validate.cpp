#include "tests/hubspot_sim/validate.hpp"

#include <algorithm>
#include <cctype>

#include <nlohmann/json.hpp>

#include "tests/hubspot_sim/text.hpp"

namespace hubspot_sim {
namespace {

constexpr std::size_t max_string = 65'536;

using Checked = std::expected<std::string, PropertyError>;

std::unexpected<PropertyError> refuse(const PropertyDef& def, std::string code, std::string message) {
  return std::unexpected{PropertyError{def.name, std::move(code), std::move(message)}};
}

bool valid_email(std::string_view email) {
  const auto at = email.find('@');
  if (at == std::string_view::npos || at == 0 || email.find('@', at + 1) != std::string_view::npos) {
    return false;
  }
  const auto host = email.substr(at + 1);
  const auto dot = host.rfind('.');
  const bool plain = std::ranges::all_of(email, [](char c) {
    return c > ' ' && c < '\x7f' && std::string_view{"()<>[],;:\\\""}.find(c) == std::string_view::npos;
  });
  return plain && dot != std::string_view::npos && dot > 0 && host.size() - dot > 1 &&
         email.find("..") == std::string_view::npos && email[at - 1] != '.' && email.front() != '.';
}

bool valid_number(std::string_view text) {
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) {
    text.remove_prefix(1);
  }
  bool digits = false;
  bool point = false;
  for (const char c : text) {
    if (c == '.' && !point) {
      point = true;
      continue;
    }
    if (std::isdigit(static_cast<unsigned char>(c)) == 0) {
      return false;
    }
    digits = true;
  }
  return digits;
}

bool is_option(const PropertyDef& def, std::string_view value) {
  return def.external_options || def.options.empty() ||
         std::ranges::find(def.options, value, &PropertyOption::value) != def.options.end();
}

std::string allowed_options(const PropertyDef& def) {
  std::vector<std::string> values;
  for (const auto& option : def.options) {
    values.push_back(option.value);
  }
  return "[" + join(values, ", ") + "]";
}

Checked check_enumeration(const PropertyDef& def, const std::string& text, std::string_view current) {
  const bool multiple = def.field_type == "checkbox";
  const bool append = multiple && text.starts_with(';');
  auto values = append ? split(current, ';') : std::vector<std::string>{};
  for (const auto& value : multiple ? split(text, ';') : std::vector{text}) {
    if (!is_option(def, value)) {
      return refuse(
          def, "INVALID_OPTION", value + " was not one of the allowed options: " + allowed_options(def)
      );
    }
    if (std::ranges::find(values, value) == values.end()) {
      values.push_back(value);
    }
  }
  return join(values, ";");
}

Checked check_date(const PropertyDef& def, const std::string& text, bool lenient) {
  const auto at = time_value(text);
  if (!at) {
    return refuse(def, "INVALID_DATE", text + " is not a valid date.");
  }
  const auto midnight = std::chrono::floor<std::chrono::days>(*at);
  if (hubsync::Instant{midnight} != *at && !lenient) {
    const std::chrono::hh_mm_ss clock{*at - midnight};
    return refuse(
        def,
        "INVALID_DATE",
        text + " is at " + std::to_string(clock.hours().count()) + ":" +
            std::to_string(clock.minutes().count()) + ":" + std::to_string(clock.seconds().count()) + "." +
            std::to_string(clock.subseconds().count()) + " UTC, not midnight!"
    );
  }
  return time_text(hubsync::Instant{midnight}).substr(0, 10);
}

Checked check_one(
    const PropertyDef& def, const std::string& text, std::string_view current, bool lenient_dates
) {
  if (text.empty()) {
    return text;
  }
  if (def.email) {
    auto email = lower(trim(text));
    return valid_email(email) ? Checked{std::move(email)}
                              : refuse(def, "INVALID_EMAIL", "Email address " + text + " is invalid");
  }
  switch (def.type) {
    case ValueType::number: {
      auto number = trim(text);
      return valid_number(number) ? Checked{std::move(number)}
                                  : refuse(def, "INVALID_LONG", text + " was not a valid long.");
    }
    case ValueType::boolean: {
      auto flag = lower(text);
      return flag == "true" || flag == "false"
                 ? Checked{std::move(flag)}
                 : refuse(def, "INVALID_OPTION", text + " was not one of the allowed options: [true, false]");
    }
    case ValueType::enumeration:
      return check_enumeration(def, text, current);
    case ValueType::date:
      return check_date(def, text, lenient_dates);
    case ValueType::datetime: {
      const auto at = time_value(text);
      return at ? Checked{time_text(*at)} : refuse(def, "INVALID_DATE", text + " is not a valid datetime.");
    }
    case ValueType::string:
    case ValueType::phone_number:
      break;
  }
  if (text.size() > max_string) {
    return refuse(def, "PROPERTY_VALUE_TOO_LONG", "Value is longer than 65536 characters");
  }
  return text;
}

ApiError contact_exists(std::int64_t id, bool with_id) {
  ApiError error;
  error.status = 409;
  error.category = "CONFLICT";
  error.message = "Contact already exists.";
  if (with_id) {
    error.message += " Existing ID: " + std::to_string(id);
    error.item_context = {{"existingId", {std::to_string(id)}}};
  }
  return error;
}

}  // namespace

std::optional<std::string> scalar_text(const nlohmann::json& value) {
  if (value.is_string()) {
    return value.get<std::string>();
  }
  if (value.is_null()) {
    return std::string{};
  }
  return value.is_primitive() ? std::optional{value.dump()} : std::nullopt;
}

std::optional<hubsync::Instant> time_value(std::string_view text) {
  if (const auto ms = to_integer(text)) {
    return hubsync::instant_from_ms(*ms);
  }
  return hubsync::parse_instant(text);
}

Expected<Changes> check_values(
    const Portal& portal,
    TypeIndex type,
    const nlohmann::json& properties,
    const Record* current,
    ValueRules rules
) {
  const auto& object_type = portal.type(type);
  Changes changes;
  std::vector<PropertyError> errors;
  for (const auto& [name, value] : properties.items()) {
    const auto prop = object_type.find(name);
    if (!prop) {
      errors.push_back({name, "PROPERTY_DOESNT_EXIST", "Property \"" + name + "\" does not exist"});
      continue;
    }
    const auto& def = object_type.properties[*prop];
    const bool writable = !def.read_only || (rules.set_read_only && def.computed == Computed::none);
    if (!writable) {
      errors.push_back(
          {name, "READ_ONLY_VALUE", "\"" + name + "\" is a read only property; its value cannot be set."}
      );
      continue;
    }
    const auto text = scalar_text(value);
    if (!text) {
      return Unexpected{
          validation_error("Invalid input JSON: Cannot deserialize value of type `java.lang.String`")
      };
    }
    auto checked = check_one(def, *text, current == nullptr ? "" : current->text(*prop), rules.lenient_dates);
    if (!checked) {
      errors.push_back(std::move(checked.error()));
      continue;
    }
    changes.emplace_back(*prop, std::move(*checked));
  }
  if (!errors.empty()) {
    return Unexpected{property_values_error(errors, portal.options.portal_id)};
  }
  return changes;
}

std::optional<ApiError> check_unique(
    const Portal& portal, TypeIndex type, const Changes& changes, std::int64_t id
) {
  const auto& object_type = portal.type(type);
  const auto& store = portal.store(type);
  for (const auto& [prop, text] : changes) {
    const auto& def = object_type.properties[prop];
    if (text.empty() || (!def.unique && !def.email)) {
      continue;
    }
    if (def.email && store.blocked_emails.contains(text)) {
      return property_values_error(
          {{def.name, "INVALID_EMAIL", "Email address was deleted for privacy and is blocked"}},
          portal.options.portal_id
      );
    }
    for (const auto other : store.find_by_value(prop, text)) {
      if (other == id) {
        continue;
      }
      if (def.email) {
        return contact_exists(other, id == 0);
      }
      return property_values_error(
          {{def.name,
            "CONFLICTING_UNIQUE_VALUE",
            "Object " + std::to_string(other) + " already has that value."}},
          portal.options.portal_id
      );
    }
  }
  return std::nullopt;
}

std::optional<ApiError> check_required(const Portal& portal, TypeIndex type, const Changes& changes) {
  const auto& object_type = portal.type(type);
  const bool enough = std::ranges::any_of(changes, [&](const auto& change) {
    const auto& name = object_type.properties[change.first].name;
    return !change.second.empty() &&
           std::ranges::find(object_type.needs_one_of, name) != object_type.needs_one_of.end();
  });
  if (enough) {
    return std::nullopt;
  }
  return validation_error(
      "Error creating " + object_type.upper +
      ". Some required properties were not set. At least one of: " + join(object_type.needs_one_of, ", ")
  );
}

}  // namespace hubspot_sim
