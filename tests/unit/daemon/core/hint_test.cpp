#include "daemon/core/hint.hpp"

#include <doctest/doctest.h>

#include "tests/support/deal_rules.hpp"
#include "tests/support/records.hpp"

using namespace hubsync;

namespace {

WebhookEvent event(std::string type, std::int64_t object = 512) {
  WebhookEvent made;
  made.subscription_type = std::move(type);
  if (object != 0) {
    made.object = HubspotId{object};
  }
  return made;
}

Hint hint(const WebhookEvent& of) {
  return hint_of(of, test::default_rules());
}

}  // namespace

TEST_CASE("each kind of event asks for its record and for what else it may have changed") {
  const std::vector<HubspotId> one{{512}};
  CHECK(hint(event("contact.propertyChange")).wish == ReadWish{});
  CHECK(hint(event("contact.creation")).wish == ReadWish{.reference = true});
  CHECK(hint(event("contact.restore")).wish == ReadWish{.reference = true});
  CHECK(hint(event("contact.deletion")).wish == ReadWish{.gone = true});
  CHECK(hint(event("contact.privacyDeletion")).wish == ReadWish{.gone = true, .privacy = true});
  for (const char* verb : {"propertyChange", "creation", "restore", "deletion", "privacyDeletion"}) {
    CHECK(hint(event(std::string{"contact."} + verb)).ids == one);
    CHECK(hint(event(std::string{"contact."} + verb)).type == "contacts");
  }
  CHECK(hint(event("company.creation")).type == "companies");
  CHECK(hint(event("company.creation")).wish == ReadWish{});
}

TEST_CASE("the generic events of an object type are like those of its name") {
  WebhookEvent generic = event("object.propertyChange");
  generic.object_type_id = "0-1";
  CHECK(hint(generic).type == "contacts");
  generic.object_type_id = "0-2";
  CHECK(hint(generic).type == "companies");
  generic.object_type_id = "0-3";
  CHECK(hint(generic).type.empty());
  generic.object_type_id.clear();
  CHECK(hint(generic).type.empty());
}

TEST_CASE("events of a type that is configured alone are told by its names and by its id") {
  Rules rules = test::default_rules();
  rules.types.push_back(test::deal_rules());
  rules.types.push_back(test::boat_rules());
  for (const char* verb : {"creation", "deletion", "restore", "merge", "propertyChange"}) {
    CHECK(hint_of(event(std::string{"deal."} + verb), rules).type == "deals");
  }
  WebhookEvent generic = event("object.creation");
  generic.object_type_id = "0-3";
  CHECK(hint_of(generic, rules).type == "deals");
  CHECK(hint_of(generic, rules).wish == ReadWish{});
  generic.object_type_id = "2-31415926";
  CHECK(hint_of(generic, rules).type == "boats");
  WebhookEvent link = event("deal.associationChange", 0);
  link.association_type = "DEAL_TO_COMPANY";
  link.from = HubspotId{1};
  link.to = HubspotId{2};
  CHECK(hint_of(link, rules).why_not == "an association that is not synchronised");
}

TEST_CASE("a merge asks for the survivor and for everyone that was merged") {
  WebhookEvent merge = event("contact.merge", 11);
  merge.merged = {{11}, {12}, {12}};
  merge.survivor = HubspotId{13};
  const Hint asked = hint(merge);
  CHECK(asked.ids == std::vector<HubspotId>{{11}, {12}, {13}});
  CHECK(asked.wish == ReadWish{.reference = true, .merged = true});
}

TEST_CASE("a change of an association asks for the contact's end, from whichever end it is told") {
  WebhookEvent change = event("contact.associationChange", 0);
  change.association_type = "CONTACT_TO_COMPANY";
  change.from = HubspotId{1};
  change.to = HubspotId{2};
  CHECK(hint(change).type == "contacts");
  CHECK(hint(change).ids == std::vector<HubspotId>{{1}});
  CHECK(hint(change).wish == ReadWish{.reference = true});
  change.subscription_type = "company.associationChange";
  change.association_type = "COMPANY_TO_CONTACT";
  CHECK(hint(change).type == "contacts");
  CHECK(hint(change).ids == std::vector<HubspotId>{{2}});
  change.association_type = "CONTACT_TO_DEAL";
  CHECK(hint(change).type.empty());
  WebhookEvent generic = event("object.associationChange", 0);
  generic.from_type_id = "0-2";
  generic.to_type_id = "0-1";
  generic.from = HubspotId{2};
  generic.to = HubspotId{1};
  CHECK(hint(generic).ids == std::vector<HubspotId>{{1}});
  generic.to.reset();
  CHECK(hint(generic).type.empty());
}

TEST_CASE("an event without a record, of another type or of an unknown kind hints at nothing and says why") {
  for (const WebhookEvent& useless :
       {event("contact.creation", 0),
        event("deal.creation"),
        event("contact.danced"),
        event("contact"),
        event("")}) {
    CAPTURE(useless.subscription_type);
    CHECK(hint(useless).type.empty());
    CHECK_FALSE(hint(useless).why_not.empty());
  }
}

TEST_CASE("a few hints are collected for a moment, a burst for as long as reading it will take") {
  CHECK(collecting_time(1) <= Duration{200});
  CHECK(collecting_time(299) <= Duration{200});
  CHECK(collecting_time(300) == Duration{300});
  CHECK(collecting_time(10'000) == Duration{10'000});
  CHECK(collecting_time(1'000'000) == Duration{20'000});
}
