#include "common/api_codec.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <nlohmann/json.hpp>

#include "common/api_members.hpp"
#include "common/api_reader.hpp"
#include "common/api_writer.hpp"
#include "common/text.hpp"

namespace hubsync::api {
namespace {

/// Builds a Node from the parser's events, refusing depth and repeated keys while they are still cheap.
class TreeBuilder : public nlohmann::json_sax<nlohmann::json> {
 public:
  bool null() override { return add({}); }
  bool boolean(bool value) override { return add({.kind = Node::Kind::boolean, .boolean = value}); }
  bool number_integer(number_integer_t value) override { return add_number(std::to_string(value)); }
  bool number_unsigned(number_unsigned_t value) override { return add_number(std::to_string(value)); }
  bool number_float(number_float_t, const string_t& raw) override { return add_number(raw); }
  bool string(string_t& value) override { return add({.kind = Node::Kind::text, .text = std::move(value)}); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(Node::Kind::object); }
  bool start_array(std::size_t) override { return open(Node::Kind::array); }
  bool end_object() override { return keys_differ() && close(); }
  bool end_array() override { return close(); }

  bool key(string_t& value) override {
    next_key_ = std::move(value);
    return true;
  }

  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception&) override {
    // The parser's own text quotes the input, which may be a record's value.
    problem = "not valid JSON near byte " + std::to_string(position);
    return false;
  }

  Node root;
  std::string problem;

 private:
  bool add_number(std::string raw) { return add({.kind = Node::Kind::number, .text = std::move(raw)}); }

  bool add(Node node) {
    node.key = std::exchange(next_key_, {});
    if (open_.empty()) {
      root = std::move(node);
    } else {
      open_.back().children.push_back(std::move(node));
    }
    return true;
  }

  bool open(Node::Kind kind) {
    if (open_.size() >= static_cast<std::size_t>(max_json_depth)) {
      problem = "nested more than " + std::to_string(max_json_depth) + " deep";
      return false;
    }
    open_.push_back({.kind = kind, .key = std::exchange(next_key_, {})});
    return true;
  }

  bool close() {
    Node done = std::move(open_.back());
    open_.pop_back();
    next_key_ = std::move(done.key);
    return add(std::move(done));
  }

  bool keys_differ() {
    std::vector<std::string_view> keys;
    for (const Node& child : open_.back().children) {
      keys.push_back(child.key);
    }
    std::ranges::sort(keys);
    if (std::ranges::adjacent_find(keys) != keys.end()) {
      problem = "a key stands twice in one object";
      return false;
    }
    return true;
  }

