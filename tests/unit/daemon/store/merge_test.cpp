// Two records that HubSpot made one: what becomes of the two here.
#include <algorithm>
#include <iterator>
#include <utility>

#include <doctest/doctest.h>

#include "daemon/core/backoff.hpp"
#include "tests/unit/daemon/store/fixture.hpp"

using namespace hubsync;
using namespace hubsync::test;

namespace {

const Fields ada{{"email", "ada@example.org"}, {"firstName", "Ada"}};

}  // namespace

TEST_CASE("a create whose record was merged before its answer was stored stays with the survivor") {
  TestStore store;
  const Record other = store.linked("contacts", {{"email", "other@example.org"}}, 72);
  const Record made = store.create("contacts", ada);
  const auto actions = store.prepare("contacts");
  REQUIRE(actions.size() == 1);
  RemoteRecord survivor = seen_record(185, ada);
  survivor.uid = made.uid;
  survivor.former_ids = {HubspotId{72}, HubspotId{141}};
  RemoteRecord before = seen_record(141, ada);
  before.uid = made.uid;
  store.observe("contacts", {before});    // A walk met it,
  store.observe("contacts", {survivor});  // another one the merge.
  const LocalId kept = store.by_link("contacts", HubspotId{185}).id;
  store.accept("contacts", actions.front(), HubspotId{141});
  CHECK(store.by_link("contacts", HubspotId{185}).id == kept);
  CHECK(store.count("SELECT count(*) FROM records WHERE local_presence = 1") == 1);
  CHECK(store.count("SELECT count(*) FROM records WHERE hubspot_id = 141") == 0);
}

TEST_CASE("a link that waited for a company goes to the one it was merged into") {
  TestStore store;
  const Record kept = store.linked("companies", {{"name", "Acme Ltd"}}, 70);
  const Record company = store.create("companies", {{"name", "Acme"}});
  const Record contact = store.linked("contacts", ada, 5);
  store.update(contact, {{"company", company.id.text}});
  RemoteRecord shown = seen_record(5, ada);
  shown.references_known = true;
  CHECK(store.prepare("contacts", {shown}).empty());
  REQUIRE(store.count("SELECT count(*) FROM due WHERE state = 'waiting'") == 1);
  RemoteRecord survivor = seen_record(70, {{"name", "Acme"}});
  survivor.uid = company.uid;
  store.observe("companies", {survivor});
  CHECK(store.get(contact).local.at("company") == kept.id.text);
  const auto actions = store.prepare("contacts", {shown});
  REQUIRE(actions.size() == 1);
  CHECK(actions.front().associate == HubspotId{70});
}

TEST_CASE("a contact of a company that is deleted here follows to what HubSpot merged it into") {
  TestStore store;
  const Record kept = store.linked("companies", {{"name", "Acme"}}, 70);
  const Record gone = store.linked("companies", {{"name", "Acme Ltd"}}, 71);
  RemoteRecord shown = seen_record(5, ada);
  shown.references_known = true;
  shown.reference = HubspotId{70};
  store.observe("contacts", {shown});
  const Record contact = store.by_link("contacts", HubspotId{5});
  store.update(contact, {{"company", gone.id.text}});
  shown.reference = HubspotId{85};  // What both are now, not known here yet.
  store.observe("contacts", {shown});
  CHECK(store.repository->delete_record({.type = "companies", .id = gone.id}, store.tick()));
  RemoteRecord survivor = seen_record(85, {{"name", "Acme"}});
  survivor.former_ids = {HubspotId{70}, HubspotId{71}};
  store.observe("companies", {survivor});
  CHECK(store.get(contact).local.at("company") == kept.id.text);
}

TEST_CASE("a create without an answer whose record was merged is not sent again") {
  TestStore store;
  const Record kept = store.linked("companies", {{"name", "Acme"}, {"industry", "anvils"}}, 70);
  const Record made = store.create("companies", {{"name", "Acme"}, {"industry", "rockets"}});
  const auto actions = store.prepare("companies");
  REQUIRE(actions.size() == 1);
  store.refuse("companies", actions.front(), {.outcome = Outcome::unknown, .message = "no reply"});
  store.update(made, {{"domain", "acme.test"}});
  store.now += std::chrono::minutes{1};
  // The unique value came with the merge; which records were merged HubSpot does not always tell.
  RemoteRecord survivor = seen_record(70, {{"name", "Acme"}, {"industry", "hammers"}, {"domain", ""}});
  survivor.uid = made.uid;
  SUBCASE("over what the survivor has") {
    CHECK(store.prepare("companies", {survivor}).empty());
    const auto left = store.prepare("companies", {survivor});
    REQUIRE(left.size() == 1);
    CHECK(left.front().kind == PushKind::update);
    CHECK(left.front().id == kept.id);
    CHECK(left.front().fields == Fields{{"domain", "acme.test"}});
    const auto disputed = store.repository->list_conflicts({.open = true}).items;
    REQUIRE(disputed.size() == 1);
    CHECK(disputed.front().fields == std::vector<std::string>{"industry"});
  }
  SUBCASE("after the survivor was archived") {
    survivor.archived = true;
    CHECK(store.prepare("companies", {survivor}).empty());
    CHECK(store.prepare("companies", {survivor}).empty());
    CHECK(store.get(kept).status == SyncStatus::conflict);  // Edited here since.
  }
  CHECK(store.get(made).local_presence == Presence::deleted);
  CHECK_FALSE(store.get(made).hubspot_id);
}

