#include "daemon/hubspot/record_reader.hpp"

#include <algorithm>
#include <utility>

#include "daemon/hubspot/json_guard.hpp"

namespace hubsync {

using Kind = JsonScalar::Kind;

namespace {

/// "12;34": what is no id in it is left out.
std::vector<HubspotId> parse_id_list(std::string_view text) {
  std::vector<HubspotId> ids;
  while (!text.empty()) {
    const auto end = std::min(text.find(';'), text.size());
    if (const auto id = parse_hubspot_id(text.substr(0, end))) {
      ids.push_back(*id);
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return ids;
}

}  // namespace

RecordReader::RecordReader(const TypeRules& rules, const RecordShape& shape, bool tainted, RecordPage& page)
    : shape_(shape), tainted_(tainted), page_(page), primary_prefix_(rules.singular + "_to_") {
  for (const FieldRule& field : rules.fields) {
    if (!field.property.empty()) {
      property(field.property).fields.push_back(field.name);
    }
  }
  property(rules.modified_property).is_modified = true;
  property(uid_property).is_uid = true;
  property(merged_property).is_merged = true;
  if (!shape.key_property.empty()) {
    property(shape.key_property).is_key = true;
  }
}

RecordReader::Property& RecordReader::property(std::string_view name) {
  return properties_[std::string(name)];
}

void RecordReader::start(bool object) {
  const Where next = enter(object);
  if (next == Where::record) {
    begin_record();
  } else if (next == Where::association) {
    association_id_.clear();
    association_type_.clear();
  } else if (next == Where::history) {
    versions_.clear();
  } else if (next == Where::history_entry) {
    version_ = PropertyVersion{};
    version_time_.reset();
  }
  where_.push_back(next);
}

RecordReader::Where RecordReader::enter(bool object) {
  switch (where_.back()) {
    case Where::results:
      if (!object) {
        page_.bad.push_back({.id = "", .reason = "a record is a list"});
      }
      return object ? Where::record : Where::ignored;
    case Where::record:
      return enter_record_part(object);
    case Where::properties:
      if (property_ != nullptr) {
        spoil("property " + key_ + " is neither text, number nor null");
      }
      return Where::ignored;
    case Where::histories:
      return object ? Where::ignored : Where::history;
    case Where::history:
      return object ? Where::history_entry : Where::ignored;
    case Where::associations:
      return object ? Where::association_group : Where::ignored;
    case Where::association_group:
      if (key_ == "results" && !object) {
        return Where::association_list;
      }
      return key_ == "paging" && object ? Where::association_paging : Where::ignored;
    case Where::association_list:
      if (!object) {
        spoil("an association is a list");
      }
      return object ? Where::association : Where::ignored;
    case Where::association_paging:
      more_targets_ = more_targets_ || key_ == "next";
      return Where::ignored;
    case Where::history_entry:
    case Where::association:
    case Where::ignored:
      return Where::ignored;
  }
  return Where::ignored;
}

RecordReader::Where RecordReader::enter_record_part(bool object) {
  const Where part = key_ == "properties"              ? Where::properties
                     : key_ == "propertiesWithHistory" ? Where::histories
                     : key_ == "associations"          ? Where::associations
                                                       : Where::ignored;
  const bool needed = part != Where::ignored || key_ == "id" || key_ == "archived" || key_ == "updatedAt";
  if (needed && (!object || part == Where::ignored)) {
    spoil(key_ + " has the wrong type");
    return Where::ignored;
  }
  return part;
}

void RecordReader::key(std::string& name) {
  key_.swap(name);
  const Where where = where_.back();
  if (where == Where::properties || where == Where::histories) {
    const auto found = properties_.find(key_);
    property_ = found == properties_.end() ? nullptr : &found->second;
  }
}

void RecordReader::scalar(JsonScalar value) {
  const Where where = where_.back();
  if (where == Where::ignored) {
    return;
  }
  if (tainted_ && value.text.find(taint_mark) != std::string::npos) {
    spoil(key_ + " is not valid Unicode");
  }
  switch (where) {
    case Where::results:
      page_.bad.push_back({.id = std::move(value.text), .reason = "a record is no object"});
      break;
    case Where::record:
      record_scalar(value);
      break;
    case Where::properties:
      property_scalar(value);
      break;
    case Where::history_entry:
      history_scalar(value);
      break;
    case Where::association_list:
      spoil("an association is no object");
      break;
    case Where::association:
      association_scalar(value);
      break;
    default:
      break;
  }
}

bool RecordReader::end() {
  const Where ended = where_.back();
  where_.pop_back();
  if (ended == Where::record) {
    finish_record();
  } else if (ended == Where::association) {
    finish_association();
  } else if (ended == Where::history_entry) {
    finish_version();
  } else if (ended == Where::history) {
    finish_history();
  }
  return ended != Where::results;
}

void RecordReader::spoil(std::string reason) {
  if (spoiled_.empty()) {
    spoiled_ = std::move(reason);
  }
}

void RecordReader::begin_record() {
  record_ = RemoteRecord{};
  id_.clear();
  record_key_.clear();
  spoiled_.clear();
  modified_property_.reset();
  targets_.clear();
  more_targets_ = false;
}

void RecordReader::finish_record() {
  const auto id = parse_hubspot_id(id_);
  if (!id) {
    spoil("its id is no positive whole number");
  }
  if (!spoiled_.empty()) {
    page_.bad.push_back({.id = std::move(id_), .reason = std::move(spoiled_)});
    return;
  }
  record_.id = *id;
  if (!record_.modified) {
    record_.modified = modified_property_;
  }
  record_.references_known = shape_.associations && !more_targets_;
  if (record_.references_known) {
    record_.reference = choose_reference(targets_);
  }
  page_.records.push_back(std::move(record_));
  page_.keys.push_back(std::move(record_key_));
}

void RecordReader::finish_association() {
  const auto id = parse_hubspot_id(association_id_);
  if (!id) {
    spoil("an association's id is no positive whole number");
    return;
  }
  const bool primary =
      association_type_.starts_with(primary_prefix_) && !association_type_.ends_with("_unlabeled");
  targets_.push_back({.id = *id, .primary = primary});
}

void RecordReader::record_scalar(JsonScalar& value) {
  if (key_ == "id") {
    if (value.kind != Kind::string && value.kind != Kind::number) {
      spoil("id has the wrong type");
    }
    id_ = std::move(value.text);
  } else if (key_ == "updatedAt") {
    record_.modified = parse_instant(value.text);
  } else if (key_ == "archived") {
    if (value.kind != Kind::boolean) {
      spoil("archived has the wrong type");
    }
    record_.archived = value.text == "true";
  } else if (key_ == "objectWriteTraceId") {
    record_.trace_id = std::move(value.text);
  } else if (key_ == "properties") {
    spoil("properties has the wrong type");
  }
}

void RecordReader::property_scalar(JsonScalar& value) {
  if (property_ == nullptr) {
    return;
  }
  if (property_->is_modified) {
    modified_property_ = parse_instant(value.text);
  }
  if (property_->is_uid && !value.text.empty()) {
    record_.uid = value.text;
  }
  if (property_->is_merged) {
    record_.former_ids = parse_id_list(value.text);
  }
  if (property_->is_key) {
    record_key_ = value.text;
  }
  for (std::size_t i = 0; i < property_->fields.size(); ++i) {
    const bool last = i + 1 == property_->fields.size();
    record_.values.insert_or_assign(property_->fields[i], last ? std::move(value.text) : value.text);
  }
}

void RecordReader::history_scalar(JsonScalar& value) {
  if (property_ == nullptr) {
    return;
  }
  if (key_ == "value") {
    version_.value = std::move(value.text);
  } else if (key_ == "timestamp") {
    version_time_ = parse_instant(value.text);
  } else if (key_ == "sourceType") {
    version_.source = std::move(value.text);
  } else if (key_ == "updatedByUserId" && value.kind != Kind::null) {
    version_.user = "user " + value.text;
  } else if ((key_ == "sourceLabel" || key_ == "sourceId") && version_.user.empty()) {
    version_.user = std::move(value.text);
  }
}

void RecordReader::finish_version() {
  if (property_ == nullptr) {
    return;
  }
  if (!version_time_) {
    spoil("a time in its history can not be read");
    return;
  }
  version_.at = *version_time_;
  versions_.push_back(std::move(version_));
}

/// HubSpot gives no promise about the order.
void RecordReader::finish_history() {
  if (property_ == nullptr || versions_.empty()) {
    return;
  }
  if (!std::ranges::is_sorted(versions_, std::ranges::greater{}, &PropertyVersion::at)) {
    std::ranges::sort(versions_, std::ranges::greater{}, &PropertyVersion::at);
  }
  versions_.resize(std::min(versions_.size(), max_versions));
  for (const std::string& field : property_->fields) {
    record_.times[field] = versions_.front().at;
    record_.histories[field] = versions_;
  }
}

void RecordReader::association_scalar(JsonScalar& value) {
  if (key_ == "id" || key_ == "toObjectId") {
    association_id_ = std::move(value.text);
  } else if (key_ == "type") {
    association_type_ = std::move(value.text);
  }
}

}  // namespace hubsync
