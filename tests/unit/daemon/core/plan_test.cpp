#include "daemon/core/plan.hpp"

#include <algorithm>
#include <array>
#include <random>

#include <doctest/doctest.h>

#include "daemon/core/canonical.hpp"
#include "daemon/core/reconcile.hpp"
#include "tests/support/records.hpp"

using namespace hubsync;
using namespace hubsync::test;

namespace {

/// The same record seen from the other side.
Record mirrored(const Record& record) {
  Record mirror = record;
  std::swap(mirror.local, mirror.remote);
  std::swap(mirror.local_presence, mirror.remote_presence);
  for (auto& [field, pair] : mirror.base) {
    std::swap(pair.local, pair.remote);
  }
  return mirror;
}

TypeRules mirrored(TypeRules rules) {
  for (FieldRule& rule : rules.fields) {
    if (rule.direction != Direction::both) {
      rule.direction = rule.direction == Direction::pull ? Direction::push : Direction::pull;
    }
    if (rule.policy == Policy::local || rule.policy == Policy::hubspot) {
      rule.policy = rule.policy == Policy::local ? Policy::hubspot : Policy::local;
    }
  }
  return rules;
}

Plan mirrored(const Plan& plan) {
  Plan mirror = plan;
  std::swap(mirror.pull, mirror.push);
  for (auto& [field, pair] : mirror.agree) {
    std::swap(pair.local, pair.remote);
  }
  const auto flip = [](FieldDispute& dispute) {
    std::swap(dispute.local, dispute.remote);
    if (dispute.base) {
      std::swap(dispute.base->local, dispute.base->remote);
    }
  };
  std::ranges::for_each(mirror.conflicts, flip);
  for (DecidedDispute& decided : mirror.decided) {
    flip(decided.dispute);
    decided.local_won = !decided.local_won;
  }
  switch (plan.action) {
    case RecordAction::create_local:
      mirror.action = RecordAction::create_remote;
      break;
    case RecordAction::create_remote:
      mirror.action = RecordAction::create_local;
      break;
    case RecordAction::delete_local:
      mirror.action = RecordAction::delete_remote;
      break;
    case RecordAction::delete_remote:
      mirror.action = RecordAction::delete_local;
      break;
    default:
      break;
  }
  return mirror;
}

/// What HubSpot would hold after it took `plan.push`, and what it would show.
void carry_out_push(Record& record, const Effects& effects) {
  if (effects.action == RecordAction::delete_remote) {
    record.remote_presence = Presence::deleted;
    return;
  }
  if (effects.action == RecordAction::create_remote) {
    for (const FieldRule& rule : contact_rules().fields) {
      record.remote.try_emplace(rule.name, "");
    }
    record.remote_presence = Presence::live;
  }
  for (const auto& [field, value] : effects.push) {
    record.remote[field] = canonical(value, ValueKind::text);
  }
  agree_on_sent(record, effects.push, record.remote);
}

/// Reconciles and carries out until nothing is left to do; the number of rounds, or 99 when it never ends.
int settle(Record& record, const TypeRules& rules, Detection detection) {
  for (int round = 1; round < 10; ++round) {
    const Effects effects = reconcile(record, rules, detection, Duration{2'000}, instant_from_ms(round));
    if (!effects.push_needed && !effects.changed) {
      return round;
    }
    if (effects.push_needed) {
      carry_out_push(record, effects);
    }
  }
  return 99;
}

/// Every state of one field: each view's value, whether the base knows it, every direction and policy.
template <class Check>
void for_each_field_cell(Check check) {
  const std::array<std::string, 4> values{"", "a", "b", " a "};
  for (const std::string& local : values) {
    for (const std::string& remote : values) {
      for (int base = -1; base < 16; ++base) {
        for (const Direction direction : {Direction::both, Direction::pull, Direction::push}) {
          // lint:allow nesting: one loop for each dimension of the table.
          for (const Policy policy : {Policy::manual, Policy::newest, Policy::local, Policy::hubspot}) {
            Record record = linked_contact({{"phone", local}}, {{"phone", remote}});
            record.base.clear();
            if (base >= 0) {
              record.base["phone"] = {
                  values[static_cast<std::size_t>(base) / 4], values[static_cast<std::size_t>(base) % 4]
              };
            }
            TypeRules rules = contact_rules();
            std::erase_if(rules.fields, [](const FieldRule& rule) { return rule.name != "phone"; });
            rules.fields[0].direction = direction;
            rules.fields[0].policy = policy;
            check(record, rules);
          }
        }
      }
    }
  }
}

struct Cell {
  const char* what;
  std::optional<BasePair> base;
  std::string local;
  std::string remote;
  const char* expected;  ///< "none", "agree", "push", "pull", "conflict"
};

std::string outcome(const Plan& plan) {
  if (!plan.conflicts.empty()) {
    return "conflict";
  }
  if (!plan.push.empty()) {
    return "push";
  }
  if (!plan.pull.empty()) {
    return "pull";
  }
  return plan.agree.empty() ? "none" : "agree";
}

Plan plan_phone(const Cell& cell, Direction direction = Direction::both, Policy policy = Policy::manual) {
  Record record = linked_contact({}, {});
  record.base.clear();
  record.local["phone"] = cell.local;
  record.remote = {{"phone", cell.remote}};
  if (cell.base) {
    record.base["phone"] = *cell.base;
  }
  TypeRules rules = contact_rules();
  std::erase_if(rules.fields, [](const FieldRule& rule) { return rule.name != "phone"; });
  rules.fields[0].direction = direction;
  rules.fields[0].policy = policy;
  return plan(record, rules);
}

const BasePair agreed_a{"a", "a"};

}  // namespace

TEST_CASE("the field table, cell by cell") {
  const Cell cells[] = {
      {"unchanged on both sides", agreed_a, "a", "a", "none"},
      {"edited here", agreed_a, "b", "a", "push"},
      {"cleared here", agreed_a, "", "a", "push"},
      {"edited in HubSpot", agreed_a, "a", "b", "pull"},
      {"cleared in HubSpot", agreed_a, "a", "", "pull"},
      {"edited on both, to the same value", agreed_a, "b", "b", "agree"},
      {"edited on both, to the same value in another form", agreed_a, "b", " b ", "agree"},
      {"edited on both, differently", agreed_a, "b", "c", "conflict"},
      {"edited here, cleared in HubSpot", agreed_a, "b", "", "conflict"},
      {"HubSpot normalised what we wrote", BasePair{"(030) 1", "0301"}, "(030) 1", "0301", "none"},
      {"HubSpot edited what it had normalised", BasePair{"(030) 1", "0301"}, "(030) 1", "0302", "pull"},
      {"edited here after HubSpot had normalised", BasePair{"(030) 1", "0301"}, "(030) 2", "0301", "push"},
      {"only white space differs", agreed_a, "a", " a ", "agree"},
      {"first match, equal", std::nullopt, "a", "a", "agree"},
      {"first match, both empty", std::nullopt, "", "", "agree"},
      {"first match, empty here", std::nullopt, "", "a", "pull"},
      {"first match, empty in HubSpot", std::nullopt, "a", "", "push"},
      {"first match, two values", std::nullopt, "a", "b", "conflict"},
  };
  for (const Cell& cell : cells) {
    CAPTURE(cell.what);
    CHECK(outcome(plan_phone(cell)) == cell.expected);
  }
}

TEST_CASE("a field that travels one way follows its leading side and remembers what it overruled") {
  const Cell both_edited{"", agreed_a, "b", "c", ""};
  CHECK(outcome(plan_phone(both_edited, Direction::pull)) == "pull");
  CHECK(outcome(plan_phone(both_edited, Direction::push)) == "push");
  CHECK(plan_phone(both_edited, Direction::pull).decided.size() == 1);
  CHECK_FALSE(plan_phone(both_edited, Direction::pull).decided[0].local_won);
  CHECK(plan_phone(both_edited, Direction::push).decided[0].local_won);
  CHECK(outcome(plan_phone({"", agreed_a, "b", "a", ""}, Direction::pull)) == "pull");
  CHECK(outcome(plan_phone({"", agreed_a, "a", "b", ""}, Direction::push)) == "push");
  // Never given a value by the leading side: the other one's is not cleared.
  CHECK(outcome(plan_phone({"", BasePair{"", "a"}, "", "b", ""}, Direction::push)) == "agree");
  CHECK(plan_phone({"", agreed_a, "a", "b", ""}, Direction::pull).decided.empty());
}

TEST_CASE("a first match clears nothing, whichever way the field travels") {
  for (const Direction direction : {Direction::both, Direction::pull, Direction::push}) {
    for (const auto& [local, remote] : {std::pair{"a", ""}, std::pair{"", "a"}}) {
      const Plan result = plan_phone({"", std::nullopt, local, remote, ""}, direction);
      for (const auto& [field, value] : result.pull) {
        CHECK(value != "");
      }
      for (const auto& [field, value] : result.push) {
        CHECK(value != "");
      }
    }
  }
}

TEST_CASE("a policy decides a dispute and names the loser") {
  const Cell both_edited{"", agreed_a, "b", "c", ""};
  const Plan local = plan_phone(both_edited, Direction::both, Policy::local);
  CHECK(local.push == Fields{{"phone", "b"}});
  CHECK(local.decided[0].dispute.remote == "c");
  const Plan hubspot = plan_phone(both_edited, Direction::both, Policy::hubspot);
  CHECK(hubspot.pull == Fields{{"phone", "c"}});
  CHECK(hubspot.decided[0].dispute.local == "b");
}

TEST_CASE("newest asks for HubSpot's time, then decides beyond the margin only") {
  Record record = linked_contact({{"phone", "b"}}, {{"phone", "c"}});
  record.base["phone"] = agreed_a;
  record.edited["phone"] = instant_from_ms(100'000);
  TypeRules rules = contact_rules();
  const_cast<FieldRule*>(rules.find("phone"))->policy = Policy::newest;

  const Plan unknown = plan(record, rules);
  CHECK(unknown.needs_history);
  CHECK(unknown.conflicts.size() == 1);
  const auto decide = [&](std::int64_t remote_ms) {
    return plan(record, rules, Detection::field, Duration{2'000}, {{"phone", instant_from_ms(remote_ms)}});
  };
  CHECK(decide(97'999).push.contains("phone"));
  CHECK(decide(102'001).pull.contains("phone"));
  CHECK(decide(98'000).conflicts.size() == 1);
  CHECK(decide(102'000).conflicts.size() == 1);
  CHECK_FALSE(decide(102'000).needs_history);
}

TEST_CASE("a property that HubSpot did not send is not an empty property") {
  Record record = linked_contact({{"phone", "a"}}, {{"phone", "a"}});
  record.remote.erase("phone");
  const Plan result = plan(record, contact_rules());
  CHECK(result.pull.empty());
  CHECK(result.push.empty());
}

TEST_CASE("an association to a company that is not here yet waits") {
  Record record = linked_contact({}, {{"company", unresolved_reference(HubspotId{512})}});
  CHECK(plan(record, contact_rules()).pull.empty());
  record.remote["company"] = "0190-company";
  CHECK(plan(record, contact_rules()).pull == Fields{{"company", "0190-company"}});
}

TEST_CASE("record detection turns edits of different fields on both sides into one conflict") {
  Record record =
      linked_contact({{"phone", "1"}, {"firstName", "Ada"}}, {{"phone", "1"}, {"firstName", "Ada"}});
  record.local["phone"] = "2";
  record.remote["firstName"] = "Eva";
  const Plan by_field = plan(record, contact_rules(), Detection::field);
  CHECK(by_field.push == Fields{{"phone", "2"}});
  CHECK(by_field.pull == Fields{{"firstName", "Eva"}});
  CHECK(by_field.conflicts.empty());
  const Plan by_record = plan(record, contact_rules(), Detection::record);
  CHECK(by_record.push.empty());
  CHECK(by_record.pull.empty());
  CHECK(by_record.conflicts.size() == 2);
  record.remote["firstName"] = "Ada";
  CHECK(plan(record, contact_rules(), Detection::record).push == Fields{{"phone", "2"}});
}

TEST_CASE("with record detection a person decides about all that was edited, or a rule about all of it") {
  Record record =
      linked_contact({{"phone", "1"}, {"firstName", "Ada"}}, {{"phone", "1"}, {"firstName", "Ada"}});
  record.local["phone"] = "2";
  record.remote["firstName"] = "Eva";
  TypeRules rules = contact_rules();
  const auto rule = [&rules](std::string_view field) -> FieldRule& {
    return *std::ranges::find(rules.fields, field, &FieldRule::name);
  };
  SUBCASE("one of the fields has a rule: taken over, it would leave the other one without a dispute") {
    rule("firstName").policy = Policy::hubspot;
    const Plan held = plan(record, rules, Detection::record);
    CHECK(held.pull.empty());
    CHECK(held.push.empty());
    CHECK(held.decided.empty());
    CHECK(held.conflicts.size() == 2);
  }
  SUBCASE("both have one") {
    rule("firstName").policy = Policy::hubspot;
    rule("phone").policy = Policy::hubspot;
    const Plan decided = plan(record, rules, Detection::record);
    CHECK(decided.pull == Fields{{"firstName", "Eva"}, {"phone", "1"}});
    CHECK(decided.conflicts.empty());
  }
  SUBCASE("what travels one way only is no edit of both sides") {
    rule("firstName").direction = Direction::pull;
    const Plan merged = plan(record, rules, Detection::record);
    CHECK(merged.pull == Fields{{"firstName", "Eva"}});
    CHECK(merged.push == Fields{{"phone", "2"}});
    CHECK(merged.conflicts.empty());
  }
}

TEST_CASE("a value that was never agreed on saves its record from the other side's deletion") {
  Record record = linked_contact({{"phone", "a"}}, {{"phone", "a"}});
  record.local_presence = Presence::deleted;
  CHECK(plan(record, contact_rules()).action == RecordAction::delete_remote);
  record.remote["firstName"] = "Ada";
  CHECK(plan(record, contact_rules()).action == RecordAction::deletion_conflict);

  record = linked_contact({{"phone", "a"}}, {{"phone", "a"}, {"firstName", ""}});
  record.base.erase("firstName");
  record.remote_presence = Presence::deleted;
  CHECK(plan(record, contact_rules()).action == RecordAction::delete_local);
  record.local["firstName"] = "Ada";
  record.edited["firstName"] = Instant{};
  CHECK(plan(record, contact_rules()).action == RecordAction::deletion_conflict);
}

TEST_CASE("the presence table, cell by cell") {
  using enum Presence;
  using enum RecordAction;
  struct Row {
    Presence base, local, remote;
    RecordAction unedited;
    RecordAction edited;  ///< When the side that has it was edited since.
  };
  const Row rows[] = {
      {absent, absent, absent, none, none},
      {absent, live, absent, create_remote, create_remote},
      {absent, absent, live, create_local, create_local},
      {absent, live, live, merge, merge},
      {absent, deleted, absent, agree_deleted, agree_deleted},
      {absent, absent, deleted, none, none},
      {absent, deleted, live, deletion_conflict, deletion_conflict},
      {absent, live, deleted, deletion_conflict, deletion_conflict},
      {absent, deleted, deleted, agree_deleted, agree_deleted},
      {live, live, live, merge, merge},
      {live, deleted, live, delete_remote, deletion_conflict},
      {live, live, deleted, delete_local, deletion_conflict},
      {live, deleted, deleted, agree_deleted, agree_deleted},
      {live, live, absent, none, none},
      {live, deleted, absent, none, none},
      {deleted, deleted, deleted, none, none},
      {deleted, deleted, live, create_local, create_local},
      {deleted, live, deleted, create_remote, create_remote},
      {deleted, live, live, merge, merge},
      {deleted, deleted, absent, none, none},
      {deleted, live, absent, create_remote, create_remote},
  };
  for (const Row& row : rows) {
    for (const bool edited : {false, true}) {
      CAPTURE(static_cast<int>(row.base));
      CAPTURE(static_cast<int>(row.local));
      CAPTURE(static_cast<int>(row.remote));
      CAPTURE(edited);
      Record record = linked_contact({{"phone", "a"}}, {{"phone", "a"}});
      record.base_presence = row.base;
      record.local_presence = row.local;
      record.remote_presence = row.remote;
      if (edited) {
        (row.local == live ? record.local : record.remote)["phone"] = "b";
      }
      CHECK(plan(record, contact_rules()).action == (edited ? row.edited : row.unedited));
    }
  }
}

TEST_CASE("a new record is sent whole and a new HubSpot record is taken whole") {
  Record record =
      local_contact({{"email", "a@b.c"}, {"phone", "1"}, {"lifecycle", "lead"}, {"note", "unmapped"}});
  CHECK(plan(record, contact_rules()).push == Fields{{"email", "a@b.c"}, {"phone", "1"}});
  record = remote_contact({{"email", "a@b.c"}, {"phone", ""}, {"lifecycle", "lead"}});
  CHECK(plan(record, contact_rules()).pull == Fields{{"email", "a@b.c"}, {"lifecycle", "lead"}});
}

TEST_CASE("every field cell: the plan is mirror-symmetric") {
  for_each_field_cell([](const Record& record, const TypeRules& rules) {
    if (rules.fields[0].policy == Policy::newest) {
      return;  // Only HubSpot keeps history, so this policy has no mirror.
    }
    REQUIRE(plan(mirrored(record), mirrored(rules)) == mirrored(plan(record, rules)));
  });
}

TEST_CASE("every field cell: once carried out, nothing is left to do, within five rounds") {
  for_each_field_cell([](Record record, const TypeRules& rules) {
    for (const Detection detection : {Detection::field, Detection::record}) {
      REQUIRE(settle(record, rules, detection) <= 5);
    }
  });
}

TEST_CASE("every field cell: nothing is invented and no edit is lost without a trace") {
  for_each_field_cell([](Record record, const TypeRules& rules) {
    const Record before = record;
    const std::string local = value_or_empty(before.local, "phone");
    const std::string remote = value_or_empty(before.remote, "phone");
    const Plan decided = plan(before, rules);
    settle(record, rules, Detection::field);
    for (const std::string& final_value :
         {value_or_empty(record.local, "phone"), value_or_empty(record.remote, "phone")}) {
      REQUIRE((
          same_value(final_value, local, ValueKind::text) || same_value(final_value, remote, ValueKind::text)
      ));
    }
    const bool local_kept = same_value(value_or_empty(record.local, "phone"), local, ValueKind::text);
    const bool was_edited =
        !before.base.contains("phone") || !same_value(local, before.base.at("phone").local, ValueKind::text);
    const bool recorded = !decided.conflicts.empty() || !decided.decided.empty() || local.empty();
    REQUIRE((local_kept || !was_edited || recorded));
  });
}

TEST_CASE("random records with many fields: idempotent, mirror-symmetric, independent of other fields' order"
) {
  std::mt19937_64 random{20'261'124};
  const std::array<std::string, 5> values{"", "a", "b", "A", " b"};
  const auto pick = [&] { return values[random() % values.size()]; };
  TypeRules rules = contact_rules();
  for (FieldRule& rule : rules.fields) {
    rule.policy = rule.kind == ValueKind::reference ? Policy::manual : rule.policy;
  }
  for (int i = 0; i < 20'000; ++i) {
    Record record = linked_contact({}, {});
    record.base.clear();
    for (FieldRule& rule : rules.fields) {
      rule.policy = std::array{Policy::manual, Policy::local, Policy::hubspot}[random() % 3];
      rule.direction = std::array{Direction::both, Direction::pull, Direction::push}[random() % 3];
      record.local[rule.name] = pick();
      record.remote[rule.name] = pick();
      if (random() % 3 != 0) {
        record.base[rule.name] = {pick(), pick()};
      }
    }
    record.local_presence = random() % 4 == 0 ? Presence::deleted : Presence::live;
    record.remote_presence = random() % 4 == 0 ? Presence::deleted : Presence::live;
    const Detection detection = random() % 2 == 0 ? Detection::field : Detection::record;

    const Plan planned = plan(record, rules, detection);
    REQUIRE(plan(mirrored(record), mirrored(rules), detection) == mirrored(planned));
    REQUIRE(plan(record, rules, detection) == planned);
    REQUIRE(settle(record, rules, detection) <= 5);
    const Record settled = record;
    REQUIRE(settle(record, rules, detection) == 1);
    REQUIRE(record == settled);
  }
}

TEST_CASE("an edit of a field that HubSpot never showed is sent, and survives a deletion there") {
  Record record = linked_contact({{"email", "a@b.c"}, {"phone", "1"}}, {{"email", "a@b.c"}});
  CHECK(plan(record, contact_rules()).push.empty());
  record.edited["phone"] = Instant{};
  CHECK(plan(record, contact_rules()).push == Fields{{"phone", "1"}});
  record.remote_presence = Presence::deleted;
  CHECK(plan(record, contact_rules()).action == RecordAction::deletion_conflict);
}
