#include "daemon/store/audit.hpp"

#include <array>
#include <utility>

#include <openssl/evp.h>

#include "daemon/store/views_json.hpp"

namespace hubsync::store {
namespace {

using Bytes = std::vector<unsigned char>;

/// SHA-256 over parts, each with its length in front, so that no two lists of parts look alike.
class Digest {
 public:
  Digest() : context_(EVP_MD_CTX_new(), &EVP_MD_CTX_free) {
    EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr);
  }

  Digest& add(const void* data, std::size_t size) {
    const auto length = static_cast<std::uint64_t>(size);
    EVP_DigestUpdate(context_.get(), &length, sizeof length);
    EVP_DigestUpdate(context_.get(), data, size);
    return *this;
  }
  Digest& add(std::string_view text) { return add(text.data(), text.size()); }
  Digest& add(const Bytes& bytes) { return add(bytes.data(), bytes.size()); }
  Digest& add(std::int64_t number) { return add(&number, sizeof number); }

  Bytes finish() {
    Bytes result(32);
    EVP_DigestFinal_ex(context_.get(), result.data(), nullptr);
    return result;
  }

 private:
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

std::string field_names(const Base& values) {
  std::vector<std::string> names;
  for (const auto& [name, pair] : values) {
    names.push_back(name);
  }
  return write_strings(names);
}

std::string hex(const Bytes& bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const unsigned char byte : bytes) {
    text.append({digits[byte >> 4], digits[byte & 0xF]});
  }
  return text;
}

}  // namespace

void AuditTable::append(const AuditEntry& entry, Instant now) {
  Bytes previous;
  std::int64_t id = 1;
  {
    Query query{db_, "SELECT id, digest FROM audit ORDER BY id DESC LIMIT 1"};
    if (query.next()) {
      id = query.integer(0) + 1;
      previous = query.blob(1);
    }
  }
  const UuidRandom random = random_();
  const Bytes salt{random.begin(), random.end()};
  const std::string fields = field_names(entry.values);
  const std::string value = write_base(entry.values);
  const Bytes value_digest = Digest{}.add(salt).add(value).finish();
  const Bytes digest = Digest{}
                           .add(previous)
                           .add(id)
                           .add(to_ms(now))
                           .add(entry.actor)
                           .add(entry.action)
                           .add(entry.type)
                           .add(entry.record.text)
                           .add(fields)
                           .add(value_digest)
                           .finish();
  Query{
      db_,
      "INSERT INTO audit (id, at, actor, action, type, record, fields, value_digest, digest) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
      id,
      now,
      entry.actor,
      entry.action,
      entry.type,
      entry.record,
      fields,
      value_digest,
      digest
  }
      .run();
  if (!entry.values.empty()) {
    Query{db_, "INSERT INTO audit_values (audit, salt, value) VALUES (?, ?, ?)", id, salt, value}.run();
  }
}

std::map<std::string, LocalWriter, std::less<>> AuditTable::last_writers(
    const LocalId& record, std::string_view not_this
) {
  std::map<std::string, LocalWriter, std::less<>> writers;
  Query query{
      db_,
      "SELECT at, actor, action, fields FROM audit WHERE record = ? AND actor <> ? ORDER BY id DESC LIMIT "
      "200",
      record,
      not_this
  };
  while (query.next()) {
    for (const std::string& field : read_strings(query.text(3))) {
      writers.try_emplace(field, LocalWriter{query.instant(0), query.text(1), query.text(2)});
    }
  }
  return writers;
}

std::vector<LocalId> AuditTable::folded_into(const LocalId& record) {
  std::vector<LocalId> folded;
  Query query{
      db_, "SELECT DISTINCT record FROM audit WHERE action = ? ORDER BY record", "merged into " + record.text
  };
  while (query.next()) {
    folded.push_back({query.text(0)});
  }
  return folded;
}

AuditHead AuditTable::head() {
  Query query{db_, "SELECT id, digest FROM audit ORDER BY id DESC LIMIT 1"};
  return query.next() ? AuditHead{.entry = query.integer(0), .digest = hex(query.blob(1))} : AuditHead{};
}

std::int64_t AuditTable::first_broken() {
  Bytes previous;
  std::int64_t expected = 1;
  Query query{
      db_,
      "SELECT audit.id, at, actor, action, type, record, fields, value_digest, digest, salt, value "
      "FROM audit LEFT JOIN audit_values ON audit_values.audit = audit.id ORDER BY audit.id"
  };
  while (query.next()) {
    const Bytes digest = Digest{}
                             .add(previous)
                             .add(query.integer(0))
                             .add(query.integer(1))
                             .add(query.text(2))
                             .add(query.text(3))
                             .add(query.text(4))
                             .add(query.text(5))
                             .add(query.text(6))
                             .add(query.blob(7))
                             .finish();
    const bool values_fit =
        query.is_null(9) || Digest{}.add(query.blob(9)).add(query.text(10)).finish() == query.blob(7);
    if (query.integer(0) != expected || digest != query.blob(8) || !values_fit) {
      return query.integer(0);
    }
    previous = digest;
    ++expected;
  }
  return 0;
}

}  // namespace hubsync::store
