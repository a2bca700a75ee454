#include "cli/commands/conflict_walk.hpp"

#include <algorithm>
#include <optional>

#include "cli/commands/conflict_view.hpp"
#include "cli/output/diff.hpp"
#include "cli/output/when.hpp"
#include "common/api_codec.hpp"
#include "common/text.hpp"

namespace hubsync::cli {
namespace {

/// How the walk over the fields ended.
enum class Ended { done, quit };

std::optional<std::string> non_empty(std::string text) {
  return text.empty() ? std::nullopt : std::optional{std::move(text)};
}

/// A value is named by its side where it is one's, so that the history tells whose it was.
api::FieldChoice choice_for(
    const api::Conflict& conflict, const std::string& field, const std::string& value
) {
  const auto is = [&](const api::FieldList& version) {
    const auto found = std::ranges::find(version, field, &api::Field::name);
    return value == (found == version.end() ? "" : found->value.value_or(""));
  };
  if (is(conflict.local_version)) {
    return {.field = field, .take = "local"};
  }
  if (is(conflict.hubspot_version)) {
    return {.field = field, .take = "hubspot"};
  }
  return {.field = field, .take = "value", .value = non_empty(value)};
}

/// The raw value of a version, "" for empty.
std::string raw_value(const api::FieldList& version, const std::string& field) {
  const auto found = std::ranges::find(version, field, &api::Field::name);
  return found == version.end() ? "" : found->value.value_or("");
}

std::string value_lines(std::string_view title, const Marked& value, Colour colour, Context& context) {
  constexpr std::size_t indent = 12;
  const std::size_t columns = context.out.columns();
  const std::string margin(indent, ' ');
  std::string out = "  " + std::string{title} + std::string(indent - 2 - title.size(), ' ');
  if (value.text.empty()) {
    return out + coloured(Colour::dim, "(empty)", context.out.colours()) + "\n";
  }
  bool first = true;
  for (const Marked& line : wrapped(value, columns > 2 * indent ? columns - indent - 1 : indent)) {
    out += (first ? "" : margin) + shown(line, colour, context.out.colours()) + "\n";
    first = false;
    if (const std::string marks = markers(line); !marks.empty() && !context.out.colours()) {
      out += margin + marks + "\n";
    }
  }
  return out;
}

std::string field_question(const api::Conflict& conflict, std::size_t index, Context& context) {
  const std::string& field = conflict.conflicting_fields[index];
  const std::string base = version_value(conflict.base_version, field);
  std::string out = "\n" + coloured(Colour::bold, terminal_safe(field), context.out.colours()) + "  (" +
                    std::to_string(index + 1) + " of " + std::to_string(conflict.conflicting_fields.size()) +
                    ")\n";
  out += value_lines(
      "local", marked(base, version_value(conflict.local_version, field)), Colour::green, context
  );
  out += value_lines("base", {.text = terminal_safe(base)}, Colour::plain, context);
  out += value_lines(
      "HubSpot", marked(base, version_value(conflict.hubspot_version, field)), Colour::cyan, context
  );
  return out;
}

/// A new value from the person; nothing when the input ended.
std::optional<std::string> ask_value(const std::string& field, Context& context) {
  return context.terminal.line("  new value for " + terminal_safe(field) + " (empty clears): ");
}

Ended walk_fields(const api::Conflict& conflict, api::ResolveRequest& request, Context& context) {
  const auto& fields = conflict.conflicting_fields;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const std::string& field = fields[i];
    const bool deletion = field == "deleted";
    context.out.text(field_question(conflict, i, context));
    const auto key = context.terminal.key(
        deletion ? "keep [l]ocal, [h]ubspot, [s]kip, [q]uit? "
                 : "keep [l]ocal, [h]ubspot, [b]ase, [e]dit, [s]kip, [q]uit? ",
        deletion ? "lhsq" : "lhbesq"
    );
    if (key == 'l') {
      request.fields.push_back({.field = field, .take = "local"});
    } else if (key == 'h') {
      request.fields.push_back({.field = field, .take = "hubspot"});
    } else if (key == 'b') {
      request.fields.push_back(
          {.field = field, .take = "value", .value = non_empty(raw_value(conflict.base_version, field))}
      );
    } else if (key == 'e') {
      const auto value = ask_value(field, context);
      if (!value) {
        return Ended::quit;
      }
      request.fields.push_back(choice_for(conflict, field, *value));
    } else if (key != 's') {
      return Ended::quit;
    }
  }
  return Ended::done;
}

std::string outcome_of(const api::Conflict& conflict, const api::FieldChoice& choice) {
  const api::FieldList& side = choice.take == "local" ? conflict.local_version : conflict.hubspot_version;
  const std::string value =
      choice.take == "value" ? choice.value.value_or("") : version_value(side, choice.field);
  return value.empty() ? "(empty)" : value;
}

std::string whose(const api::FieldChoice& choice) {
  if (choice.take == "value") {
    return "as you gave it, to both sides";
  }
  return choice.take == "local" ? "the local one, to HubSpot" : "HubSpot's, to here";
}

/// What will be on both sides; true when the person says yes.
bool confirmed(const api::Conflict& conflict, const api::ResolveRequest& request, Context& context) {
  Table table{{{"FIELD"}, {"WILL BE", false, std::max<std::size_t>(20, context.out.columns() / 2)}, {"WHOSE"}}
  };
  for (const std::string& field : conflict.conflicting_fields) {
    const auto choice = std::ranges::find(request.fields, field, &api::FieldChoice::field);
    if (choice == request.fields.end()) {
      table.add({field, Cell{"stays open", Colour::yellow}, ""});
    } else {
      table.add({field, outcome_of(conflict, *choice), whose(*choice)});
    }
  }
  context.out.text("\n" + table.take(context.out.colours()));
  return context.terminal.key("do that? [y/n] ", "yn").value_or('n') == 'y';
}

ExitCode give_up(Context& context) {
  context.out.note("nothing was decided");
  return ExitCode::done;
}

/// The open conflict; an exit code when there is none to decide.
std::expected<api::Conflict, ExitCode> open_conflict(const std::string& id, Context& context) {
  auto answer = context.client.conflict(id);
  if (!answer) {
    return std::unexpected(report(context.out, answer.error()));
  }
  if (answer->value.resolved_at) {
    const api::Conflict& conflict = answer->value;
    context.out.error(
        {ErrorCode::stale,
         "conflict " + conflict.id + " is not open any more: " + conflict.resolution_type + " by " +
             or_dash(conflict.resolved_by),
         "`hubsync conflicts history` shows what became of it",
         ""}
    );
    return std::unexpected(ExitCode::stale);
  }
  return std::move(answer->value);
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r");
  return begin == std::string_view::npos ? std::string_view{}
                                         : text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

/// The value of a line of the edited text: a JSON string, or plain text where it is none.
std::expected<std::string, Error> read_value(const std::string& field, std::string_view text) {
  if (!text.starts_with('"')) {
    return std::string{text};
  }
  const auto read = api::decode_resolve_request(
      R"({"resolution":"merged","fields":{"x":{"value":)" + std::string{text} + "}}}"
  );
  if (!read) {
    return fail(
        ErrorCode::invalid,
        "the value of " + field + " is not readable: " + std::string{text},
        "a text in double quotes",
        field
    );
  }
  return read->fields.front().value.value_or("");
}

}  // namespace

ExitCode run_walk(const ResolveArgs& args, Context& context) {
  const auto conflict = open_conflict(args.id, context);
  if (!conflict) {
    return conflict.error();
  }
  const Instant now = context.clock.now();
  context.out.text(
      "conflict " + terminal_safe(conflict->id) + ": " + terminal_safe(conflict->entity_type) + " " +
      terminal_safe(label_of(*conflict)) + ", detected " + ago(conflict->detected_at, now) + "\n"
  );
  api::ResolveRequest request{.resolution = "merged", .partial = true, .version = conflict->version};
  if (walk_fields(*conflict, request, context) == Ended::quit || request.fields.empty() ||
      !confirmed(*conflict, request, context)) {
    return give_up(context);
  }
  return send_resolution(args.id, request, context);
}

std::string edit_text(const api::Conflict& conflict) {
  std::string text = "# Conflict " + conflict.id + ": " + conflict.entity_type + " " +
                     json_quote(label_of(conflict)) +
                     "\n#\n# Give each field the value it is to have on both sides.\n"
                     "# A field whose line is taken out stays open. Lines with # are left out.\n"
                     "# Take all lines out to give up.\n";
  for (const std::string& field : conflict.conflicting_fields) {
    const std::string name = terminal_safe(field);
    text += "\n#   local:   " + json_quote(raw_value(conflict.local_version, field)) +
            "\n#   base:    " + json_quote(raw_value(conflict.base_version, field)) +
            "\n#   HubSpot: " + json_quote(raw_value(conflict.hubspot_version, field)) + "\n" + name + " = " +
            json_quote(raw_value(conflict.local_version, field)) + "\n";
  }
  return text;
}

std::expected<api::ResolveRequest, Error> read_edited(std::string_view text, const api::Conflict& conflict) {
  api::ResolveRequest request{.resolution = "merged", .partial = true, .version = conflict.version};
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.starts_with('#')) {
      continue;
    }
    const std::size_t equals = std::min(line.find('='), line.size());
    const std::string field{trimmed(line.substr(0, equals))};
    if (equals == line.size() ||
        std::ranges::find(conflict.conflicting_fields, field) == conflict.conflicting_fields.end()) {
      return fail(
          ErrorCode::invalid,
          "a line names none of the conflicting fields: " + std::string{line},
          "NAME = \"value\", for " + joined(conflict.conflicting_fields)
      );
    }
    const auto value = read_value(field, trimmed(line.substr(equals + 1)));
    if (!value) {
      return std::unexpected(value.error());
    }
    if (std::ranges::find(request.fields, field, &api::FieldChoice::field) != request.fields.end()) {
      return fail(ErrorCode::invalid, "two lines are about " + field, "", field);
    }
    request.fields.push_back(choice_for(conflict, field, *value));
  }
  return request;
}

ExitCode run_edit(const ResolveArgs& args, Context& context) {
  const auto conflict = open_conflict(args.id, context);
  if (!conflict) {
    return conflict.error();
  }
  const auto edited = context.terminal.edit(edit_text(*conflict));
  if (!edited) {
    context.out.error(
        {ErrorCode::invalid, "the editor did not end well; nothing was decided", "set EDITOR", ""}
    );
    return ExitCode::failed;
  }
  const auto request = read_edited(*edited, *conflict);
  if (!request) {
    return report_usage(context.out, request.error().message, request.error().hint, request.error().field);
  }
  if (request->fields.empty()) {
    return give_up(context);
  }
  if (context.terminal.interactive() && !args.yes && !confirmed(*conflict, *request, context)) {
    return give_up(context);
  }
  return send_resolution(args.id, *request, context);
}

}  // namespace hubsync::cli
