#include "daemon/core/canonical.hpp"

#include <doctest/doctest.h>

#include "daemon/core/record.hpp"
#include "daemon/core/reference.hpp"
#include "tests/support/records.hpp"

using namespace hubsync;

TEST_CASE("values are compared as HubSpot normalises them") {
  CHECK(same_value(" Ada ", "Ada", ValueKind::text));
  CHECK_FALSE(same_value("Ada", "ada", ValueKind::text));
  CHECK_FALSE(same_value("a  b", "a b", ValueKind::text));
  CHECK(same_value(" Ada@Example.COM", "ada@example.com", ValueKind::email));
  CHECK(canonical("https://www.Example.com:443/about?x#y", ValueKind::domain) == "example.com");
  CHECK(canonical("example.com.", ValueKind::domain) == "example.com");
  CHECK(canonical("münchen.de", ValueKind::domain) == "münchen.de");
  CHECK(same_value("b;a", "a; b;a", ValueKind::option_set));
  CHECK_FALSE(same_value("a", "a;b", ValueKind::option_set));
  CHECK(canonical(" \t\n", ValueKind::text).empty());
}

TEST_CASE("the natural key is matched in canonical form and an unmapped key matches nothing") {
  TypeRules rules = test::contact_rules();
  CHECK(canonical_key(rules, " A@B.c ") == "a@b.c");
  rules.key = "nickname";
  CHECK(canonical_key(rules, "x").empty());
}

TEST_CASE("HubSpot ids are positive decimal numbers beyond 2^31") {
  CHECK(parse_hubspot_id("874716779721") == HubspotId{874'716'779'721});
  for (const char* text : {"", "0", "-1", "1x", " 1", "1.5", "9223372036854775808"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_hubspot_id(text));
  }
  CHECK(parse_unresolved_reference(unresolved_reference(HubspotId{512})) == HubspotId{512});
  CHECK_FALSE(parse_unresolved_reference("512"));
}

TEST_CASE("the primary association is the one that counts, else the lowest id") {
  CHECK_FALSE(choose_reference({}));
  CHECK(choose_reference({{HubspotId{9}, false}, {HubspotId{5}, false}}) == HubspotId{5});
  CHECK(
      choose_reference({{HubspotId{5}, false}, {HubspotId{9}, true}, {HubspotId{9}, false}}) == HubspotId{9}
  );
}