TEST_CASE("re-reading two records that HubSpot merged leaves one, whose edits are sent") {
  TestStore store;
  const Record kept = store.linked("companies", {{"name", "Acme"}}, 70);
  const Record gone = store.linked("companies", {{"name", "Acme Ltd"}}, 71);
  store.update(kept, {{"industry", "anvils"}});
  store.update(gone, {{"domain", "acme.test"}});
  RemoteRecord survivor = seen_record(70, {{"name", "Acme"}, {"industry", ""}, {"domain", ""}});
  survivor.former_ids = {HubspotId{71}};
  SUBCASE("live") {
    const auto actions = store.prepare("companies", {survivor});
    REQUIRE(actions.size() == 1);
    CHECK(actions.front().hubspot_id == HubspotId{70});
    CHECK(actions.front().fields == Fields{{"industry", "anvils"}, {"domain", "acme.test"}});
    CHECK(store.get(kept).local_presence == Presence::live);
  }
  SUBCASE("archived") {
    survivor.archived = true;
    CHECK(store.prepare("companies", {survivor}).empty());
    CHECK(store.get(kept).status == SyncStatus::conflict);
  }
  CHECK(store.get(gone).local_presence == Presence::deleted);
  CHECK_FALSE(store.get(gone).hubspot_id);
}

TEST_CASE("a merge with a record that was deleted here deletes nothing") {
  for (const auto [new_id, by_page] : {std::pair{false, false}, {false, true}, {true, false}, {true, true}}) {
    CAPTURE(new_id);
    CAPTURE(by_page);
    TestStore store;
    const Record deleted = store.linked("companies", {{"name", "Acme"}}, 70);
    const Record kept = store.linked("companies", {{"name", "Acme Ltd"}, {"domain", "acme.test"}}, 71);
    store.remove(deleted);
    store.update(kept, {{"industry", "anvils"}});
    RemoteRecord survivor =
        seen_record(new_id ? 72 : 70, {{"name", "Acme"}, {"domain", "acme.test"}, {"industry", ""}});
    survivor.former_ids = {HubspotId{70}, HubspotId{71}};
    std::erase(survivor.former_ids, survivor.id);
    if (by_page) {
      store.observe("companies", {survivor});
    }
    const auto actions = store.prepare("companies", {survivor});
    REQUIRE(actions.size() == 1);
    CHECK(actions.front().kind == PushKind::update);
    CHECK(actions.front().hubspot_id == survivor.id);
    CHECK(actions.front().fields == Fields{{"industry", "anvils"}});
    CHECK(store.by_link("companies", survivor.id).local_presence == Presence::live);
    CHECK(store.get(deleted).local_presence == Presence::deleted);
    CHECK_FALSE(store.get(deleted).hubspot_id);
    CHECK(store.get(kept).hubspot_id == survivor.id);
  }
}

TEST_CASE("edits of one field of two records that HubSpot merged are a conflict") {
  for (const bool theirs_shown : {false, true}) {
    CAPTURE(theirs_shown);
    TestStore store;
    const Record kept = store.linked("companies", {{"name", "Acme"}, {"industry", "tools"}}, 70);
    const Record gone = store.linked("companies", {{"name", "Acme Ltd"}, {"industry", "toys"}}, 71);
    store.update(kept, {{"industry", "anvils"}});
    store.update(gone, {{"industry", "rockets"}});
    RemoteRecord survivor =
        seen_record(70, {{"name", "Acme"}, {"industry", theirs_shown ? "toys" : "tools"}});
    survivor.former_ids = {HubspotId{71}};
    store.observe("companies", {survivor});
    CHECK(store.prepare("companies", {survivor}).empty());
    const auto conflicts = store.repository->list_conflicts({.open = true});
    REQUIRE(conflicts.total == 1);
    CHECK(conflicts.items.front().record == kept.id);
    CHECK(conflicts.items.front().fields == std::vector<std::string>{"industry"});
    CHECK(conflicts.items.front().local_version.at("industry") == "anvils");
    CHECK(conflicts.items.front().hubspot_version.at("industry") == "rockets");
  }
}

TEST_CASE("an edit of what two records became waits for what was sent for the other one") {
  TestStore store;
  const Record gone = store.linked("contacts", ada, 33);
  const Record kept = store.linked("contacts", {{"email", "eve@example.org"}}, 13);
  store.update(gone, {{"firstName", "Augusta"}});
  const auto sent = store.prepare("contacts", {seen_record(33, ada)});
  REQUIRE(sent.size() == 1);
  CHECK(store.repository->delete_record({.type = "contacts", .id = gone.id}, store.tick()));
  store.update(kept, {{"lastName", "Lovelace"}});
  RemoteRecord both = seen_record(33, ada);
  both.former_ids = {HubspotId{13}};
  const Instant merged = store.tick();
  store.repository->observe({.type = "contacts", .seen = {both}}, merged);
  REQUIRE(store.by_link("contacts", HubspotId{33}).id == kept.id);
  CHECK_FALSE(sent.front().standing->holds());

  const auto send = [&](Instant now) {
    const auto claims = store.repository->claim_due("contacts", 10, now);
    std::vector<LocalId> ids;
    std::ranges::transform(claims, std::back_inserter(ids), &Claim::id);
    return store.repository->prepare_push({.type = "contacts", .claims = ids, .seen = {both}}, now).actions;
  };
  CHECK(send(merged).empty());
  CHECK(store.repository->claim_due("contacts", 10, merged + longest_flight - Duration{1}).empty());
  const auto edit = send(merged + longest_flight);
  REQUIRE(edit.size() == 1);
  CHECK(edit.front().id == kept.id);
  CHECK(edit.front().fields == Fields{{"lastName", "Lovelace"}});
}
