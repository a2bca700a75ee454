// The state machine behind read_record_page(): one record from JSON parser events. Any thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/reference.hpp"
#include "daemon/hubspot/record_page.hpp"

namespace hubsync {

/// A JSON value that is neither object nor array; numbers keep the text they were sent as.
struct JsonScalar {
  enum class Kind : std::uint8_t { null, boolean, number, string };
  Kind kind = Kind::null;
  std::string text;  ///< "" for null, "true", digits, or the string.
};

/// Takes the events inside "results" and appends to a page. Values arrive with the key they were under.
class RecordReader {
 public:
  /// `shape` and `page` must outlive the reader. `tainted`: see guard_json().
  RecordReader(const TypeRules& rules, const RecordShape& shape, bool tainted, RecordPage& page);

  void start(bool object);  ///< An object or array begins.
  void key(std::string& name);
  void scalar(JsonScalar value);
  /// The innermost object or array ends. False when it was "results" itself.
  bool end();

 private:
  enum class Where : std::uint8_t {
    results,
    record,
    properties,
    histories,  ///< propertiesWithHistory
    history,    ///< … of one property
    history_entry,
    associations,
    association_group,  ///< … to one object type
    association_list,
    association,
    association_paging,
    ignored
  };
  /// What a property of HubSpot's means to us.
  struct Property {
    std::vector<std::string> fields;
    bool is_modified = false;
    bool is_uid = false;
    bool is_key = false;
    bool is_merged = false;
  };

  Property& property(std::string_view name);
  [[nodiscard]] Where enter(bool object);
  [[nodiscard]] Where enter_record_part(bool object);
  void spoil(std::string reason);
  void begin_record();
  void finish_record();
  void finish_association();
  void record_scalar(JsonScalar& value);
  void property_scalar(JsonScalar& value);
  void history_scalar(JsonScalar& value);
  void finish_version();
  void finish_history();
  void association_scalar(JsonScalar& value);

  const RecordShape& shape_;
  bool tainted_;
  RecordPage& page_;
  std::map<std::string, Property, std::less<>> properties_;
  std::string primary_prefix_;  ///< "contact_to_": how the type names of HubSpot's own associations begin.

  std::vector<Where> where_{Where::results};
  std::string key_;
  const Property* property_ = nullptr;  ///< Under `key_` while in properties, or whose history this is.
  RemoteRecord record_;
  std::string id_;
  std::string record_key_;
  std::string spoiled_;      ///< Why this record can not be used; "" while it can.
  PropertyVersion version_;  ///< The history entry under way.
  std::optional<Instant> version_time_;
  std::vector<PropertyVersion> versions_;
  std::optional<Instant> modified_property_;
  std::vector<AssociationTarget> targets_;
  bool more_targets_ = false;  ///< The associations go on on another page.
  std::string association_id_;
  std::string association_type_;
};

}  // namespace hubsync
