#include <algorithm>
#include <set>

#include <doctest/doctest.h>

#include "daemon/hubspot/client.hpp"
#include "tests/support/records.hpp"
#include "tests/unit/daemon/hubspot/fake_transport.hpp"
#include "tests/unit/hubspot_sim/sim_fixture.hpp"

using namespace hubsync;
using namespace hubsync::test;

namespace {

/// The simulated portal as a Transport: no sockets, and each call takes a second.
class SimTransport : public Transport {
 public:
  explicit SimTransport(hubspot_sim::Sim& sim) : sim_(sim) {}

  Task<std::expected<HttpReply, TransportFailure>> send(HttpRequest request) override {
    sim_.wait(1'000);
    const auto answer = sim_.send(
        {.method = request.method,
         .target = request.target,
         .authorization = "Bearer " + sim_.token,
         .body = request.body}
    );
    HttpReply reply{.status = answer.status, .headers = {}, .body = answer.text};
    for (auto [name, value] : answer.headers) {
      std::ranges::transform(name, name.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
      });
      reply.headers[name] = value;
    }
    co_return reply;
  }

 private:
  hubspot_sim::Sim& sim_;
};

hubspot_sim::ModelOptions rough_portal() {
  hubspot_sim::ModelOptions options;
  options.limits = false;
  options.large_ids = true;
  options.shuffle_batches = true;
  return options;
}

struct Rig {
  explicit Rig(std::string_view version) : client(transport, *find_api_version(version)) {
    REQUIRE(run(client.create_uid_property(contacts, change)).has_value());
    REQUIRE(run(client.create_uid_property(companies, change)).has_value());
  }

  static WriteInput contact(int number) {
    const std::string text = std::to_string(number);
    return {
        .trace_id = "t" + text,
        .uid = "u" + text,
        .fields = {{"email", "P" + text + "@x.example"}, {"firstName", "Zoë " + text}}
    };
  }

  std::vector<Reply<RemoteRecord>> upsert(const TypeRules& rules, std::vector<WriteInput> inputs) {
    return run(client.write(rules, WriteKind::upsert, std::move(inputs), change));
  }
  HubspotId make(const TypeRules& rules, const WriteInput& input) {
    auto replies = upsert(rules, {input});
    REQUIRE_MESSAGE(replies[0].has_value(), (replies[0] ? "" : replies[0].error().message));
    return replies[0]->id;
  }
  HubspotId make_company(const std::string& uid) {
    return make(companies, {.trace_id = "t", .uid = uid, .fields = {{"name", uid}}});
  }
  RemoteRecord read(HubspotId id, bool archived = false) {
    auto result = run(client.read(contacts, {id}, archived, false, change));
    REQUIRE(result.has_value());
    REQUIRE(result->records.size() == 1);
    return result->records.front();
  }

  static constexpr CallClass change = CallClass::change;
  hubspot_sim::Sim sim{rough_portal()};
  SimTransport transport{sim};
  HubspotClient client;
  TypeRules contacts = contact_rules();
  TypeRules companies = company_rules();
};

constexpr const char* versions[] = {"2026-09", "2026-03", "v3"};

}  // namespace

TEST_CASE("the simulated portal and the client agree on a batch of upserts and on reading it back") {
  for (const char* version : versions) {
    CAPTURE(version);
    Rig rig(version);
    std::vector<WriteInput> inputs;
    for (int i = 0; i < 100; ++i) {
      inputs.push_back(Rig::contact(i));
    }
    const auto first = rig.upsert(rig.contacts, inputs);
    const auto second = rig.upsert(rig.contacts, inputs);
    std::vector<HubspotId> ids;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      REQUIRE_MESSAGE(first[i].has_value(), (first[i] ? "" : first[i].error().message));
      REQUIRE(second[i].has_value());
      CHECK(first[i]->id == second[i]->id);
      ids.push_back(first[i]->id);
    }
    const auto read = run(rig.client.read(rig.contacts, ids, false, false, Rig::change));
    REQUIRE(read.has_value());
    CHECK(read->bad.empty());
    CHECK(read->missing.empty());
    REQUIRE(read->records.size() == 100);
    for (const RemoteRecord& record : read->records) {
      const auto at = static_cast<std::size_t>(std::ranges::find(ids, record.id) - ids.begin());
      REQUIRE(at < ids.size());
      CHECK(record.uid == inputs[at].uid);
      CHECK(record.values.at("email") == "p" + std::to_string(at) + "@x.example");
      CHECK(record.values.at("firstName") == inputs[at].fields.at("firstName"));
      CHECK(record.modified.has_value());
    }
  }
}

