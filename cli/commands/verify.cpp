#include "cli/commands/verify.hpp"

#include "cli/output/table.hpp"
#include "common/api_codec.hpp"
#include "common/text.hpp"

namespace hubsync::cli {
namespace {

/// A difference that is being carried over already needs nobody.
Cell what(const api::Difference& difference) {
  if (difference.sync_status == "pending") {
    return {"on its way", Colour::yellow};
  }
  return {difference.kind, difference.kind == "conflict-open" ? Colour::yellow : Colour::red};
}

std::vector<Cell> row_of(const api::Difference& difference) {
  return {
      difference.type,
      or_dash(difference.id),
      or_dash(difference.hubspot_id),
      what(difference),
      or_dash(difference.field),
      difference.local.value_or(""),
      difference.hubspot.value_or("")
  };
}

struct Found {
  std::int64_t compared = 0;
  std::int64_t differences = 0;
};

/// The one that was asked for, or all that the daemon syncs.
std::expected<std::vector<std::string>, CallError> types_of(const VerifyArgs& args, Context& context) {
  if (!args.type.empty()) {
    return std::vector{args.type};
  }
  const auto status = context.client.status();
  if (!status) {
    return std::unexpected(status.error());
  }
  std::vector<std::string> types;
  for (const auto& [type, counts] : status->value.records) {
    types.push_back(type);
  }
  return types;
}

std::expected<void, CallError> verify_type(
    const std::string& type, Table& table, Found& found, Context& context
) {
  std::string after;
  while (true) {
    const auto answer = context.client.verify(type, after);
    if (!answer) {
      return std::unexpected(answer.error());
    }
    const api::VerifyPart& part = answer->value;
    found.compared += part.compared;
    for (const api::Difference& difference : part.items) {
      ++found.differences;
      if (context.out.json()) {
        context.out.json_line(api::encode(difference));
      } else if (context.out.quiet()) {
        context.out.line(terminal_safe(difference.id.value_or(difference.hubspot_id.value_or(""))));
      } else {
        table.add(row_of(difference));
      }
    }
    if (!table.empty()) {
      context.out.text(table.take(context.out.colours(), context.out.room()));
    }
    // A daemon that repeats itself must not keep us for ever.
    if (!part.next || *part.next == after) {
      return {};
    }
    after = *part.next;
  }
}

}  // namespace

ExitCode run_verify(const VerifyArgs& args, Context& context) {
  Table table{
      {{"TYPE", false, 0, 2},
       {"RECORD", false, 0, 0, 36},
       {"HUBSPOT", false, 0, 3},
       {"WHAT", false, 0, 0, 15},
       {"FIELD", false, 16},
       {"LOCAL", false, 32},
       {"IN HUBSPOT", false, 32}}
  };
  Found found;
  const auto types = types_of(args, context);
  if (!types) {
    return report(context.out, types.error());
  }
  for (const std::string& type : *types) {
    if (const auto verified = verify_type(type, table, found, context); !verified) {
      return report(context.out, verified.error());
    }
  }
  context.out.note(
      found.differences == 0
          ? "no difference in " + counted(found.compared, "record")
          : counted(found.differences, "difference") + " in " + counted(found.compared, "record")
  );
  return found.differences == 0 ? ExitCode::done : ExitCode::failed;
}

}  // namespace hubsync::cli
