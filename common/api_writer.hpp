// Writes structs of api.hpp as JSON text, without building a tree. For api_codec.cpp only.
#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <utility>

#include "common/api_members.hpp"
#include "common/text.hpp"

namespace hubsync::api {

/// Writes one value; an Io of api_members.hpp.
class Writer {
 public:
  template <class T>
  void operator()(std::string_view name, const T& member) {
    begin_member(name);
    value(member);
  }

  template <class T>
  void if_present(std::string_view name, const std::optional<T>& member) {
    if (member) {
      (*this)(name, *member);
    }
  }

  void other_members(const FieldList& fields) {
    for (const Field& field : fields) {
      (*this)(field.name, field.value);
    }
  }

  template <class T>
  void value(const T& v) {
    if constexpr (std::same_as<T, bool>) {
      out_ += v ? "true" : "false";
    } else if constexpr (std::same_as<T, std::int64_t>) {
      out_ += std::to_string(v);
    } else if constexpr (std::same_as<T, std::string>) {
      out_ += json_quote(v);
    } else if constexpr (std::same_as<T, Instant>) {
      out_ += json_quote(format_instant(v));
    } else if constexpr (std::same_as<T, FieldList>) {
      object([&] { other_members(v); });
    } else if constexpr (std::same_as<T, Error>) {
      object([&] { error_members(v); });
    } else if constexpr (IsOptional<T>::value) {
      v ? value(*v) : void(out_ += "null");
    } else if constexpr (IsVector<T>::value) {
      array(v);
    } else if constexpr (IsMap<T>::value) {
      object([&] { map_members(v); });
    } else {
      object([&] { members(*this, v); });
    }
  }

  void error_members(const Error& error) {
    begin_member("code");
    out_ += json_quote(error_code_name(error.code));
    (*this)("message", error.message);
    if (!error.hint.empty()) {
      (*this)("hint", error.hint);
    }
    if (!error.field.empty()) {
      (*this)("field", error.field);
    }
  }

  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  void begin_member(std::string_view name) {
    separate();
    out_ += json_quote(name);
    out_ += ':';
  }

  void separate() {
    if (out_.back() != '{' && out_.back() != '[') {
      out_ += ',';
    }
  }

  template <class Body>
  void object(Body body) {
    out_ += '{';
    body();
    out_ += '}';
  }

  template <class T>
  void array(const std::vector<T>& items) {
    out_ += '[';
    for (const T& item : items) {
      separate();
      value(item);
    }
    out_ += ']';
  }

  template <class Map>
  void map_members(const Map& map) {
    for (const auto& [name, member] : map) {
      (*this)(name, member);
    }
  }

  std::string out_;
};

}  // namespace hubsync::api
