#include "cli/commands/guard.hpp"

#include "cli/commands/print.hpp"
#include "cli/output/when.hpp"

namespace hubsync::cli {
namespace {

/// "ada@example.com, bob@example.com and 21 more"; empty when the daemon named none.
std::string sample_of(const api::Guard& guard) {
  std::string text;
  std::int64_t named = 0;
  for (const api::GuardedRecord& record : guard.sample) {
    const std::string& name = record.label && !record.label->empty() ? *record.label : record.id;
    text += (text.empty() ? "" : ", ") + name;
    ++named;
  }
  const std::int64_t rest = guard.count - named;
  return rest > 0 && named > 0 ? text + " and " + grouped(rest) + " more" : text;
}

std::vector<Cell> row_of(const api::Guard& guard, Instant now) {
  return {
      guard.id,
      guard.kind,
      or_dash(guard.entity_type),
      direction_words(guard.direction),
      grouped(guard.count),
      guard.limit > 0 ? grouped(guard.limit) : "-",
      ago(guard.created_at, now),
      guard.released_at ? Cell{"released", Colour::green} : Cell{"waiting", Colour::yellow},
      sample_of(guard)
  };
}

}  // namespace

ExitCode run_guard_list(const GuardListArgs& args, Context& context) {
  const auto answer = context.client.guards(args.all, args.page, args.limit);
  const ExitCode code = print_page(
      answer,
      Table{{
          {"ID"},
          {"GUARD"},
          {"TYPE"},
          {"DIRECTION"},
          {"RECORDS", true},
          {"LIMIT", true},
          {"SINCE"},
          {"STATE"},
          {"WHICH", false, 80},
      }},
      context,
      [](const api::Guard& guard) { return guard.id; },
      [now = context.clock.now()](Table& rows, const api::Guard& guard) { rows.add(row_of(guard, now)); }
  );
  if (answer && !answer->value.items.empty()) {
    context.out.note("`hubsync guard release ID` lets exactly that set through, once");
  }
  return code;
}

ExitCode run_guard_release(const GuardReleaseArgs& args, Context& context) {
  auto answer = context.client.release_guard(args.id);
  if (!answer && answer.error().error.code == ErrorCode::conflict) {
    answer.error().exit = ExitCode::stale;
  }
  return print_one(answer, context, [](const api::Guard& guard) {
    return "released: " + counted(guard.count, "record") + " of guard " + terminal_safe(guard.id) +
           " will go " + terminal_safe(direction_words(guard.direction)) + "\n";
  });
}

}  // namespace hubsync::cli
