#include "common/api_tree.hpp"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "common/api_codec.hpp"

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

}  // namespace

const Node* Node::find(std::string_view name) const {
  const auto found = std::ranges::find(children, name, &Node::key);
  return found == children.end() ? nullptr : &*found;
}

Result<Node> parse_tree(std::string_view json) {
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

Result<Node> parse_object(std::string_view json) {
  auto root = parse_tree(json);
  if (root && root->kind != Node::Kind::object) {
    return fail(ErrorCode::invalid, "the body is not an object", "send one JSON object in UTF-8");
  }
  return root;
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

}  // namespace hubsync::api
