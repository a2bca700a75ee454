#include "daemon/store/views_json.hpp"

#include <array>
#include <charconv>
#include <cstdio>
#include <functional>
#include <iterator>

#include "daemon/ports/store_error.hpp"

namespace hubsync::store {
namespace {

void append_string(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      std::array<char, 8> escape{};
      std::snprintf(escape.data(), escape.size(), "\\u%04x", static_cast<unsigned>(c));
      out += escape.data();
    } else {
      out += c;
    }
  }
  out += '"';
}

void append_name(std::string& out, std::string_view name) {
  if (out.size() > 1) {
    out += ',';
  }
  append_string(out, name);
  out += ':';
}

template <class Map, class AppendValue>
std::string write_object(const Map& map, AppendValue append_value) {
  std::string out;
  out.reserve(16 + map.size() * 32);
  out += '{';
  for (const auto& [name, value] : map) {
    append_name(out, name);
    append_value(out, value);
  }
  out += '}';
  return out;
}

void append_pair(std::string& out, const BasePair& pair) {
  if (pair.local == pair.remote) {
    append_string(out, pair.local);
    return;
  }
  out += '[';
  append_string(out, pair.local);
  out += ',';
  append_string(out, pair.remote);
  out += ']';
}

/// What makes `map` of `under`: the entries that are new or other, and null for those that are gone.
template <class Under, class Map, class Same, class AppendValue>
std::string write_difference(const Under& under, const Map& map, Same same, AppendValue append_value) {
  std::string out = "{";
  auto old = under.begin();
  const auto skip_gone_before = [&](const std::string* name) {
    for (; old != under.end() && (name == nullptr || old->first < *name); ++old) {
      append_name(out, old->first);
      out += "null";
    }
  };
  for (const auto& [name, value] : map) {
    skip_gone_before(&name);
    const bool held = old != under.end() && old->first == name;
    if (!held || !same(old->second, value)) {
      append_name(out, name);
      append_value(out, value);
    }
    old = held ? std::next(old) : old;
  }
  skip_gone_before(nullptr);
  return out + "}";
}

class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  /// Calls `read_value` after each name and its colon.
  template <class ReadValue>
  void object(ReadValue read_value) {
    require('{');
    if (skip('}')) {
      return end();
    }
    do {
      std::string name = string();
      require(':');
      read_value(std::move(name));
    } while (skip(','));
    require('}');
    end();
  }

  std::string string() {
    require('"');
    std::string value;
    for (;;) {
      const std::size_t plain = rest_.find_first_of("\"\\");
      if (plain == std::string_view::npos) {
        fail();
      }
      value.append(rest_.substr(0, plain));
      const char stop = rest_[plain];
      rest_.remove_prefix(plain + 1);
      if (stop == '"') {
        return value;
      }
      append_escaped(value);
    }
  }

  BasePair pair() {
    BasePair pair;
    if (skip('[')) {
      pair.local = string();
      require(',');
      pair.remote = string();
      require(']');
    } else {
      pair.local = string();
      pair.remote = pair.local;
    }
    return pair;
  }

  bool skip_null() {
    skip_space();
    if (!rest_.starts_with("null")) {
      return false;
    }
    rest_.remove_prefix(4);
    return true;
  }

  std::int64_t integer() {
    skip_space();
    std::int64_t value = 0;
    const auto [stop, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    if (error != std::errc{}) {
      fail();
    }
    rest_.remove_prefix(static_cast<std::size_t>(stop - rest_.data()));
    return value;
  }

  bool skip(char expected) {
    skip_space();
    if (rest_.empty() || rest_.front() != expected) {
      return false;
    }
    rest_.remove_prefix(1);
    return true;
  }

  void require(char expected) { require(skip(expected)); }

  static void require(bool holds) {
    if (!holds) {
      fail();
    }
  }

  void end() {
    skip_space();
    if (!rest_.empty()) {
      fail();
    }
  }

 private:
  [[noreturn]] static void fail() { throw StoreCorrupt("the database: a stored view is not readable"); }

  void skip_space() {
    while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\n' || rest_.front() == '\t' ||
                              rest_.front() == '\r')) {
      rest_.remove_prefix(1);
    }
  }

  void append_escaped(std::string& value) {
    if (rest_.empty()) {
      fail();
    }
    constexpr std::string_view letters = "\"\\/bfnrt";
    constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
    const char letter = rest_.front();
    rest_.remove_prefix(1);
    if (letter == 'u') {
      return append_code_point(value);
    }
    const std::size_t place = letters.find(letter);
    if (place == std::string_view::npos) {
      fail();
    }
    value += meanings[place];
  }

  unsigned hex4() {
    unsigned code = 0;
    if (rest_.size() < 4 ||
        std::from_chars(rest_.data(), rest_.data() + 4, code, 16).ptr != rest_.data() + 4) {
      fail();
    }
    rest_.remove_prefix(4);
    return code;
  }

  void append_code_point(std::string& value) {
    unsigned code = hex4();
    if (code >= 0xD800 && code < 0xDC00) {
      if (!rest_.starts_with("\\u")) {
        fail();
      }
      rest_.remove_prefix(2);
      code = 0x10000 + ((code - 0xD800) << 10) + ((hex4() - 0xDC00) & 0x3FF);
    }
    const auto put = [&value](unsigned byte) { value += static_cast<char>(byte); };
    if (code < 0x80) {
      put(code);
    } else if (code < 0x800) {
      put(0xC0 | (code >> 6));
      put(0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
      put(0xE0 | (code >> 12));
      put(0x80 | ((code >> 6) & 0x3F));
      put(0x80 | (code & 0x3F));
    } else {
      put(0xF0 | (code >> 18));
      put(0x80 | ((code >> 12) & 0x3F));
      put(0x80 | ((code >> 6) & 0x3F));
      put(0x80 | (code & 0x3F));
    }
  }

  std::string_view rest_;
};

}  // namespace