  std::vector<Node> open_;
  std::string next_key_;
};

Result<Node> parse(std::string_view json) {
  // The parser takes a NUL for the end of the text and would not look at what follows.
  if (json.contains('\0')) {
    return fail(ErrorCode::invalid, "the body is not JSON: it has a NUL byte");
  }
  TreeBuilder builder;
  if (!nlohmann::json::sax_parse(json, &builder)) {
    return fail(
        ErrorCode::invalid, "the body is not usable: " + builder.problem, "send one JSON object in UTF-8"
    );
  }
  return std::move(builder.root);
}

/// What a name at the top of a record's body may be mistaken for.
std::string hint_for_unknown(std::string_view name) {
  constexpr std::array<std::string_view, 13> kept{
      "id",
      "hubspotId",
      "syncStatus",
      "syncDirection",
      "lastModifiedLocal",
      "lastModifiedHubspot",
      "lastSyncedAt",
      "version",
      "deleted",
      "createdAt",
      "updatedAt",
      "errorMessage",
      "type"
  };
  if (std::ranges::find(kept, name) != kept.end()) {
    return "hubsync keeps this itself; leave it out";
  }
  return "other mapped fields go into customFields";
}

Result<std::string> field_value(const Node& node, const std::string& name, bool custom) {
  const bool scalar = node.kind == Node::Kind::number || node.kind == Node::Kind::boolean;
  if (node.kind == Node::Kind::null) {
    return std::string{};
  }
  if (node.kind != Node::Kind::text && !(custom && scalar)) {
    return std::unexpected(wrong_type(name, custom ? "text, a number, true, false or null" : "text or null"));
  }
  if (node.text.size() > max_value_bytes) {
    return fail(ErrorCode::invalid, "`" + name + "` is longer than 64 KiB", "", name);
  }
  if (node.text.contains('\0')) {
    return fail(ErrorCode::invalid, "`" + name + "` holds a NUL character", "", name);
  }
  return node.kind == Node::Kind::boolean ? std::string{node.boolean ? "true" : "false"} : node.text;
}

bool is_field_name(std::string_view name) {
  return !name.empty() && name.size() <= 200 && terminal_safe(name) == name;
}

Result<void> read_custom_fields(
    const Node& node, std::span<const std::string_view> fields, RecordInput& input
) {
  if (node.kind != Node::Kind::object) {
    return std::unexpected(wrong_type("customFields", "an object"));
  }
  if (node.children.size() > max_custom_fields) {
    return fail(ErrorCode::invalid, "more than 1000 customFields", "send fewer at once", "customFields");
  }
  for (const Node& child : node.children) {
    const std::string path = "customFields." + child.key;
    if (!is_field_name(child.key)) {
      return fail(
          ErrorCode::invalid,
          "a name in customFields is not usable",
          "1 to 200 printable bytes",
          "customFields"
      );
    }
    if (std::ranges::find(fields, child.key) != fields.end()) {
      return fail(ErrorCode::invalid, "`" + child.key + "` stands at the top, not in customFields", "", path);
    }
    const auto value = field_value(child, path, true);
    if (!value) {
      return std::unexpected(value.error());
    }
    input.fields[child.key] = *value;
  }
  return {};
}

Result<void> read_record_member(
    const Node& node, std::span<const std::string_view> fields, RecordInput& input
) {
  if (node.key == "customFields") {
    return read_custom_fields(node, fields, input);
  }
  if (std::ranges::find(fields, node.key) == fields.end()) {
    const std::string shown = truncate_to_width(terminal_safe(node.key), 60);
    return fail(
        ErrorCode::invalid, "`" + shown + "` is not a field here", hint_for_unknown(node.key), node.key
    );
  }
  const auto value = field_value(node, node.key, false);
  if (!value) {
    return std::unexpected(value.error());
  }
  input.fields[node.key] = *value;
  return {};
}

Result<Node> parse_object(std::string_view json) {
  auto root = parse(json);
  if (root && root->kind != Node::Kind::object) {
    return fail(ErrorCode::invalid, "the body is not an object", "send one JSON object in UTF-8");
  }
  return root;
}

}  // namespace

template <class T>
std::string encode(const T& value) {
  Writer writer;
  writer.value(value);
  return writer.take();
}

template <class T>
Result<T> decode(std::string_view json) {
  const auto root = parse_object(json);
  if (!root) {
    return std::unexpected(root.error());
  }
  std::optional<Error> error;
  T result;
  Reader{*root, error}.value(*root, result);
  if (error) {
    return std::unexpected(*error);
  }
  return result;
}

std::string encode_error(const Error& error) {
  return "{\"error\":" + encode(error) + "}";
}

std::optional<Error> decode_error(std::string_view json) {
  const auto root = parse_object(json);
  if (!root) {
    return std::nullopt;
  }
  std::optional<Error> problem;
  std::optional<Error> result;
  Reader{*root, problem}("error", result);
  return problem ? std::nullopt : result;
}

Result<RecordInput> decode_record_input(std::span<const std::string_view> fields, std::string_view json) {
  const auto root = parse_object(json);
  if (!root) {
    return std::unexpected(root.error());
  }
  RecordInput input;
  for (const Node& node : root->children) {
    if (const auto read = read_record_member(node, fields, input); !read) {
      return std::unexpected(read.error());
    }
  }
  return input;
}

