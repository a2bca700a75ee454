// Stands between the flows of the engine and HubSpot: while it is closed, calls wait. So nothing is read or
// written before it is known whose portal the access token opens (I11), and the token is changed while no
// call is under way. Loop thread. Decides nothing: the engine opens and closes it.
#pragma once

#include <memory>

#include "daemon/ports/hub.hpp"

namespace hubsync {

class GatedHub final : public Hub {
 public:
  /// Closed at first. `inner` outlives it.
  explicit GatedHub(Hub& inner);

  void open();
  void close();

  /// Returns once no call is under way; those that wait at the gate are none.
  Task<void> idle();

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
  struct State;
  class Passage;
  template <class Call>
  auto pass(Call call) -> decltype(call());

  Hub& inner_;
  std::shared_ptr<State> state_;
};

}  // namespace hubsync
