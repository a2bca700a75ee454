#include "cli/commands/db.hpp"

#include <filesystem>
#include <system_error>

#include "cli/output/table.hpp"
#include "cli/output/when.hpp"
#include "common/text.hpp"

namespace hubsync::cli {
namespace {

std::string megabytes(std::int64_t bytes) {
  return grouped((bytes + 1'048'575) / 1'048'576) + " MiB";
}

std::string check_report(const api::DbCheck& check, bool colours) {
  std::string out;
  for (const std::string& problem : check.problems) {
    out += coloured(Colour::red, "damaged", colours) + "  " + terminal_safe(problem) + "\n";
  }
  Details details;
  for (const auto& [table, rows] : check.rows) {
    details.add(table, grouped(rows));
  }
  details.add("size", megabytes(check.bytes));
  out += details.take(colours);
  return out +
         (check.ok ? coloured(Colour::green, "the database is whole", colours) : "the database is damaged") +
         "\n";
}

}  // namespace

ExitCode run_backup(const BackupArgs& args, Context& context) {
  std::error_code error;
  const auto path = std::filesystem::absolute(args.file, error).lexically_normal();
  if (error) {
    return report_usage(context.out, args.file + ": " + error.message());
  }
  const auto answer = context.client.backup({.path = path.string(), .force = args.force});
  if (!answer) {
    return report(context.out, answer.error());
  }
  if (context.out.json()) {
    context.out.json_line(answer->json);
  } else if (!context.out.quiet()) {
    context.out.line(
        "saved " + megabytes(answer->value.bytes) + " to " + terminal_safe(answer->value.path) + " in " +
        short_duration(Duration{answer->value.duration_ms})
    );
  }
  return ExitCode::done;
}

ExitCode run_db_check(Context& context) {
  const auto answer = context.client.check_database();
  if (!answer) {
    return report(context.out, answer.error());
  }
  if (context.out.json()) {
    context.out.json_line(answer->json);
  } else if (!context.out.quiet()) {
    context.out.text(check_report(answer->value, context.out.colours()));
  }
  return answer->value.ok ? ExitCode::done : ExitCode::failed;
}

}  // namespace hubsync::cli