std::string encode_record_input(std::span<const std::string_view> fields, const RecordInput& input) {
  FieldList top;
  FieldList custom;
  for (const auto& [name, value] : input.fields) {
    const bool at_top = std::ranges::find(fields, name) != fields.end();
    (at_top ? top : custom).push_back({name, value.empty() ? std::nullopt : std::optional{value}});
  }
  std::string body = encode(top);
  if (!custom.empty()) {
    body.pop_back();
    body += std::string{top.empty() ? "" : ","} + "\"customFields\":" + encode(custom) + "}";
  }
  return body;
}

Result<TriggerRequest> decode_trigger_request(std::string_view json) {
  TriggerRequest request;
  if (json.empty()) {
    return request;
  }
  const auto root = parse_object(json);
  if (!root) {
    return std::unexpected(root.error());
  }
  std::optional<Error> error;
  Reader reader{*root, error};
  members(reader, request);
  if (const auto name = reader.unknown_member(); name && !error) {
    error =
        Error{ErrorCode::invalid, "unknown member in the trigger", "types, full and dryRun are known", *name};
  }
  std::vector<std::string> plural;
  for (const std::string& type : request.types) {
    const auto known = parse_type(type);
    if (!known && !error) {
      error = Error{ErrorCode::invalid, "unknown type in `types`", "contacts or companies", "types"};
    } else if (known && std::ranges::find(plural, *known) == plural.end()) {
      plural.emplace_back(*known);
    }
  }
  request.types = std::move(plural);
  return error ? Result<TriggerRequest>{std::unexpected(*error)} : request;
}

template std::string encode(const Error&);
template std::string encode(const FieldList&);

template std::string encode(const Record&);
template Result<Record> decode<Record>(std::string_view);
template std::string encode(const SyncLog&);
template Result<SyncLog> decode<SyncLog>(std::string_view);
template std::string encode(const Conflict&);
template Result<Conflict> decode<Conflict>(std::string_view);
template std::string encode(const Guard&);
template Result<Guard> decode<Guard>(std::string_view);
template std::string encode(const Run&);
template Result<Run> decode<Run>(std::string_view);
template std::string encode(const Status&);
template Result<Status> decode<Status>(std::string_view);
template std::string encode(const DueItem&);
template Result<DueItem> decode<DueItem>(std::string_view);
template std::string encode(const TriggerRequest&);
template Result<TriggerRequest> decode<TriggerRequest>(std::string_view);
template std::string encode(const Triggered&);
template Result<Triggered> decode<Triggered>(std::string_view);
template std::string encode(const QueuePaused&);
template Result<QueuePaused> decode<QueuePaused>(std::string_view);
template std::string encode(const Retried&);
template Result<Retried> decode<Retried>(std::string_view);
template std::string encode(const ConfigText&);
template Result<ConfigText> decode<ConfigText>(std::string_view);
template std::string encode(const PlannedChange&);
template Result<PlannedChange> decode<PlannedChange>(std::string_view);
template std::string encode(const Page<Record>&);
template Result<Page<Record>> decode<Page<Record>>(std::string_view);
template std::string encode(const Page<SyncLog>&);
template Result<Page<SyncLog>> decode<Page<SyncLog>>(std::string_view);
template std::string encode(const Page<Conflict>&);
template Result<Page<Conflict>> decode<Page<Conflict>>(std::string_view);
template std::string encode(const Page<Guard>&);
template Result<Page<Guard>> decode<Page<Guard>>(std::string_view);
template std::string encode(const Page<Run>&);
template Result<Page<Run>> decode<Page<Run>>(std::string_view);
template std::string encode(const Page<DueItem>&);
template Result<Page<DueItem>> decode<Page<DueItem>>(std::string_view);
template std::string encode(const WalkPage<Record>&);
template Result<WalkPage<Record>> decode<WalkPage<Record>>(std::string_view);

}  // namespace hubsync::api
