// What hubsync needs to be true of HubSpot, in the order of HUBSPOT.md. Each case runs with every API
// version.
#include <algorithm>
#include <set>

#include "tests/contract/portal.hpp"

using namespace hubsync;
using hubsync::contract::Portal;

namespace {

template <class Case>
void with_each_version(Case run) {
  for (const std::string version : {"2026-09", "2026-03", "v3"}) {
    CAPTURE(version);
    Portal portal{version};
    run(portal);
  }
}

}  // namespace

TEST_CASE("the account says whose portal it is") {
  with_each_version([](Portal& portal) {
    const auto account = portal.ask(portal.client().account(Portal::change));
    REQUIRE_MESSAGE(account.has_value(), (account ? "" : account.error().message));
    CHECK(account->portal_id > 0);
    CHECK_FALSE(account->time_zone.empty());
  });
}

TEST_CASE("every mapped property is defined, and the modified times are read-only") {
  with_each_version([](Portal& portal) {
    for (const TypeRules* const rules : {&portal.contacts, &portal.companies}) {
      const auto properties = portal.ask(portal.client().properties(*rules, Portal::change));
      REQUIRE_MESSAGE(properties.has_value(), (properties ? "" : properties.error().message));
      const auto find = [&properties](const std::string& name) {
        return std::ranges::find(*properties, name, &PropertyDefinition::name);
      };
      for (const FieldRule& field : rules->fields) {
        CAPTURE(field.property);
        CHECK((field.property.empty() || find(field.property) != properties->end()));
      }
      REQUIRE(find(rules->modified_property) != properties->end());
      CHECK(find(rules->modified_property)->read_only);
    }
  });
}

TEST_CASE("a batch of creates is answered input by input, and reads back in HubSpot's own form") {
  with_each_version([](Portal& portal) {
    std::vector<WriteInput> inputs;
    for (const char* name : {"Ada", "grace", "zoë"}) {
      inputs.push_back(
          {.trace_id = "",
           .fields = {{"email", portal.address(name[0] == 'z' ? "ZOE" : name)}, {"firstName", name}}}
      );
    }
    const auto replies = portal.write(portal.contacts, WriteKind::create, inputs);
    REQUIRE(replies.size() == inputs.size());
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      REQUIRE_MESSAGE(replies[i].has_value(), (replies[i] ? "" : replies[i].error().message));
      portal.forget_later(portal.contacts, replies[i]->id);
      const RemoteRecord record = portal.read(portal.contacts, replies[i]->id);
      CHECK(record.values.at("firstName") == inputs[i].fields.at("firstName"));
      std::string lowered = inputs[i].fields.at("email");
      std::ranges::transform(lowered, lowered.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
      });
      CHECK(record.values.at("email") == lowered);
      CHECK(record.modified.has_value());
    }
  });
}

TEST_CASE("an address that is taken is refused for its input alone, with the id of its owner") {
  with_each_version([](Portal& portal) {
    const HubspotId owner = portal.make(portal.contacts, {{"email", portal.address("owner")}});
    const auto replies = portal.write(
        portal.contacts,
        WriteKind::create,
        {{.trace_id = "", .fields = {{"email", portal.address("owner")}}},
         {.trace_id = "", .fields = {{"email", portal.address("other")}}}}
    );
    REQUIRE(replies.size() == 2);
    REQUIRE_FALSE(replies[0].has_value());
    CHECK(replies[0].error().outcome == Outcome::refused);
    CHECK(replies[0].error().existing_id == owner);
    if (replies[1]) {
      portal.forget_later(portal.contacts, replies[1]->id);
    } else {
      CHECK(replies[1].error().whole_batch);  // All or nothing is what bisecting is for.
    }
  });
}

TEST_CASE("a field that is cleared reads as empty, and a property that is not defined is left out") {
  with_each_version([](Portal& portal) {
    const HubspotId id =
        portal.make(portal.contacts, {{"email", portal.address("clear")}, {"phone", "+49 30 1234567"}});
    CHECK(portal.read(portal.contacts, id).values.at("phone") == "+49 30 1234567");
    const auto replies = portal.write(
        portal.contacts, WriteKind::update, {{.trace_id = "", .id = id, .fields = {{"phone", ""}}}}
    );
    REQUIRE_MESSAGE(replies[0].has_value(), (replies[0] ? "" : replies[0].error().message));
    TypeRules wider = portal.contacts;
    wider.fields.push_back({.name = "nowhere", .property = "hubsync_no_such_property"});
    const RemoteRecord record = portal.read(wider, id);
    CHECK(record.values.at("phone").empty());
    CHECK_FALSE(record.values.contains("nowhere"));
  });
}