TEST_CASE("a list walks every record once, with its reference") {
  for (const char* version : versions) {
    CAPTURE(version);
    Rig rig(version);
    const HubspotId company = rig.make_company("c1");
    std::vector<WriteInput> inputs;
    for (int i = 0; i < 90; ++i) {
      inputs.push_back(Rig::contact(i));
    }
    std::vector<Link> links;
    for (const auto& reply : rig.upsert(rig.contacts, inputs)) {
      links.push_back({reply.value().id, company});
    }
    rig.upsert(rig.contacts, {Rig::contact(200), Rig::contact(201)});
    rig.sim.set_option("short_page_percent", 50);
    for (const auto& reply : run(rig.client.associate(rig.contacts, links, Rig::change))) {
      CHECK(reply.has_value());
    }
    std::set<HubspotId> seen;
    std::size_t linked = 0;
    std::optional<std::string> after;
    do {
      const auto page = run(rig.client.list(rig.contacts, after, false, CallClass::sweep));
      REQUIRE(page.has_value());
      CHECK(page->bad.empty());
      for (const RemoteRecord& record : page->records) {
        CHECK(record.references_known);
        linked += record.reference == company ? 1U : 0U;
        CHECK(seen.insert(record.id).second);
      }
      after = page->next;
    } while (after);
    CHECK(seen.size() == 92);
    CHECK(linked == 90);
  }
}

TEST_CASE("references are made, moved, read and removed") {
  for (const char* version : versions) {
    CAPTURE(version);
    Rig rig(version);
    const HubspotId one = rig.make_company("c1");
    const HubspotId two = rig.make_company("c2");
    const HubspotId linked = rig.make(rig.contacts, Rig::contact(1));
    const HubspotId lonely = rig.make(rig.contacts, Rig::contact(2));
    const auto reference = [&] {
      const auto all = run(rig.client.read_references(rig.contacts, {linked, lonely}, Rig::change));
      REQUIRE(all.has_value());
      REQUIRE(all->size() == 2);
      CHECK_FALSE(all->at(lonely));
      return all->at(linked);
    };
    CHECK_FALSE(reference());
    CHECK(run(rig.client.associate(rig.contacts, {{linked, one}}, Rig::change))[0].has_value());
    CHECK(reference() == one);
    CHECK(run(rig.client.associate(rig.contacts, {{linked, two}}, Rig::change))[0].has_value());
    CHECK(reference() == two);
    CHECK(run(rig.client.dissociate(rig.contacts, {{linked, one}, {linked, two}}, Rig::change))[1].has_value()
    );
    CHECK_FALSE(reference());
    const auto replies =
        run(rig.client.associate(rig.contacts, {{linked, HubspotId{7}}, {linked, one}}, Rig::change));
    CHECK_FALSE(replies[0].has_value());
  }
}

TEST_CASE("each bad input of a batch is told apart from the good ones") {
  for (const char* version : versions) {
    CAPTURE(version);
    Rig rig(version);
    const HubspotId owner = rig.make(rig.contacts, Rig::contact(1));
    auto taken = Rig::contact(2);
    taken.fields["email"] = "p1@x.example";
    auto invalid = Rig::contact(3);
    invalid.fields["email"] = "no address";
    const auto created =
        run(rig.client.write(rig.contacts, WriteKind::create, {taken, Rig::contact(4), invalid}, Rig::change)
        );
    REQUIRE_FALSE(created[0].has_value());
    CHECK(created[0].error().outcome == Outcome::refused);
    CHECK(created[0].error().existing_id == owner);
    CHECK(created[1].has_value());
    REQUIRE_FALSE(created[2].has_value());
    CHECK(created[2].error().outcome == Outcome::refused);
    const auto updated = run(rig.client.write(
        rig.contacts,
        WriteKind::update,
        {{.trace_id = "a", .id = HubspotId{7}, .fields = {{"phone", "1"}}},
         {.trace_id = "b", .id = owner, .fields = {{"firstName", ""}}}},
        Rig::change
    ));
    REQUIRE_FALSE(updated[0].has_value());
    CHECK(updated[0].error().outcome != Outcome::unavailable);
    CHECK(updated[1].has_value());
    CHECK(rig.read(owner).values.at("firstName").empty());
  }
}

