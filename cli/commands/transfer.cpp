#include "cli/commands/transfer.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <functional>
#include <iostream>
#include <set>
#include <utility>

#include "cli/output/csv.hpp"
#include "cli/output/table.hpp"
#include "common/api_codec.hpp"
#include "common/text.hpp"

namespace hubsync::cli {
namespace {

using OnRecord = std::function<void(const api::Record&)>;

std::expected<void, CallError> walk(const ExportArgs& args, Context& context, const OnRecord& on_record) {
  const RecordFilter filter{.deleted = args.deleted, .limit = api::max_limit};
  std::string after;
  while (true) {
    const auto answer = context.client.walk(args.type, filter, after);
    if (!answer) {
      return std::unexpected(answer.error());
    }
    std::ranges::for_each(answer->value.items, on_record);
    const std::optional<std::string>& next = answer->value.next;
    if (!next || *next == after) {
      return {};
    }
    after = *next;
  }
}

std::string value_of(const api::FieldList& fields, const std::string& name) {
  const auto found = std::ranges::find(fields, name, &api::Field::name);
  return found == fields.end() ? "" : found->value.value_or("");
}

/// A file gets every value as it is, a terminal none of its control characters.
void print_row(std::vector<std::string> cells, Context& context) {
  if (context.out.terminal()) {
    std::ranges::transform(cells, cells.begin(), [](const std::string& cell) { return terminal_safe(cell); });
  }
  context.out.text(csv_row(cells));
}

/// Which fields there are is known only after all records were seen: they are walked twice.
std::expected<void, CallError> export_csv(const ExportArgs& args, Context& context) {
  std::set<std::string> custom;
  auto walked = walk(args, context, [&custom](const api::Record& record) {
    for (const api::Field& field : record.custom_fields) {
      custom.insert(field.name);
    }
  });
  if (!walked) {
    return walked;
  }
  std::vector<std::string> top;
  for (const std::string_view name : api::top_level_fields(args.type)) {
    top.emplace_back(name);
  }
  std::vector<std::string> header{"id", "hubspotId"};
  header.insert(header.end(), top.begin(), top.end());
  header.insert(header.end(), custom.begin(), custom.end());
  print_row(std::move(header), context);
  return walk(args, context, [&](const api::Record& record) {
    std::vector<std::string> row{record.id, record.hubspot_id.value_or("")};
    for (const std::string& name : top) {
      row.push_back(value_of(record.fields, name));
    }
    for (const std::string& name : custom) {
      row.push_back(value_of(record.custom_fields, name));
    }
    print_row(std::move(row), context);
  });
}

/// A mistyped name makes a custom field too: which columns are taken for one is told.
void note_custom_columns(const std::vector<std::string>& header, const std::string& type, Context& context) {
  const auto top = api::top_level_fields(type);
  std::string custom;
  for (const std::string& column : header) {
    const bool known = column == "id" || column == "hubspotId" || std::ranges::find(top, column) != top.end();
    if (!known) {
      custom.append(custom.empty() ? "" : ", ").append(column);
    }
  }
  if (!custom.empty()) {
    context.out.note("custom fields: " + terminal_safe(custom));
  }
}

/// One line of the input: which record, and what it is to have.
struct Line {
  std::string id;
  api::RecordInput input;
};

struct Tally {
  std::int64_t created = 0;
  std::int64_t updated = 0;
  std::int64_t failed = 0;
};

/// Carries one line out; nothing when the daemon is not there any more.
std::optional<CallError> import_line(
    const Result<Line>& line, std::int64_t number, const std::string& type, Tally& tally, Context& context
) {
  Error error;
  if (line) {
    const std::string body = api::encode_record_input(api::top_level_fields(type), line->input);
    const auto done = line->id.empty() ? context.client.create(type, body)
                                       : context.client.update(type, line->id, body, std::nullopt);
    if (done) {
      ++(line->id.empty() ? tally.created : tally.updated);
      return std::nullopt;
    }
    if (done.error().exit == ExitCode::unreachable || done.error().exit == ExitCode::timed_out) {
      return done.error();
    }
    error = done.error().error;
  } else {
    error = line.error();
  }
  ++tally.failed;
  error.message = "line " + std::to_string(number) + ": " + error.message;
  context.out.error(error);
  return std::nullopt;
}

/// A record as `export` writes it: what hubsync keeps itself is passed over.
Result<Line> json_line(const std::string& text, const std::string& type) {
  const auto record = api::decode<api::Record>(text);
  if (!record) {
    return std::unexpected(record.error());
  }
  const auto top = api::top_level_fields(type);
  Line line{.id = record->id, .input = {}};
  for (const api::Field& field : record->fields) {
    if (std::ranges::find(top, field.name) == top.end()) {
      return fail(
          ErrorCode::invalid,
          "`" + field.name + "` is not a field here",
          "other mapped fields go into customFields"
      );
    }
    line.input.fields[field.name] = field.value.value_or("");
  }
  for (const api::Field& field : record->custom_fields) {
    line.input.fields[field.name] = field.value.value_or("");
  }
  return line;
}

Result<Line> csv_line(const std::vector<std::string>& header, const std::vector<std::string>& row) {
  if (row.size() != header.size()) {
    return fail(
        ErrorCode::invalid,
        std::to_string(row.size()) + " cells, and the header has " + std::to_string(header.size())
    );
  }
  Line line;
  for (std::size_t i = 0; i < header.size(); ++i) {
    if (header[i] == "id") {
      line.id = row[i];
    } else if (header[i] != "hubspotId") {
      line.input.fields[header[i]] = csv_value(row[i]);
    }
  }
  return line;
}

std::optional<CallError> import_json(
    std::istream& input, const std::string& type, Tally& tally, Context& context
) {
  std::string text;
  for (std::int64_t number = 1; std::getline(input, text); ++number) {
    if (text.find_first_not_of(" \t\r") == std::string::npos) {
      continue;
    }
    if (auto gone = import_line(json_line(text, type), number, type, tally, context)) {
      return gone;
    }
  }
  return std::nullopt;
}

std::optional<CallError> import_csv(
    std::istream& input, const std::string& type, Tally& tally, Context& context
) {
  CsvReader reader{input};
  const auto header = reader.next();
  if (!header || !*header) {
    return CallError{
        header ? Error{ErrorCode::invalid, "there is no header", "", ""} : header.error(), ExitCode::failed
    };
  }
  note_custom_columns(**header, type, context);
  while (true) {
    const auto row = reader.next();
    if (!row) {
      ++tally.failed;
      context.out.error(row.error());
      return std::nullopt;
    }
    if (!*row) {
      return std::nullopt;
    }
    const bool blank = (*row)->size() == 1 && (*row)->front().empty();
    if (blank) {
      continue;
    }
    if (auto gone = import_line(csv_line(**header, **row), reader.line(), type, tally, context)) {
      return gone;
    }
  }
}

}  // namespace

ExitCode run_export(const ExportArgs& args, Context& context) {
  const auto exported = args.format == "csv" ? export_csv(args, context)
                                             : walk(args, context, [&context](const api::Record& record) {
                                                 context.out.json_line(api::encode(record));
                                               });
  return exported ? ExitCode::done : report(context.out, exported.error());
}

ExitCode run_import(const ImportArgs& args, Context& context) {
  if (args.file == "-") {
    return import_from(std::cin, args, context);
  }
  std::ifstream input{args.file, std::ios::binary};
  if (!input) {
    return report(
        context.out, {{ErrorCode::invalid, args.file + ": " + std::strerror(errno), "", ""}, ExitCode::failed}
    );
  }
  return import_from(input, args, context);
}

ExitCode import_from(std::istream& input, const ImportArgs& args, Context& context) {
  const bool csv = args.format.empty() ? args.file.ends_with(".csv") : args.format == "csv";
  Tally tally;
  const auto gone =
      csv ? import_csv(input, args.type, tally, context) : import_json(input, args.type, tally, context);
  if (context.out.json()) {
    context.out.json_line(
        "{\"created\":" + std::to_string(tally.created) + ",\"updated\":" + std::to_string(tally.updated) +
        ",\"failed\":" + std::to_string(tally.failed) + "}"
    );
  } else if (!context.out.quiet()) {
    context.out.line(
        grouped(tally.created) + " created, " + grouped(tally.updated) + " updated or the same already, " +
        grouped(tally.failed) + " failed"
    );
  }
  if (gone) {
    return report(context.out, *gone);
  }
  return tally.failed > 0 ? ExitCode::some_failed : ExitCode::done;
}

}  // namespace hubsync::cli
