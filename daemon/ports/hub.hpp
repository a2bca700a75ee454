// HubSpot's CRM as the engine sees it: decoded, by local field names, one call each. Loop thread.
// Each method is one HTTP call at most, makes no retry and keeps no state.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daemon/core/rules.hpp"
#include "daemon/core/search.hpp"
#include "daemon/ports/hub_types.hpp"
#include "daemon/ports/task.hpp"
#include "daemon/ports/transport.hpp"

namespace hubsync {

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

  /// ≤ 100 ids; archiving what is archived already is fine. Not sent once one of `decided` is overturned.
  virtual Task<Reply<void>> archive(
      const TypeRules& rules,
      std::vector<HubspotId> ids,
      CallClass call_class,
      std::vector<StandingPtr> decided = {}
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