TEST_CASE("a list goes by ascending id") {
  with_each_version([](Portal& portal) {
    portal.make(portal.contacts, {{"email", portal.address("list")}});
    const auto page =
        portal.ask(portal.client().list(portal.contacts, std::nullopt, false, CallClass::sweep));
    REQUIRE_MESSAGE(page.has_value(), (page ? "" : page.error().message));
    CHECK(page->bad.empty());
    CHECK(page->records.size() <= 100);
    REQUIRE_FALSE(page->records.empty());
    CHECK(std::ranges::is_sorted(page->records, {}, &RemoteRecord::id));
    CHECK(std::ranges::all_of(page->records, &RemoteRecord::references_known));
  });
}

TEST_CASE("the company of a contact is set, moved and taken away") {
  with_each_version([](Portal& portal) {
    const HubspotId contact = portal.make(portal.contacts, {{"email", portal.address("linked")}});
    const HubspotId one = portal.make(portal.companies, {{"name", "hubsync contract test 1"}});
    const HubspotId two = portal.make(portal.companies, {{"name", "hubsync contract test 2"}});
    const auto reference = [&] {
      const auto all =
          portal.ask(portal.client().read_references(portal.contacts, {contact}, Portal::change));
      REQUIRE_MESSAGE(all.has_value(), (all ? "" : all.error().message));
      return all->at(contact);
    };
    CHECK_FALSE(reference());
    for (const HubspotId company : {one, two}) {
      const auto made =
          portal.ask(portal.client().associate(portal.contacts, {{contact, company}}, Portal::change));
      REQUIRE_MESSAGE(made[0].has_value(), (made[0] ? "" : made[0].error().message));
      CHECK(reference() == company);
    }
    const auto gone = portal.ask(
        portal.client().dissociate(portal.contacts, {{contact, one}, {contact, two}}, Portal::change)
    );
    CHECK(gone[0].has_value());
    CHECK(gone[1].has_value());
    CHECK_FALSE(reference());
  });
}

TEST_CASE("a search by modified time finds a change within a minute") {
  with_each_version([](Portal& portal) {
    const HubspotId id = portal.make(portal.companies, {{"name", "hubsync contract test"}});
    const auto modified = portal.read(portal.companies, id).modified;
    REQUIRE(modified.has_value());
    const SearchQuery query{
        .filters =
            {{.property = portal.companies.modified_property,
              .op = "GTE",
              .values = {std::to_string(to_ms(*modified))}},
             {.property = "hs_object_id", .op = "EQ", .values = {to_string(id)}}},
        .sort = portal.companies.modified_property
    };
    CHECK(portal.eventually([&] {
      const auto page = portal.ask(portal.client().search(portal.companies, query, CallClass::sweep));
      REQUIRE_MESSAGE(page.has_value(), (page ? "" : page.error().message));
      return std::ranges::find(page->hits, id, &SearchHit::id) != page->hits.end();
    }));
  });
}

TEST_CASE("a property's history tells when and by whom it was changed") {
  with_each_version([](Portal& portal) {
    const HubspotId id =
        portal.make(portal.contacts, {{"email", portal.address("history")}, {"firstName", "Ada"}});
    portal.write(
        portal.contacts, WriteKind::update, {{.trace_id = "", .id = id, .fields = {{"firstName", "Grace"}}}}
    );
    const RemoteRecord record = portal.read(portal.contacts, id, true);
    CHECK(record.values.at("firstName") == "Grace");
    REQUIRE(record.histories.contains("firstName"));
    const auto& versions = record.histories.at("firstName");
    REQUIRE(versions.size() == 2);
    CHECK(versions[0].value == "Grace");
    CHECK(versions[1].value == "Ada");
    CHECK(versions[0].at > versions[1].at);
    CHECK_FALSE(versions[0].source.empty());
  });
}

TEST_CASE("what is archived is missing, stands in the recycle bin, and may be archived twice") {
  with_each_version([](Portal& portal) {
    const HubspotId id = portal.make(portal.contacts, {{"email", portal.address("gone")}});
    CHECK(portal.ask(portal.client().archive(portal.contacts, {id}, Portal::change)).has_value());
    const auto live = portal.ask(portal.client().read(portal.contacts, {id}, false, false, Portal::change));
    REQUIRE_MESSAGE(live.has_value(), (live ? "" : live.error().message));
    CHECK(live->missing == std::vector{to_string(id)});
    const auto bin = portal.ask(portal.client().read(portal.contacts, {id}, true, false, Portal::change));
    REQUIRE_MESSAGE(bin.has_value(), (bin ? "" : bin.error().message));
    REQUIRE(bin->records.size() == 1);
    CHECK(bin->records.front().archived);
  });  // The portal archives it again at its end.
}
