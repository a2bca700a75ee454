#include "daemon/core/explain.hpp"

#include <algorithm>

#include <doctest/doctest.h>

#include "tests/support/records.hpp"

using namespace hubsync;
using namespace hubsync::test;

namespace {

RecordExplanation explained(const Record& record) {
  return explain(record, contact_rules(), Detection::field, Duration{2'000});
}

const FieldExplanation& field(const RecordExplanation& explanation, const std::string& name) {
  const auto found = std::ranges::find(explanation.fields, name, &FieldExplanation::field);
  REQUIRE(found != explanation.fields.end());
  return *found;
}

Record both(std::string base, std::string local, std::string remote) {
  Record record = linked_contact({{"phone", std::move(local)}}, {{"phone", std::move(remote)}});
  record.base["phone"] = {base, base};
  return record;
}

}  // namespace

TEST_CASE("each field says what will happen to it and why") {
  struct Case {
    Record record;
    std::string state;
    std::string why;  ///< A part of it.
  };
  Record lost = both("2", "2", "2");
  lost.lost["phone"] = "9";
  const std::vector<Case> cases{
      {both("1", "1", "1"), "in step", ""},
      {both("1", "2", "1"), "to HubSpot", "Edited here"},
      {both("1", "1", "2"), "from HubSpot", "Edited in HubSpot"},
      {both("1", "2", "3"), "conflict", "since they agreed"},
      {linked_contact({{"phone", "1"}}, {{"phone", "2"}}), "conflict", "first matched"},
      {linked_contact({{"phone", "1"}}, {{"phone", ""}}), "to HubSpot", "HubSpot has no value"},
      {linked_contact({{"phone", "1"}}, {}), "unknown", "not shown"},
      {lost, "conflict", "overwritten before it was seen"},
  };
  for (const Case& given : cases) {
    CAPTURE(given.why);
    const RecordExplanation explanation = explained(given.record);
    CHECK(field(explanation, "phone").state == given.state);
    CHECK(field(explanation, "phone").why.contains(given.why));
    CHECK(field(explanation, "phone").rule == "conflict = manual");
    CHECK_FALSE(explanation.summary.empty());
  }
  CHECK(field(explained(lost), "phone").remote == "9");
}

TEST_CASE("a field that no rule maps only lives here; the summary tells of failure and of who deleted") {
  Record record = both("1", "2", "1");
  record.local["nickname"] = "Countess";
  CHECK(field(explained(record), "nickname").state == "only here");
  CHECK_FALSE(explained(record).summary.contains("failed"));
  record.status = SyncStatus::error;
  CHECK(explained(record).summary.contains("sent to HubSpot. The last try failed"));
  record.remote_presence = Presence::deleted;
  CHECK(explained(record).summary.contains("edited here and deleted in HubSpot"));
}
