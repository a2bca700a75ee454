#include "daemon/engine/gate.hpp"

#include <cstdint>
#include <utility>

#include "daemon/engine/signal.hpp"

namespace hubsync {

/// Outlives the gate as long as a call is under way: at the end of the process the loop, which owns the
/// calls nobody waited for, is destroyed last.
struct GatedHub::State {
  bool open = false;
  std::int64_t under_way = 0;
  Signal changed;
};

/// A call under way.
class GatedHub::Passage {
 public:
  explicit Passage(std::shared_ptr<State> state) : state_(std::move(state)) { ++state_->under_way; }
  Passage(const Passage&) = delete;
  Passage& operator=(const Passage&) = delete;
  ~Passage() {
    --state_->under_way;
    state_->changed.notify_all();
  }

 private:
  std::shared_ptr<State> state_;
};

GatedHub::GatedHub(Hub& inner) : inner_(inner), state_(std::make_shared<State>()) {}

template <class Call>
auto GatedHub::pass(Call call) -> decltype(call()) {
  while (!state_->open) {
    co_await state_->changed.wait();
  }
  const Passage passage{state_};
  co_return co_await call();
}

void GatedHub::open() {
  state_->open = true;
  state_->changed.notify_all();
}

void GatedHub::close() {
  state_->open = false;
}

Task<void> GatedHub::idle() {
  while (state_->under_way > 0) {
    co_await state_->changed.wait();
  }
}

Task<Reply<ListPage>> GatedHub::list(
    const TypeRules& rules, std::optional<std::string> after, bool archived, CallClass call_class
) {
  co_return co_await pass([&] { return inner_.list(rules, std::move(after), archived, call_class); });
}

Task<Reply<ReadResult>> GatedHub::read(
    const TypeRules& rules, std::vector<HubspotId> ids, bool archived, bool with_history, CallClass call_class
) {
  co_return co_await pass([&] {
    return inner_.read(rules, std::move(ids), archived, with_history, call_class);
  });
}

Task<Reply<ReadResult>> GatedHub::read_by(
    const TypeRules& rules, std::string property, std::vector<std::string> values, CallClass call_class
) {
  co_return co_await pass([&] {
    return inner_.read_by(rules, std::move(property), std::move(values), call_class);
  });
}

Task<Reply<SearchPage>> GatedHub::search(const TypeRules& rules, SearchQuery query, CallClass call_class) {
  co_return co_await pass([&] { return inner_.search(rules, std::move(query), call_class); });
}

Task<std::vector<Reply<RemoteRecord>>> GatedHub::write(
    const TypeRules& rules, WriteKind kind, std::vector<WriteInput> inputs, CallClass call_class
) {
  co_return co_await pass([&] { return inner_.write(rules, kind, std::move(inputs), call_class); });
}

Task<Reply<void>> GatedHub::archive(
    const TypeRules& rules, std::vector<HubspotId> ids, CallClass call_class, std::vector<StandingPtr> decided
) {
  co_return co_await pass([&] {
    return inner_.archive(rules, std::move(ids), call_class, std::move(decided));
  });
}

Task<Reply<std::map<HubspotId, std::optional<HubspotId>>>> GatedHub::read_references(
    const TypeRules& rules, std::vector<HubspotId> ids, CallClass call_class
) {
  co_return co_await pass([&] { return inner_.read_references(rules, std::move(ids), call_class); });
}

Task<std::vector<Reply<void>>> GatedHub::associate(
    const TypeRules& rules, std::vector<Link> links, CallClass call_class
) {
  co_return co_await pass([&] { return inner_.associate(rules, std::move(links), call_class); });
}

Task<std::vector<Reply<void>>> GatedHub::dissociate(
    const TypeRules& rules, std::vector<Link> links, CallClass call_class
) {
  co_return co_await pass([&] { return inner_.dissociate(rules, std::move(links), call_class); });
}

Task<Reply<Account>> GatedHub::account(CallClass call_class) {
  co_return co_await pass([&] { return inner_.account(call_class); });
}

Task<Reply<std::vector<PropertyDefinition>>> GatedHub::properties(
    const TypeRules& rules, CallClass call_class
) {
  co_return co_await pass([&] { return inner_.properties(rules, call_class); });
}

Task<Reply<void>> GatedHub::create_property(
    const TypeRules& rules, std::string name, std::string label, CallClass call_class
) {
  co_return co_await pass([&] {
    return inner_.create_property(rules, std::move(name), std::move(label), call_class);
  });
}

Task<Reply<void>> GatedHub::create_uid_property(const TypeRules& rules, CallClass call_class) {
  co_return co_await pass([&] { return inner_.create_uid_property(rules, call_class); });
}

}  // namespace hubsync
