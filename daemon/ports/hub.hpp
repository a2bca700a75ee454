// HubSpot's CRM as the engine sees it: decoded, by local field names, one call each. Loop thread.
// Each method is one HTTP call at most, makes no retry and keeps no state.
#pragma once

#include <expected>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daemon/core/outcome.hpp"
#include "daemon/core/reconcile.hpp"
#include "daemon/core/record.hpp"
#include "daemon/core/rules.hpp"
#include "daemon/core/search.hpp"
#include "daemon/ports/task.hpp"
#include "daemon/ports/transport.hpp"

namespace hubsync {

struct CallFailure {
  Outcome outcome = Outcome::unknown;
  int status = 0;             ///< HTTP status; 0 when no reply came.
  std::string category = {};  ///< HubSpot's category or subCategory, e.g. "VALIDATION_ERROR".
  std::string message = {};   ///< HubSpot's own message, or the transport's.
  std::string correlation_id = {};
  std::optional<Duration> retry_after = {};
  std::optional<HubspotId> existing_id = {};  ///< 409: the record that already has the key (HUBSPOT.md §3.1).
  bool whole_batch =
      false;  ///< A batch was refused as one: it says nothing about the single inputs (bisect).
};

template <class T>
using Reply = std::expected<T, CallFailure>;

/// A record that HubSpot sent and we cannot read; the others go on.
struct BadRecord {
  std::string id;  ///< As sent; may be empty.
  std::string reason;
};

struct ListPage {
  std::vector<RemoteRecord> records;
  std::vector<BadRecord> bad;
  std::optional<std::string> next;  ///< Cursor of the next page; none on the last.
  bool narrow =
      false;  ///< Too many mapped properties for a URL: the records hold ids and times only, read() the rest.
};

struct ReadResult {
  std::vector<RemoteRecord> records;
  std::vector<BadRecord> bad;
  std::vector<std::string> missing;  ///< Asked for by this id (or key) and not answered.
};

struct WriteInput {
  std::string trace_id;              ///< Unique in its batch.
  std::optional<HubspotId> id = {};  ///< For update.
  std::string uid = {
  };  ///< For create and upsert: value of hubsync_id; "" when the portal has no such property.
  Fields fields = {};  ///< By local name, references left out; "" clears.
};

enum class WriteKind : std::uint8_t { create, update, upsert /*by hubsync_id*/ };

struct Link {
  HubspotId from;
  HubspotId to;
  auto operator<=>(const Link&) const = default;
};

struct Account {
  std::int64_t portal_id = 0;
  std::string time_zone;
  Duration utc_offset{0};
};

struct PropertyDefinition {
  std::string name;
  std::string type;
  std::string field_type;
  bool has_unique_value = false;
  bool read_only = false;
};

class Hub {
 public:
  virtual ~Hub() = default;

  /// A page of the whole enumeration, ascending by id, ≤ 100, with mapped values and associations (HUBSPOT.md
  /// §4.1).
  virtual Task<Reply<ListPage>> list(
      const TypeRules& rules, std::optional<std::string> after, bool archived, CallClass call_class
  ) = 0;

  /// ≤ 100 records by HubSpot id with mapped values (no associations). With history ≤ 50 (HUBSPOT.md §4.4).
  virtual Task<Reply<ReadResult>> read(
      const TypeRules& rules,
      std::vector<HubspotId> ids,
      bool archived,
      bool with_history,
      CallClass call_class
  ) = 0;

  /// ≤ 100 records by a unique property ("email", hubsync_id).
  virtual Task<Reply<ReadResult>> read_by(
      const TypeRules& rules, std::string property, std::vector<std::string> values, CallClass call_class
  ) = 0;

  virtual Task<Reply<SearchPage>> search(const TypeRules& rules, SearchQuery query, CallClass call_class) = 0;

  /// ≤ 100 inputs; one reply for each, in input order. A failure of the whole call is every input's failure.
  virtual Task<std::vector<Reply<RemoteRecord>>> write(
      const TypeRules& rules, WriteKind kind, std::vector<WriteInput> inputs, CallClass call_class
  ) = 0;

  /// ≤ 100 ids; archiving what is archived already is fine.
  virtual Task<Reply<void>> archive(
      const TypeRules& rules, std::vector<HubspotId> ids, CallClass call_class
  ) = 0;

  /// ≤ 1,000 ids: the associated record each one's reference field stands for; none in the map's value = no
  /// association.
  virtual Task<Reply<std::map<HubspotId, std::optional<HubspotId>>>> read_references(
      const TypeRules& rules, std::vector<HubspotId> ids, CallClass call_class
  ) = 0;

  /// ≤ 2,000 links, each made primary. One reply for each, in input order.
  virtual Task<std::vector<Reply<void>>> associate(
      const TypeRules& rules, std::vector<Link> links, CallClass call_class
  ) = 0;

  /// ≤ 2,000 links: removes every association type between the two.
  virtual Task<std::vector<Reply<void>>> dissociate(
      const TypeRules& rules, std::vector<Link> links, CallClass call_class
  ) = 0;

  virtual Task<Reply<Account>> account(CallClass call_class) = 0;
  virtual Task<Reply<std::vector<PropertyDefinition>>> properties(
      const TypeRules& rules, CallClass call_class
  ) = 0;
  /// Creates a property for a line of text.
  virtual Task<Reply<void>> create_property(
      const TypeRules& rules, std::string name, std::string label, CallClass call_class
  ) = 0;
  /// Creates the unique property hubsync_id.
  virtual Task<Reply<void>> create_uid_property(const TypeRules& rules, CallClass call_class) = 0;
};

}  // namespace hubsync
