// What is asked of HubSpot and what it answers: decoded, by local field names. Plain data; any thread.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "daemon/core/outcome.hpp"
#include "daemon/core/reconcile.hpp"
#include "daemon/core/record.hpp"
#include "daemon/ports/standing.hpp"

namespace hubsync {

struct CallFailure {
  Outcome outcome = Outcome::unknown;
  int status = 0;             ///< HTTP status; 0 when no reply came.
  std::string category = {};  ///< HubSpot's category or subCategory, e.g. "VALIDATION_ERROR".
  std::string message = {};   ///< HubSpot's own message, or the transport's.
  bool own_words = false;     ///< HubSpot's JSON told it, not the page of a proxy before it.
  std::string correlation_id = {};
  std::optional<Duration> retry_after = {};
  std::optional<HubspotId> existing_id = {};  ///< 409: the record that already has the key (HUBSPOT.md §3.1).
  std::vector<std::string> properties = {};   ///< HubSpot's names of those whose values it refuses (§3.1).
  bool overturned = false;  ///< Not sent: HubSpot has shown the record otherwise meanwhile. Plan again.
  bool whole_batch =
      false;              ///< A batch was refused as one: it says nothing about the single inputs (bisect).
  std::string hint = {};  ///< What a person can do, where more is known than the outcome tells.
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
  StandingPtr standing = {};
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

}  // namespace hubsync
