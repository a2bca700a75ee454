#include "daemon/store/erasure.hpp"

#include "daemon/core/canonical.hpp"
#include "daemon/store/hmac.hpp"

namespace hubsync::store {
namespace {

const std::string key_fact = "erasure_key";

std::string name_of(const std::string& type, HubspotId id) {
  return type + "/id/" + to_string(id);
}

/// What stands for a person among these values: every e-mail address, and the key.
std::vector<std::string> names_of(const TypeRules& rules, const Fields& values) {
  std::vector<std::string> names;
  for (const FieldRule& field : rules.fields) {
    if (field.kind != ValueKind::email && field.name != rules.key) {
      continue;
    }
    const std::string value = canonical(value_or_empty(values, field.name), field.kind);
    if (!value.empty()) {
      names.push_back(rules.name + "/value/" + value);
    }
  }
  return names;
}

std::string hex(const UuidRandom& bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : bytes) {
    text.push_back(digits[byte >> 4U]);
    text.push_back(digits[byte & 0xFU]);
  }
  return text;
}

}  // namespace

ErasureTable::Bytes ErasureTable::digest(std::string_view text) {
  std::string key = facts_.fact(key_fact).value_or("");
  if (key.empty()) {
    key = hex(random_()) + hex(random_()) + hex(random_()) + hex(random_());
    facts_.set_fact(key_fact, key);
  }
  return hmac_sha256(key, text);
}

bool ErasureTable::empty() {
  if (any_) {
    Query query{db_, "SELECT 1 FROM erased LIMIT 1"};
    any_ = query.next();
  }
  return !any_;
}

bool ErasureTable::has(const Bytes& digest) {
  Query query{db_, "SELECT 1 FROM erased WHERE digest = ?", digest};
  return query.next();
}

void ErasureTable::add(const Bytes& digest, Instant now) {
  any_ = true;
  Query{db_, "INSERT INTO erased (digest, at) VALUES (?, ?) ON CONFLICT DO NOTHING", digest, now}.run();
}

void ErasureTable::add(const std::string& type, HubspotId id, Instant now) {
  add(digest(name_of(type, id)), now);
}

void ErasureTable::add(const TypeRules& rules, const Fields& values, Instant now) {
  for (const std::string& name : names_of(rules, values)) {
    add(digest(name), now);
  }
}

bool ErasureTable::has(const std::string& type, HubspotId id) {
  return !empty() && has(digest(name_of(type, id)));
}

bool ErasureTable::has_any(const TypeRules& rules, const Fields& values) {
  if (empty()) {
    return false;
  }
  for (const std::string& name : names_of(rules, values)) {
    if (has(digest(name))) {
      return true;
    }
  }
  return false;
}

}  // namespace hubsync::store
