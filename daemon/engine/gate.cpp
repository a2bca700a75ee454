#include "daemon/engine/gate.hpp"

#include <utility>

namespace hubsync {

/// A call under way.
class GatedHub::Passage {
 public:
  explicit Passage(GatedHub& gate) : gate_(gate) { ++gate_.under_way_; }
  Passage(const Passage&) = delete;
  Passage& operator=(const Passage&) = delete;
  ~Passage() {
    --gate_.under_way_;
    gate_.changed_.notify_all();
  }

 private:
  GatedHub& gate_;
};

template <class Call>
auto GatedHub::pass(Call call) -> decltype(call()) {
  while (!open_) {
    co_await changed_.wait();
  }
  const Passage passage{*this};
  co_return co_await call();
}

void GatedHub::open() {
  open_ = true;
  changed_.notify_all();
}

Task<void> GatedHub::idle() {
  while (under_way_ > 0) {
    co_await changed_.wait();
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
    const TypeRules& rules, std::vector<HubspotId> ids, CallClass call_class
) {
  co_return co_await pass([&] { return inner_.archive(rules, std::move(ids), call_class); });
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
