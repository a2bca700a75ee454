#include <algorithm>

#include "cli/commands/doctor.hpp"
#include "cli/commands/run_report.hpp"
#include "cli/commands/sync.hpp"
#include "cli/output/table.hpp"
#include "common/text.hpp"

namespace hubsync::cli {
namespace {

std::int64_t count_of(const api::Setup& setup, std::string_view state) {
  std::int64_t count = 0;
  for (const api::SetupType& type : setup.types) {
    count += std::ranges::count(type.properties, state, &api::SetupProperty::state);
  }
  return count;
}

Colour colour_of_property(const std::string& state) {
  if (state == "ready" || state == "created") {
    return Colour::green;
  }
  return state == "missing" ? Colour::yellow : Colour::red;
}

std::string setup_report(const api::Setup& setup, bool colours) {
  std::string out = coloured(Colour::bold, "HubSpot portal " + terminal_safe(setup.portal), colours) +
                    ", time zone " + terminal_safe(setup.time_zone) + "\n";
  if (!setup.pinned_portal) {
    out += "This store belongs to no portal yet; the first sync makes it this one's for good.\n";
  } else if (*setup.pinned_portal != setup.portal) {
    out += coloured(
               Colour::red, "This store belongs to portal " + terminal_safe(*setup.pinned_portal), colours
           ) +
           "\n";
  } else {
    out += "This store belongs to it.\n";
  }
  Table table{{{"TYPE"}, {"FIELD"}, {"PROPERTY"}, {"STATE"}, {"", false, 90}}};
  for (const api::SetupType& type : setup.types) {
    for (const api::SetupProperty& property : type.properties) {
      table.add(
          {type.type,
           or_dash(property.field),
           property.property,
           {property.state, colour_of_property(property.state)},
           property.message.value_or("")}
      );
    }
  }
  return out + table.take(colours);
}

bool agreed(const SetupArgs& args, std::int64_t missing, const std::string& portal, Context& context) {
  if (args.yes || !context.terminal.interactive()) {
    return args.yes;
  }
  const std::string question = "Create " + grouped(missing) + (missing == 1 ? " property" : " properties") +
                               " in HubSpot portal " + portal + "? [y/n] ";
  return context.terminal.key(question, "yn") == 'y';
}

ExitCode after_setup(const api::Setup& setup, Context& context) {
  if (setup.pinned_portal && *setup.pinned_portal != setup.portal) {
    return ExitCode::guarded;
  }
  if (count_of(setup, "refused") > 0) {
    context.out.error(
        {ErrorCode::refused,
         "HubSpot refused to create a property",
         "give the token the scope crm.schemas.TYPE.write of each type (crm.schemas.custom.write of a custom "
         "object), or create it by hand"}
    );
    return ExitCode::refused;
  }
  return count_of(setup, "missing") + count_of(setup, "unusable") > 0 ? ExitCode::failed : ExitCode::done;
}

/// What a first sync would do: how records of the two sides match, and what would travel.
ExitCode show_plan(Context& context) {
  const auto triggered = context.client.trigger({.full = true, .dry_run = true});
  if (!triggered) {
    return report(context.out, triggered.error());
  }
  const auto run = wait_for_run(triggered->value.run_id, std::nullopt, context);
  if (!run) {
    return report(context.out, run.error());
  }
  const auto& [to, from] = run->value.counts;
  context.out.line("");
  context.out.line("A full sync now would do this:");
  Details details;
  details.add("match and agree", grouped(from.unchanged));
  details.add("create here", grouped(from.created));
  details.add("create in HubSpot", grouped(to.created));
  details.add("update here", grouped(from.updated));
  details.add("update in HubSpot", grouped(to.updated));
  details.add("delete here", grouped(from.deleted));
  details.add("delete in HubSpot", grouped(to.deleted));
  details.add(
      "conflicts",
      {grouped(from.conflicts + to.conflicts),
       from.conflicts + to.conflicts > 0 ? Colour::yellow : Colour::plain}
  );
  context.out.text(details.take(context.out.colours()));
  context.out.sentence(
      "`hubsync sync --full --dry-run` shows each of them; `hubsync sync --full --wait` does it."
  );
  if (run->value.error) {
    context.out.error(*run->value.error);
  }
  return exit_code_of(run->value);
}

}  // namespace

ExitCode run_setup(const SetupArgs& args, Context& context) {
  auto answer = context.client.setup(false);
  if (!answer) {
    return report(context.out, answer.error());
  }
  const std::int64_t missing = count_of(answer->value, "missing");
  const bool same_portal =
      !answer->value.pinned_portal || *answer->value.pinned_portal == answer->value.portal;
  const bool for_people = !context.out.json() && !context.out.quiet();
  if (missing > 0 && same_portal) {
    if (for_people && !args.yes) {
      context.out.text(setup_report(answer->value, context.out.colours()));
    }
    if (agreed(args, missing, terminal_safe(answer->value.portal), context)) {
      answer = context.client.setup(true);
      if (!answer) {
        return report(context.out, answer.error());
      }
    } else if (!args.yes) {
      context.out.note("nothing was created; `hubsync setup --yes` creates what is missing");
      if (!context.out.json()) {
        return ExitCode::failed;
      }
    }
  }
  if (context.out.json()) {
    context.out.json_line(answer->json);
  } else if (for_people) {
    context.out.text(setup_report(answer->value, context.out.colours()));
  }
  const ExitCode code = after_setup(answer->value, context);
  if (code != ExitCode::done || args.no_plan || !for_people) {
    return code;
  }
  return show_plan(context);
}

}  // namespace hubsync::cli
