#include "tests/sim/setup.hpp"

#include <cstdio>
#include <vector>

#include "tests/support/records.hpp"

namespace hubsync::sim {
namespace {

constexpr std::array<std::string_view, fault_kinds> fault_names{
    "none",
    "refused",
    "dropped",
    "reply lost",
    "cut short",
    "truncated",
    "hung",
    "hung, applied",
    "late",
    "slow",
    "server error",
    "error after applying",
    "gateway page",
    "empty success",
    "throttled",
    "told to wait",
    "locked"
};

constexpr double share_without_faults = 0.1;

Policy draw_policy(Draw& draw) {
  constexpr std::array policies{
      Policy::manual, Policy::manual, Policy::newest, Policy::local, Policy::hubspot
  };
  return policies[draw.below(policies.size())];
}

/// The default mapping, with a rule drawn for each field that travels both ways.
Rules draw_rules(Draw& draw) {
  Rules rules = test::default_rules();
  rules.types.front().fields.back(
  ) = {.name = "city", .property = "city"};  // Free text, where industry is a list.
  for (TypeRules& type : rules.types) {
    for (FieldRule& field : type.fields) {
      field.policy = field.direction == Direction::pull ? Policy::hubspot : draw_policy(draw);
    }
  }
  rules.max_delete = {.percent = false, .value = 1'000'000};  // Nobody is there to release a guard.
  rules.detection = draw.chance(0.2) ? Detection::record : Detection::field;
  return rules;
}

hubspot_sim::ModelOptions draw_portal(Draw& draw, std::uint64_t seed) {
  hubspot_sim::ModelOptions portal;
  portal.seed = seed;
  portal.search_lag = draw.chance(0.7) ? draw.skewed(Duration{500}, Duration{300'000}) : Duration{0};
  portal.bump = draw.chance(0.7);
  portal.noop_bumps = draw.chance(0.5);
  portal.merge_new_id = draw.chance(0.7);
  portal.merged_in_batch = draw.chance(0.3);
  portal.merged_unique_keys = draw.chance(0.5);
  portal.large_ids = draw.chance(0.5);
  portal.short_page_percent = draw.chance(0.2) ? 30 : 0;
  portal.retry_after = draw.chance(0.5);
  portal.burst_limit = draw.chance(0.3) ? 10 : 100;
  return portal;
}

double drawn_rate(Draw& draw, double existing, double low, double high) {
  const double rate = draw.log_uniform(low, high);
  return draw.chance(existing) ? rate : 0;
}

Troubles draw_troubles(Draw& draw) {
  Troubles troubles;
  // How savage the whole seed is: at one end a single kind of trouble, at the other all.
  const double existing = draw.log_uniform(0.05, 0.9);
  for (std::size_t kind = 1; kind < fault_kinds; ++kind) {
    troubles.call[kind] = drawn_rate(draw, existing, 0.002, 0.15);
  }
  troubles.kill_at_call = drawn_rate(draw, existing, 0.001, 0.03);
  troubles.kill_at_commit = drawn_rate(draw, existing, 0.0005, 0.02);
  troubles.power_cut = draw.chance(0.5) ? draw.log_uniform(0.1, 1.0) : 0;
  troubles.clean_stop = drawn_rate(draw, existing, 0.01, 0.1);
  troubles.revoked = drawn_rate(draw, existing, 0.005, 0.05);
  troubles.rival = drawn_rate(draw, existing, 0.01, 0.3);
  troubles.day_spent = drawn_rate(draw, existing / 4, 0.005, 0.02);
  return troubles;
}

Habits draw_habits(Draw& draw) {
  Habits habits;
  habits.create = draw.log_uniform(0.5, 6);
  habits.clear = draw.log_uniform(0.2, 4);
  habits.remove = draw.chance(0.7) ? draw.log_uniform(0.3, 4) : 0;
  habits.restore = draw.chance(0.7) ? draw.log_uniform(0.3, 4) : 0;
  habits.associate = draw.log_uniform(0.5, 6);
  habits.same_edit = draw.chance(0.5) ? draw.log_uniform(0.2, 3) : 0;
  habits.merge = draw.chance(0.4) ? draw.log_uniform(0.2, 3) : 0;
  habits.twin = draw.chance(0.4) ? draw.log_uniform(0.2, 3) : 0;
  habits.swap_keys = draw.chance(0.2) ? draw.log_uniform(0.2, 2) : 0;
  habits.bad_value = draw.chance(0.3) ? draw.log_uniform(0.2, 2) : 0;
  return habits;
}

Post draw_post(Draw& draw) {
  Post post;
  if (draw.chance(0.4)) {
    post.share = draw.chance(0.3) ? 1.0 : draw.unit();
    post.doubled = draw.chance(0.5) ? draw.unit() : 0;
    post.delay = draw.skewed(Duration{100}, Duration{20 * 60'000});
  }
  return post;
}

void make_creates(Setup& setup, Draw& draw) {
  setup.rough = true;
  setup.hubspot_share = 0;
  setup.actions = 100;
  setup.pause = Duration{10'000};
  setup.habits = {
      .create = 10, .edit = 1, .clear = 0, .remove = 0, .restore = 0, .associate = 0, .same_edit = 0
  };
  setup.troubles = {.kill_at_call = 0.01, .kill_at_commit = 0.002, .power_cut = draw.unit()};
  setup.troubles.call[static_cast<std::size_t>(Fault::reply_lost)] = 0.3;
}

void make_events(Setup& setup, Draw& draw) {
  setup.hubspot_share = 1;
  setup.poll_interval = Duration{6 * 3'600'000};
  setup.habits.twin = 0;
  setup.habits.take_back = 0;
  setup.habits.same_edit = 0;
  setup.habits.bad_value = 0;
  setup.habits.resolve = 0;
  setup.post = {
      .share = draw.chance(0.3) ? 1.0 : draw.unit(),
      .doubled = draw.unit(),
      .delay = draw.skewed(Duration{100}, Duration{20 * 60'000})
  };
}

void make_directions(Setup& setup, Draw& draw) {
  for (TypeRules& type : setup.rules.types) {
    for (FieldRule& field : type.fields) {
      const double drawn = draw.unit();
      // HubSpot takes only its own words for a stage: nobody here may write it.
      if (field.kind == ValueKind::reference || field.name == type.key || field.name == "lifecycle") {
        continue;
      }
      if (drawn < 0.35) {
        field.direction = Direction::push;
        field.policy = Policy::local;
      } else if (drawn < 0.5) {
        field.direction = Direction::pull;
        field.policy = Policy::hubspot;
      }
    }
  }
}

}  // namespace

std::string_view name_of(Fault fault) {
  return fault_names[static_cast<std::size_t>(fault)];
}

Setup Setup::of(std::uint64_t seed, Theme theme, std::uint64_t variant) {
  Draw draw{seed, 3};
  Setup setup;
  setup.seed = seed;
  setup.rough = !draw.chance(share_without_faults);
  setup.api_version = std::array{"2026-09", "2026-03", "v3"}[draw.below(3)];
  setup.rules = draw_rules(draw);
  setup.portal = draw_portal(draw, seed);
  setup.rate_limit = static_cast<int>(setup.portal.burst_limit);
  setup.poll_interval = draw.skewed(Duration{60'000}, Duration{600'000});
  setup.full_interval = draw.skewed(Duration{15 * 60'000}, Duration{24 * 3'600'000});
  setup.latency = draw.skewed(Duration{2}, Duration{3'000});
  setup.commit_latency = draw.chance(0.5) ? draw.skewed(Duration{1}, Duration{500}) : Duration{0};
  setup.first_records = static_cast<int>(draw.below(14));
  setup.actions = 15 + static_cast<int>(draw.below(50));
  setup.pause = draw.skewed(Duration{2'000}, Duration{10 * 60'000});
  setup.habits = draw_habits(draw);
  if (setup.rough) {
    setup.troubles = draw_troubles(draw);
  }
  // A stream of its own: what was drawn before stays as it was.
  Draw later{seed, 11};
  setup.habits.resolve = later.chance(0.6) ? later.log_uniform(0.5, 6) : 0;
  setup.post = draw_post(later);
  setup.post_seed = seed + variant * 1'000'003;
  Draw latest{seed, 12};
  setup.habits.take_back = latest.chance(0.5) ? latest.log_uniform(0.5, 6) : 0;
  setup.troubles.clock_set = setup.rough && latest.chance(0.2) ? latest.log_uniform(0.01, 0.2) : 0;
  if (theme == Theme::creates) {
    make_creates(setup, later);
  } else if (theme == Theme::events) {
    make_events(setup, later);
  } else if (theme == Theme::directions) {
    Draw directions{seed, 13};
    make_directions(setup, directions);
  } else if (theme == Theme::keys) {
    Draw keys{seed, 14};
    setup.habits.exchange_keys = keys.log_uniform(1, 10);
  }
  return setup;
}

std::string Setup::describe() const {
  std::string text = rough ? "with faults" : "without faults";
  const auto add = [&text](std::string_view name, double rate) {
    if (rate > 0) {
      char line[80];
      std::snprintf(line, sizeof line, ", %.*s %.3f", static_cast<int>(name.size()), name.data(), rate);
      text += line;
    }
  };
  for (std::size_t kind = 1; kind < fault_kinds; ++kind) {
    add(fault_names[kind], troubles.call[kind]);
  }
  add("kill at a call", troubles.kill_at_call);
  add("kill at a commit", troubles.kill_at_commit);
  add("power cut", troubles.power_cut);
  add("clean stop", troubles.clean_stop);
  add("token revoked", troubles.revoked);
  add("rival app", troubles.rival);
  add("day spent", troubles.day_spent);
  add("clock set", troubles.clock_set);
  text += "; version " + api_version + ", index lag " + format_duration(portal.search_lag) + ", poll every " +
          format_duration(poll_interval) + ", full run every " + format_duration(full_interval);
  text += rules.detection == Detection::record ? ", detection by record" : "";
  text += portal.merge_new_id ? ", merge makes a new id" : ", merge keeps the primary's id";
  text += portal.merged_in_batch ? ", batch reads follow merges" : "";
  text += portal.merged_unique_keys ? ", upserts follow merges" : "";
  add("webhooks delivered", post.share);
  for (const TypeRules& type : rules.types) {
    text += "; " + type.name;
    for (const FieldRule& field : type.fields) {
      text += (&field == &type.fields.front() ? ": " : ", ") + field.name + " " + rule_name(field);
    }
  }
  return text;
}

}  // namespace hubsync::sim
