#include "daemon/hubspot/record_page.hpp"

#include <utility>

#include <nlohmann/json.hpp>

#include "daemon/hubspot/json_guard.hpp"
#include "daemon/hubspot/record_reader.hpp"

namespace hubsync {

namespace {

using nlohmann::json;

/// Parser events of a whole body: "results" goes to the RecordReader, all else into a small document.
class PageEvents {
 public:
  PageEvents(const TypeRules& rules, const RecordShape& shape, bool tainted, RecordPage& page)
      : reader_(rules, shape, tainted, page) {}

  [[nodiscard]] const json& rest() const { return rest_; }
  [[nodiscard]] bool has_results() const { return has_results_; }

  bool null() { return value({JsonScalar::Kind::null, ""}, nullptr); }
  bool boolean(bool flag) { return value({JsonScalar::Kind::boolean, flag ? "true" : "false"}, flag); }
  bool number_integer(std::int64_t number) {
    return value({JsonScalar::Kind::number, std::to_string(number)}, number);
  }
  bool number_unsigned(std::uint64_t number) {
    return value({JsonScalar::Kind::number, std::to_string(number)}, number);
  }
  bool number_float(double number, const std::string& text) {
    return value({JsonScalar::Kind::number, text}, number);
  }
  bool string(std::string& text) {
    if (in_results_) {
      reader_.scalar({JsonScalar::Kind::string, std::move(text)});
    } else {
      put(std::move(text));
    }
    return true;
  }
  bool binary(json::binary_t&) { return false; }

  bool start_object(std::size_t) { return start(true); }
  bool start_array(std::size_t) { return start(false); }
  bool end_object() { return end(); }
  bool end_array() { return end(); }
  bool key(std::string& name) {
    if (in_results_) {
      reader_.key(name);
    } else {
      key_ = std::move(name);
    }
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const json::exception&) { return false; }

 private:
  bool start(bool object) {
    if (in_results_) {
      reader_.start(object);
    } else if (open_.size() == 1 && open_.back()->is_object() && key_ == "results" && !object &&
               !has_results_) {
      in_results_ = true;
      has_results_ = true;
    } else {
      open_.push_back(put(object ? json::object() : json::array()));
    }
    return true;
  }

  bool end() {
    if (in_results_) {
      in_results_ = reader_.end();
    } else {
      open_.pop_back();
    }
    return true;
  }

  template <class Value>
  bool value(JsonScalar scalar, Value plain) {
    if (in_results_) {
      reader_.scalar(std::move(scalar));
    } else {
      put(plain);
    }
    return true;
  }

  json* put(json element) {
    if (open_.empty()) {
      rest_ = std::move(element);
      return &rest_;
    }
    json& parent = *open_.back();
    if (parent.is_array()) {
      parent.push_back(std::move(element));
      return &parent.back();
    }
    return &(parent[key_] = std::move(element));
  }

  RecordReader reader_;
  bool in_results_ = false;
  bool has_results_ = false;
  json rest_;
  std::vector<json*>
      open_;  ///< The objects and arrays not yet ended; none of them moves while it is in here.
  std::string key_;
};

/// Puts the cursor of the next page into `page`; the link next to it is never followed. False when there is a
/// next page but no cursor: to take it for the last one would end a walk early.
bool read_cursor(const json& rest, RecordPage& page) {
  const json* next = &rest;
  for (const char* part : {"paging", "next"}) {
    const auto found = next->find(part);
    if (found == next->end() || found->is_null()) {
      return true;
    }
    if (!found->is_object()) {
      return false;
    }
    next = &*found;
  }
  const auto after = next->find("after");
  if (after == next->end()) {
    return false;
  }
  if (after->is_number_integer()) {
    page.next = std::to_string(after->get<std::int64_t>());
  } else if (after->is_string() && !after->get_ref<const std::string&>().empty()) {
    page.next = after->get<std::string>();
  }
  return page.next.has_value();
}

}  // namespace

std::expected<RecordPage, std::string> read_record_page(
    std::string body, const TypeRules& rules, const RecordShape& shape
) {
  const JsonGuard guard = guard_json(body);
  if (guard == JsonGuard::too_deep) {
    return std::unexpected("it is nested too deeply");
  }
  RecordPage page;
  PageEvents events(rules, shape, guard == JsonGuard::tainted, page);
  if (!json::sax_parse(body, &events)) {
    return std::unexpected("it is no JSON");
  }
  const json& rest = events.rest();
  if (!rest.is_object() || !events.has_results()) {
    return std::unexpected("it has no list of results");
  }
  if (!read_cursor(rest, page)) {
    return std::unexpected("the cursor of its next page can not be read");
  }
  if (const auto total = rest.find("total"); total != rest.end() && total->is_number_integer()) {
    page.total = total->get<std::int64_t>();
  }
  if (const auto errors = rest.find("errors"); errors != rest.end()) {
    page.errors = item_errors(*errors);
  }
  return page;
}

}  // namespace hubsync