TEST_CASE("an archived record is missing, and found in the recycle bin") {
  for (const char* version : versions) {
    CAPTURE(version);
    Rig rig(version);
    const HubspotId one = rig.make(rig.contacts, Rig::contact(1));
    const HubspotId two = rig.make(rig.contacts, Rig::contact(2));
    CHECK(run(rig.client.archive(rig.contacts, {one}, Rig::change)).has_value());
    CHECK(run(rig.client.archive(rig.contacts, {one}, Rig::change)).has_value());
    for (const std::vector<HubspotId>& ids : {std::vector{one}, std::vector{one, two}}) {
      const auto live = run(rig.client.read(rig.contacts, ids, false, false, Rig::change));
      REQUIRE(live.has_value());
      CHECK(live->missing == std::vector{to_string(one)});
    }
    CHECK(rig.read(one, true).archived);
    const auto bin = run(rig.client.list(rig.contacts, std::nullopt, true, CallClass::sweep));
    REQUIRE(bin.has_value());
    REQUIRE(bin->records.size() == 1);
    CHECK(bin->records.front().archived);
  }
}

TEST_CASE("the survivor of a merge names the ids that lead to it") {
  for (const char* version : versions) {
    CAPTURE(version);
    Rig rig(version);
    const HubspotId one = rig.make(rig.contacts, Rig::contact(1));
    const HubspotId two = rig.make(rig.contacts, Rig::contact(2));
    rig.sim.post(
        "/crm/v3/objects/contacts/merge",
        {{"primaryObjectId", to_string(one)}, {"objectIdToMerge", to_string(two)}}
    );
    const RemoteRecord survivor = rig.read(two);
    CHECK(survivor.id != two);
    CHECK(std::ranges::find(survivor.former_ids, one) != survivor.former_ids.end());
    CHECK(std::ranges::find(survivor.former_ids, two) != survivor.former_ids.end());
  }
}

TEST_CASE("records are found by key, by e-mail and by search") {
  for (const char* version : versions) {
    CAPTURE(version);
    Rig rig(version);
    const HubspotId one = rig.make(rig.contacts, Rig::contact(1));
    const auto by_uid = run(rig.client.read_by(rig.contacts, "hubsync_id", {"u1", "u9"}, Rig::change));
    REQUIRE(by_uid.has_value());
    CHECK(by_uid->missing == std::vector<std::string>{"u9"});
    CHECK(by_uid->records.at(0).id == one);
    const auto by_email =
        run(rig.client.read_by(rig.contacts, "email", {"nobody@x.example", "P1@X.example"}, Rig::change));
    REQUIRE(by_email.has_value());
    CHECK(by_email->missing == std::vector<std::string>{"nobody@x.example"});
    const SearchQuery query{
        .filters =
            {{.property = "email", .op = "IN", .values = {"P1@x.example"}},
             {.property = "lastmodifieddate", .op = "GTE", .values = {"1"}}},
        .sort = "lastmodifieddate"
    };
    const auto found = run(rig.client.search(rig.contacts, query, Rig::change));
    REQUIRE(found.has_value());
    CHECK(found->total == 1);
    REQUIRE(found->hits.size() == 1);
    CHECK(found->hits.front().id == one);
    CHECK(found->hits.front().modified.has_value());
  }
}

TEST_CASE("a read with history tells when each field was last changed") {
  for (const char* version : versions) {
    CAPTURE(version);
    Rig rig(version);
    const HubspotId one = rig.make(rig.contacts, Rig::contact(1));
    const HubspotId two = rig.make(rig.contacts, Rig::contact(2));
    rig.sim.wait(60'000);
    const Instant before = rig.sim.now;
    run(rig.client.write(
        rig.contacts,
        WriteKind::update,
        {{.trace_id = "a", .id = one, .fields = {{"phone", "1"}}}},
        Rig::change
    ));
    for (const std::vector<HubspotId>& ids : {std::vector{one}, std::vector{one, two}}) {
      const auto read = run(rig.client.read(rig.contacts, ids, false, true, Rig::change));
      REQUIRE(read.has_value());
      const auto record = std::ranges::find(read->records, one, &RemoteRecord::id);
      REQUIRE(record != read->records.end());
      CHECK(record->times.at("phone") > before);
      CHECK(record->times.at("email") < before);
    }
  }
}

TEST_CASE("the account, the properties and a refused token are understood") {
  for (const char* version : versions) {
    CAPTURE(version);
    Rig rig(version);
    const auto account = run(rig.client.account(Rig::change));
    REQUIRE(account.has_value());
    CHECK(account->portal_id == 48000001);
    CHECK(account->time_zone == "America/New_York");
    const auto properties = run(rig.client.properties(rig.contacts, Rig::change));
    REQUIRE(properties.has_value());
    const auto key = std::ranges::find(*properties, "hubsync_id", &PropertyDefinition::name);
    REQUIRE(key != properties->end());
    CHECK(key->has_unique_value);
    CHECK(run(rig.client.create_uid_property(rig.contacts, Rig::change)).error().status == 409);
    rig.sim.token = "pat-na1-wrong";
    CHECK(run(rig.client.account(Rig::change)).error().outcome == Outcome::denied);
  }
}
