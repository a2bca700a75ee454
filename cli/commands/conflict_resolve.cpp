#include "cli/commands/conflict_resolve.hpp"

#include <algorithm>
#include <expected>

#include "cli/commands/conflict_bulk.hpp"
#include "cli/commands/conflict_view.hpp"
#include "cli/commands/conflict_walk.hpp"
#include "common/api_codec.hpp"
#include "common/text.hpp"

namespace hubsync::cli {
namespace {

std::string resolution_of(const std::string& keep) {
  return keep == "local" ? "keep_local" : "keep_hubspot";
}

/// "phone=local", "phone=hubspot", "phone=base", "phone=value:+49…".
std::expected<api::FieldChoice, Error> read_choice(const std::string& text) {
  const std::size_t equals = text.find('=');
  const std::string name = text.substr(0, equals);
  const std::string what = equals == std::string::npos ? "" : text.substr(equals + 1);
  constexpr std::string_view prefix = "value:";
  api::FieldChoice choice{.field = name, .take = what};
  if (what.starts_with(prefix)) {
    choice.take = "value";
    choice.value = what.size() > prefix.size() ? std::optional{what.substr(prefix.size())} : std::nullopt;
  } else if (name.empty() || (what != "local" && what != "hubspot" && what != "base")) {
    return fail(
        ErrorCode::invalid,
        "--field does not say what the field is to become: " + text,
        "NAME=local, NAME=hubspot, NAME=base or NAME=value:TEXT",
        "--field"
    );
  }
  return choice;
}

/// What the options say, with the conflict at hand for what they leave open.
std::expected<api::ResolveRequest, Error> read_request(
    const ResolveArgs& args, const api::Conflict& conflict
) {
  api::ResolveRequest request{.resolution = "merged", .partial = args.partial, .version = args.if_version};
  for (const std::string& text : args.fields) {
    auto choice = read_choice(text);
    if (!choice) {
      return std::unexpected(choice.error());
    }
    if (choice->take == "base") {
      const std::string value = version_value(conflict.base_version, choice->field);
      choice->take = "value";
      choice->value = value.empty() ? std::nullopt : std::optional{value};
    }
    if (std::ranges::find(request.fields, choice->field, &api::FieldChoice::field) != request.fields.end()) {
      return fail(ErrorCode::invalid, "--field names " + choice->field + " twice", "", "--field");
    }
    request.fields.push_back(std::move(*choice));
  }
  if (args.keep.empty()) {
    return request;
  }
  for (const std::string& field : conflict.conflicting_fields) {
    if (std::ranges::find(request.fields, field, &api::FieldChoice::field) == request.fields.end()) {
      request.fields.push_back({.field = field, .take = args.keep});
    }
  }
  return request;
}

void show_resolved(const api::Conflict& conflict, Context& context) {
  if (conflict.resolution_type == "pending") {
    context.out.line(
        "conflict " + terminal_safe(conflict.id) +
        ": decided in part; open: " + terminal_safe(joined(conflict.conflicting_fields))
    );
    return;
  }
  context.out.line(
      "conflict " + terminal_safe(conflict.id) + " is resolved: " + terminal_safe(conflict.resolution_type)
  );
}

ExitCode run_by_fields(const ResolveArgs& args, Context& context) {
  const auto conflict = context.client.conflict(args.id);
  if (!conflict) {
    return report(context.out, conflict.error());
  }
  const auto request = read_request(args, conflict->value);
  if (!request) {
    const Error& error = request.error();
    return report_usage(context.out, error.message, error.hint, error.field);
  }
  return send_resolution(args.id, *request, context);
}

}  // namespace

ExitCode send_resolution(const std::string& id, const api::ResolveRequest& request, Context& context) {
  const auto answer = context.client.resolve(id, request);
  if (answer) {
    if (context.out.json()) {
      context.out.json_line(answer->json);
    } else if (context.out.quiet()) {
      context.out.line(terminal_safe(answer->value.id));
    } else {
      show_resolved(answer->value, context);
    }
    return ExitCode::done;
  }
  const ExitCode code = report(context.out, answer.error());
  if (code == ExitCode::stale && !context.out.json() && !context.out.quiet()) {
    if (const auto now = context.client.conflict(id); now && !now->value.resolved_at) {
      const View view{.columns = context.out.columns(), .colours = false};
      context.out.note("\nIt looks like this now:\n" + side_by_side(now->value, view));
    }
  }
  return code;
}

ExitCode run_undo(const UndoArgs& args, Context& context) {
  const auto answer = context.client.undo(args.id);
  if (!answer) {
    return report(context.out, answer.error());
  }
  if (context.out.json()) {
    context.out.json_line(answer->json);
  } else if (context.out.quiet()) {
    context.out.line(terminal_safe(answer->value.id));
  } else {
    context.out.line(
        "conflict " + terminal_safe(answer->value.id) +
        " is open again: " + terminal_safe(joined(answer->value.conflicting_fields))
    );
  }
  return ExitCode::done;
}

ExitCode run_resolve(const ResolveArgs& args, Context& context) {
  if (args.all) {
    return run_bulk(args, context);
  }
  if (args.id.empty()) {
    return report_usage(context.out, "which conflict?", "an id of `hubsync conflicts list`, or --all");
  }
  if (args.edit) {
    return run_edit(args, context);
  }
  if (!args.fields.empty()) {
    return run_by_fields(args, context);
  }
  if (!args.keep.empty()) {
    return send_resolution(
        args.id, {.resolution = resolution_of(args.keep), .version = args.if_version}, context
    );
  }
  if (!context.terminal.interactive() || context.out.json()) {
    return report_usage(
        context.out,
        "nothing says how to resolve it, and there is no terminal to ask at",
        "--keep local|hubspot, or --field NAME=local|hubspot|value:TEXT"
    );
  }
  return run_walk(args, context);
}

}  // namespace hubsync::cli