std::string write_fields(const Fields& fields) {
  return write_object(fields, [](std::string& out, const std::string& value) { append_string(out, value); });
}

std::string write_base(const Base& base) {
  return write_object(base, append_pair);
}

std::string write_fields_over(const Fields& under, const Fields& fields) {
  return write_difference(under, fields, std::equal_to<>{}, append_string);
}

std::string write_base_over(const Fields& under, const Base& base) {
  const auto same = [](const std::string& value, const BasePair& pair) {
    return pair.local == value && pair.remote == value;
  };
  return write_difference(under, base, same, append_pair);
}

std::string write_times(const FieldTimes& times) {
  return write_object(times, [](std::string& out, Instant at) { out += std::to_string(to_ms(at)); });
}

std::string write_strings(const std::vector<std::string>& strings) {
  std::string out = "[";
  for (const std::string& text : strings) {
    out += out.size() > 1 ? "," : "";
    append_string(out, text);
  }
  return out + "]";
}

std::string json_string(std::string_view text) {
  std::string out;
  append_string(out, text);
  return out;
}

Fields read_fields(std::string_view json) {
  return read_fields_over({}, json);
}

Base read_base(std::string_view json) {
  return read_base_over({}, json);
}

Fields read_fields_over(Fields under, std::string_view json) {
  Reader in{json};
  in.object([&](std::string name) {
    if (in.skip_null()) {
      Reader::require(under.erase(name) == 1);
    } else {
      under.insert_or_assign(std::move(name), in.string());
    }
  });
  return under;
}

Base read_base_over(const Fields& under, std::string_view json) {
  Base base;
  for (const auto& [name, value] : under) {
    base.emplace_hint(base.end(), name, BasePair{value, value});
  }
  Reader in{json};
  in.object([&](std::string name) {
    if (in.skip_null()) {
      Reader::require(base.erase(name) == 1);
    } else {
      base.insert_or_assign(std::move(name), in.pair());
    }
  });
  return base;
}

FieldTimes read_times(std::string_view json) {
  FieldTimes times;
  Reader in{json};
  in.object([&](std::string name) { times.insert_or_assign(std::move(name), instant_from_ms(in.integer())); }
  );
  return times;
}

std::vector<std::string> read_strings(std::string_view json) {
  std::vector<std::string> strings;
  Reader in{json};
  in.require('[');
  if (!in.skip(']')) {
    do {
      strings.push_back(in.string());
    } while (in.skip(','));
    in.require(']');
  }
  in.end();
  return strings;
}

}  // namespace hubsync::store
