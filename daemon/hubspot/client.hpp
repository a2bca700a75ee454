// Hub over a Transport: build the request, send it, read the answer. Loop thread. One call each, no retry, no
// state but what is set at the start.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "daemon/hubspot/outcome.hpp"
#include "daemon/hubspot/paths.hpp"
#include "daemon/hubspot/record_page.hpp"
#include "daemon/hubspot/requests.hpp"
#include "daemon/ports/hub.hpp"

namespace hubsync {

class HubspotClient : public Hub {
 public:
  /// Both must outlive the client; `paths` comes from find_api_version().
  HubspotClient(Transport& transport, const ApiPaths& paths) : transport_(transport), paths_(paths) {}

  /// Whether the portal has hubsync_id for this type ("contacts"); it is asked for until told otherwise,
  /// which is harmless: a property that is not defined is silently left out (HUBSPOT.md §4.2).
  void set_has_uid(std::string_view type, bool has_uid);

  Task<Reply<ListPage>> list(
      const TypeRules& rules, std::optional<std::string> after, bool archived, CallClass call_class
  ) override;
  Task<Reply<ReadResult>> read(
      const TypeRules& rules,
      std::vector<HubspotId> ids,
      bool archived,
      bool with_history,
      CallClass call_class
  ) override;
  Task<Reply<ReadResult>> read_by(
      const TypeRules& rules, std::string property, std::vector<std::string> values, CallClass call_class
  ) override;
  Task<Reply<SearchPage>> search(const TypeRules& rules, SearchQuery query, CallClass call_class) override;
  Task<std::vector<Reply<RemoteRecord>>> write(
      const TypeRules& rules, WriteKind kind, std::vector<WriteInput> inputs, CallClass call_class
  ) override;
  Task<Reply<void>> archive(
      const TypeRules& rules,
      std::vector<HubspotId> ids,
      CallClass call_class,
      std::vector<StandingPtr> decided = {}
  ) override;
  Task<Reply<std::map<HubspotId, std::optional<HubspotId>>>> read_references(
      const TypeRules& rules, std::vector<HubspotId> ids, CallClass call_class
  ) override;
  Task<std::vector<Reply<void>>> associate(
      const TypeRules& rules, std::vector<Link> links, CallClass call_class
  ) override;
  Task<std::vector<Reply<void>>> dissociate(
      const TypeRules& rules, std::vector<Link> links, CallClass call_class
  ) override;
  Task<Reply<Account>> account(CallClass call_class) override;
  Task<Reply<std::vector<PropertyDefinition>>> properties(const TypeRules& rules, CallClass call_class)
      override;
  Task<Reply<void>> create_property(
      const TypeRules& rules, std::string name, std::string label, CallClass call_class
  ) override;
  Task<Reply<void>> create_uid_property(const TypeRules& rules, CallClass call_class) override;

 private:
  /// A 2xx, or why there is none.
  Task<Reply<HttpReply>> call(HttpRequest request, Effect effect, CallClass call_class);
  /// As call(), for a read of records.
  Task<Reply<RecordPage>> read_page(
      HttpRequest request, const TypeRules& rules, RecordShape shape, CallClass call_class
  );
  Task<Reply<ReadResult>> read_one(const TypeRules& rules, ReadSpec spec, CallClass call_class);
  Task<std::vector<Reply<RemoteRecord>>> write_batch(
      const TypeRules& rules, WriteKind kind, std::vector<const WriteInput*> inputs, CallClass call_class
  );
  [[nodiscard]] std::vector<std::string> wanted(const TypeRules& rules) const;

  Transport& transport_;
  const ApiPaths& paths_;
  std::set<std::string, std::less<>> without_uid_;
};

}  // namespace hubsync
