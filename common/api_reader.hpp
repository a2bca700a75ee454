// Reads structs of api.hpp from a parsed JSON tree. For api_codec.cpp only.
#pragma once

#include <algorithm>
#include <charconv>
#include <concepts>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/api_members.hpp"
#include "common/api_tree.hpp"

namespace hubsync::api {

/// Reads one object's members; an Io of api_members.hpp. The first problem stays in `error`.
class Reader {
 public:
  Reader(const Node& object, std::optional<Error>& error) : object_(object), error_(error) {}

  template <class T>
  void operator()(std::string_view name, T& member) {
    known_.insert(name);
    if (const Node* node = find(name)) {
      value(*node, member);
    }
  }

  template <class T>
  void if_present(std::string_view name, std::optional<T>& member) {
    (*this)(name, member);
  }

  void other_members(FieldList& fields) { rest_ = &fields; }

  /// Call after members(): hands the members that nothing asked for to other_members().
  void finish() {
    for (const Node& child : object_.children) {
      const bool field = child.kind == Node::Kind::text || child.kind == Node::Kind::null;
      if (rest_ != nullptr && field && !known_.contains(child.key)) {
        rest_->push_back({child.key});
        value(child, rest_->back().value);
      }
    }
  }

  /// The first member that nothing asked for.
  [[nodiscard]] std::optional<std::string> unknown_member() const {
    for (const Node& child : object_.children) {
      if (!known_.contains(child.key)) {
        return child.key;
      }
    }
    return std::nullopt;
  }

  template <class T>
  void value(const Node& node, T& out) {
    if constexpr (std::same_as<T, bool>) {
      expect(node, Node::Kind::boolean, "true or false") ? void(out = node.boolean) : void();
    } else if constexpr (std::same_as<T, std::int64_t>) {
      integer(node, out);
    } else if constexpr (std::same_as<T, std::string>) {
      expect(node, Node::Kind::text, "text") ? void(out = node.text) : void();
    } else if constexpr (std::same_as<T, Instant>) {
      instant(node, out);
    } else if constexpr (std::same_as<T, FieldList>) {
      fields(node, out);
    } else if constexpr (std::same_as<T, Error>) {
      problem(node, out);
    } else if constexpr (IsOptional<T>::value) {
      node.kind == Node::Kind::null ? out.reset() : value(node, out.emplace());
    } else if constexpr (IsVector<T>::value) {
      array(node, out);
    } else if constexpr (IsMap<T>::value) {
      map(node, out);
    } else if (expect(node, Node::Kind::object, "an object")) {
      Reader inner{node, error_};
      members(inner, out);
      inner.finish();
    }
  }

 private:
  [[nodiscard]] const Node* find(std::string_view name) const {
    const auto found = std::ranges::find(object_.children, name, &Node::key);
    return found == object_.children.end() ? nullptr : &*found;
  }

  bool expect(const Node& node, Node::Kind kind, std::string_view wanted) {
    if (node.kind != kind && !error_) {
      error_ = wrong_type(node.key, wanted);
    }
    return node.kind == kind;
  }

  void integer(const Node& node, std::int64_t& out) {
    const char* const end = node.text.data() + node.text.size();
    const auto parsed = std::from_chars(node.text.data(), end, out);
    const bool whole = parsed.ec == std::errc{} && parsed.ptr == end;
    if (!(node.kind == Node::Kind::number && whole) && !error_) {
      error_ = wrong_type(node.key, "a whole number");
    }
  }

  void instant(const Node& node, Instant& out) {
    const auto parsed = node.kind == Node::Kind::text ? parse_instant(node.text) : std::nullopt;
    if (!parsed && !error_) {
      error_ = wrong_type(node.key, "a time");
    }
    out = parsed.value_or(out);
  }

  void fields(const Node& node, FieldList& out) {
    if (expect(node, Node::Kind::object, "an object")) {
      for (const Node& child : node.children) {
        out.push_back({child.key});
        value(child, out.back().value);
      }
    }
  }

  void problem(const Node& node, Error& out) {
    if (expect(node, Node::Kind::object, "an object")) {
      Reader inner{node, error_};
      std::string code;
      inner("code", code);
      inner("message", out.message);
      inner("hint", out.hint);
      inner("field", out.field);
      out.code = parse_error_code(code).value_or(ErrorCode::internal);
    }
  }

  template <class T>
  void array(const Node& node, std::vector<T>& out) {
    if (expect(node, Node::Kind::array, "a list")) {
      for (const Node& child : node.children) {
        value(child, out.emplace_back());
      }
      name_list(node.key);
    }
  }

  /// What is wrong with a member of a list is told by the list's name, since it has none itself.
  void name_list(const std::string& list) {
    constexpr std::string_view nameless = "``";
    if (error_ && error_->field.empty() && error_->message.starts_with(nameless)) {
      error_->message.replace(0, nameless.size(), "each of `" + list + "`");
      error_->field = list;
    }
  }

  template <class Map>
  void map(const Node& node, Map& out) {
    if (expect(node, Node::Kind::object, "an object")) {
      for (const Node& child : node.children) {
        value(child, out[child.key]);
      }
    }
  }

  const Node& object_;
  std::optional<Error>& error_;
  std::set<std::string_view> known_;
  FieldList* rest_ = nullptr;
};

}  // namespace hubsync::api
