#include "cli/commands/records.hpp"

#include <algorithm>
#include <functional>
#include <iterator>
#include <utility>

#include "cli/commands/print.hpp"
#include "cli/output/table.hpp"
#include "cli/output/when.hpp"
#include "common/api_codec.hpp"
#include "common/text.hpp"

namespace hubsync::cli {
namespace {

std::vector<Column> columns_of(const std::string& type) {
  if (type == "companies") {
    return {
        {"ID"},
        {"NAME", false, 32},
        {"DOMAIN", false, 32},
        {"INDUSTRY", false, 20, 1},
        {"HUBSPOT", false, 0, 3},
        {"STATUS"},
        {"CHANGED", false, 0, 2},
    };
  }
  if (type == "contacts") {
    return {
        {"ID"},
        {"EMAIL", false, 36},
        {"NAME", false, 30},
        {"PHONE", false, 18, 1},
        {"HUBSPOT", false, 0, 3},
        {"STATUS"},
        {"CHANGED", false, 0, 2},
    };
  }
  return {{"ID"}, {"FIELDS", false, 64}, {"HUBSPOT", false, 0, 2}, {"STATUS"}, {"CHANGED", false, 0, 1}};
}

std::string field(const api::Record& record, std::string_view name) {
  const auto found = std::ranges::find(record.fields, name, &api::Field::name);
  return found == record.fields.end() ? "" : found->value.value_or("");
}

std::string joined(const std::string& first, const std::string& second) {
  return first.empty() || second.empty() ? first + second : first + " " + second;
}

/// What a type has that no column is made for.
std::string all_fields(const api::Record& record) {
  std::string text;
  for (const api::Field& field : record.custom_fields) {
    text += (text.empty() ? "" : " ") + field.name + "=" + field.value.value_or("");
  }
  return text;
}

std::vector<Cell> row_of(const api::Record& record, const std::string& type, Instant now) {
  const Cell status = record.deleted ? Cell{"deleted", Colour::dim}
                                     : Cell{record.sync_status, colour_of_state(record.sync_status)};
  const std::string hubspot = or_dash(record.hubspot_id);
  const std::string changed = ago(record.updated_at, now);
  if (type == "companies") {
    return {
        record.id,
        field(record, "name"),
        field(record, "domain"),
        field(record, "industry"),
        hubspot,
        status,
        changed
    };
  }
  if (type == "contacts") {
    const std::string name = joined(field(record, "firstName"), field(record, "lastName"));
    return {record.id, field(record, "email"), name, field(record, "phone"), hubspot, status, changed};
  }
  return {record.id, all_fields(record), hubspot, status, changed};
}

ExitCode list_everything(const ListArgs& args, Context& context) {
  Table table{columns_of(args.type)};
  RecordFilter filter = args.filter;
  filter.limit = api::max_limit;
  std::string after;
  while (true) {
    const auto answer = context.client.walk(args.type, filter, after);
    if (!answer) {
      return report(context.out, answer.error());
    }
    for (const api::Record& record : answer->value.items) {
      if (context.out.json()) {
        context.out.json_line(api::encode(record));
      } else if (context.out.quiet()) {
        context.out.line(terminal_safe(record.id));
      } else {
        table.add(row_of(record, args.type, context.clock.now()));
      }
    }
    if (!context.out.json() && !context.out.quiet()) {
      context.out.text(table.take(context.out.colours(), context.out.room()));
    }
    // A daemon that repeats itself must not keep us for ever.
    const std::optional<std::string>& next = answer->value.next;
    if (!next || *next == after) {
      return ExitCode::done;
    }
    after = *next;
  }
}

std::string record_details(const api::Record& record, Instant now, bool colours) {
  Details details;
  details.add("id", record.id);
  details.add("HubSpot id", or_dash(record.hubspot_id));
  for (const api::Field& field : record.fields) {
    details.add(field.name, field.value.value_or(""));
  }
  for (const api::Field& field : record.custom_fields) {
    details.add(field.name, field.value.value_or(""));
  }
  details.add("status", {record.sync_status, colour_of_state(record.sync_status)});
  if (record.error_message) {
    details.add("error", {*record.error_message, Colour::red});
  }
  details.add("last direction", direction_words(record.sync_direction));
  details.add("edited here", ago(record.last_modified_local, now));
  details.add("edited in HubSpot", ago(record.last_modified_hubspot, now));
  details.add("synced", ago(record.last_synced_at, now));
  details.add("version", std::to_string(record.version));
  if (record.deleted) {
    details.add("deleted", {"yes", Colour::red});
  }
  details.add("created", ago(record.created_at, now));
  details.add("changed", ago(record.updated_at, now));
  return details.take(colours);
}

ExitCode print_record(const Reply<api::Record>& answer, Context& context, std::string_view done) {
  if (!answer) {
    return report(context.out, answer.error());
  }
  if (context.out.json()) {
    context.out.json_line(answer->json);
  } else if (context.out.quiet()) {
    context.out.line(terminal_safe(answer->value.id));
  } else if (done.empty()) {
    context.out.text(record_details(answer->value, context.clock.now(), context.out.colours()));
  } else {
    context.out.line(
        std::string{done} + " " + terminal_safe(answer->value.id) + ", version " +
        std::to_string(answer->value.version)
    );
  }
  return ExitCode::done;
}

/// The names in the assignments that go under customFields; none of a body from standard input.
std::vector<std::string> custom_names(const EditArgs& args) {
  std::vector<std::string> names;
  const auto top = api::top_level_fields(args.type);
  for (const std::string& assignment : args.assignments) {
    const std::string name = assignment.substr(0, assignment.find('='));
    if (assignment != "-" && std::ranges::find(top, name) == top.end()) {
      names.push_back(name);
    }
  }
  return names;
}

/// A field without a mapping may be meant as it is, or be a slip of the finger: it is kept, and said.
ExitCode print_edited(
    const EditArgs& args, const Reply<api::Record>& answer, Context& context, std::string_view done
) {
  const ExitCode code = print_record(answer, context, done);
  const std::vector<std::string> names = custom_names(args);
  if (!answer || names.empty() || context.out.json() || context.out.quiet()) {
    return code;
  }
  const auto explained = context.client.explain(args.type, answer->value.id);
  if (!explained) {
    return code;  // The edit is done; this would only have been a remark.
  }
  for (const std::string& name : names) {
    const auto field = std::ranges::find(explained->value.fields, name, &api::ExplainedField::field);
    if (field == explained->value.fields.end() || !field->property) {
      context.out.note(
          "`" + terminal_safe(name) + "` is mapped to no property: it is kept here, HubSpot does not get it"
      );
    }
  }
  return code;
}

Result<std::string> body_of(const EditArgs& args, std::istream& input) {
  if (args.assignments.size() == 1 && args.assignments.front() == "-") {
    return std::string{std::istreambuf_iterator<char>{input}, {}};
  }
  api::RecordInput record;
  for (const std::string& assignment : args.assignments) {
    const std::size_t equals = assignment.find('=');
    if (equals == 0 || equals == std::string::npos) {
      return fail(
          ErrorCode::invalid,
          "`" + assignment + "` is not FIELD=VALUE",
          "such as phone=+49301234; phone= clears it"
      );
    }
    const std::string name = assignment.substr(0, equals);
    if (!is_valid_utf8(assignment)) {
      return fail(ErrorCode::invalid, "a value is not UTF-8", "", name);
    }
    if (!record.fields.emplace(name, assignment.substr(equals + 1)).second) {
      return fail(ErrorCode::invalid, "`" + name + "` is given twice", "", name);
    }
  }
  return api::encode_record_input(api::top_level_fields(args.type), record);
}

}  // namespace

ExitCode run_list(const ListArgs& args, Context& context) {
  if (args.all) {
    return list_everything(args, context);
  }
  return print_page(
      context.client.records(args.type, args.filter, args.page),
      Table{columns_of(args.type)},
      context,
      [](const api::Record& record) { return record.id; },
      [&args, now = context.clock.now()](Table& rows, const api::Record& record) {
        rows.add(row_of(record, args.type, now));
      }
  );
}

ExitCode run_show(const RecordArgs& args, Context& context) {
  return print_record(context.client.record(args.type, args.id), context, "");
}

ExitCode run_create(const EditArgs& args, Context& context, std::istream& input) {
  const auto body = body_of(args, input);
  if (!body) {
    return report(context.out, {body.error(), ExitCode::usage});
  }
  return print_edited(args, context.client.create(args.type, *body), context, "created");
}

ExitCode run_update(const EditArgs& args, Context& context, std::istream& input) {
  const auto body = body_of(args, input);
  if (!body) {
    return report(context.out, {body.error(), ExitCode::usage});
  }
  return print_edited(
      args, context.client.update(args.type, args.id, *body, args.if_version), context, "updated"
  );
}

ExitCode run_delete(const RecordArgs& args, Context& context) {
  return print_record(context.client.remove(args.type, args.id, args.if_version), context, "deleted");
}

ExitCode run_restore(const RecordArgs& args, Context& context) {
  return print_record(context.client.restore(args.type, args.id, args.if_version), context, "restored");
}

}  // namespace hubsync::cli
