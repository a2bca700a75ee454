#include "cli/commands/conflict_bulk.hpp"

#include <algorithm>
#include <expected>
#include <map>
#include <set>
#include <vector>

#include "cli/commands/conflict_view.hpp"
#include "cli/output/when.hpp"
#include "common/api_codec.hpp"
#include "common/text.hpp"

namespace hubsync::cli {
namespace {

constexpr std::size_t preview_rows = 20;
/// HubSpot reads a hundred records in one call; a request of that size costs one.
constexpr std::size_t chunk_size = 100;

/// One conflict and which of its fields are to be decided.
struct Item {
  api::Conflict conflict;
  std::vector<std::string> fields;
};

struct Tally {
  std::int64_t resolved = 0;
  std::int64_t in_part = 0;
  std::int64_t stale = 0;
  std::int64_t failed = 0;
  std::map<std::string, std::int64_t> reasons = {};
};

bool matches(const api::Conflict& conflict, const std::vector<std::string>& wanted, Item& item) {
  for (const std::string& field : conflict.conflicting_fields) {
    if (wanted.empty() || std::ranges::find(wanted, field) != wanted.end()) {
      item.fields.push_back(field);
    }
  }
  item.conflict = conflict;
  return !item.fields.empty();
}

/// Every open conflict that the filters fit. Pages are cut anew when one is resolved meanwhile, so ids are
/// kept.
std::expected<std::vector<Item>, CallError> collect(const ResolveArgs& args, Context& context) {
  std::vector<Item> items;
  std::set<std::string> known;
  ConflictFilter filter{.open = true, .type = args.type, .limit = api::max_limit};
  if (args.fields.size() == 1) {
    filter.field = args.fields.front();
  }
  for (;; ++filter.page) {
    const auto answer = context.client.conflicts(filter);
    if (!answer) {
      return std::unexpected(answer.error());
    }
    for (const api::Conflict& conflict : answer->value.items) {
      Item item;
      if (matches(conflict, args.fields, item) && known.insert(conflict.id).second) {
        items.push_back(std::move(item));
      }
    }
    if (filter.page * filter.limit >= answer->value.total || answer->value.items.empty()) {
      return items;
    }
  }
}

void show_preview(const std::vector<Item>& items, const ResolveArgs& args, Context& context) {
  const bool local = args.keep == "local";
  const std::size_t width = std::max<std::size_t>(10, (context.out.columns() - 24) / 3);
  Table table{{
      {"ID"},
      {"RECORD", false, width},
      {"FIELD", false, 12},
      {local ? "KEEPS LOCAL" : "KEEPS HUBSPOT", false, width},
      {local ? "LOSES HUBSPOT" : "LOSES LOCAL", false, width},
  }};
  std::size_t rows = 0;
  for (const Item& item : items) {
    for (const std::string& field : item.fields) {
      if (rows++ < preview_rows) {
        const std::string here = version_value(item.conflict.local_version, field);
        const std::string there = version_value(item.conflict.hubspot_version, field);
        table.add(
            {item.conflict.id, label_of(item.conflict), field, local ? here : there, local ? there : here}
        );
      }
    }
  }
  context.out.note(table.take(false));
  if (rows > preview_rows) {
    context.out.note("and " + grouped(static_cast<long long>(rows - preview_rows)) + " more fields");
  }
}

api::ResolveRequest request_for(const Item& item, const ResolveArgs& args) {
  api::ResolveRequest request{.id = item.conflict.id, .version = item.conflict.version};
  if (item.fields.size() == item.conflict.conflicting_fields.size()) {
    request.resolution = "keep_" + args.keep;
    return request;
  }
  request.resolution = "merged";
  request.partial = true;
  for (const std::string& field : item.fields) {
    request.fields.push_back({.field = field, .take = args.keep});
  }
  return request;
}

void count(const api::ResolveResult& result, Tally& tally) {
  if (result.error) {
    ++(result.error->code == ErrorCode::stale ? tally.stale : tally.failed);
    ++tally.reasons[result.error->message];
  } else if (result.conflict && result.conflict->resolution_type == "pending") {
    ++tally.in_part;
  } else {
    ++tally.resolved;
  }
}

void show_progress(std::size_t done, std::size_t total, Context& context) {
  if (context.out.progress()) {
    context.out.draw(
        "\r" + grouped(static_cast<long long>(done)) + "/" + grouped(static_cast<long long>(total)) +
        " decided" + (done == total ? "\n" : "")
    );
  }
}

std::expected<Tally, CallError> decide_all(
    const std::vector<Item>& items, const ResolveArgs& args, Context& context
) {
  Tally tally;
  for (std::size_t begin = 0; begin < items.size(); begin += chunk_size) {
    const std::size_t end = std::min(begin + chunk_size, items.size());
    std::vector<api::ResolveRequest> requests;
    for (std::size_t i = begin; i < end; ++i) {
      requests.push_back(request_for(items[i], args));
    }
    const auto answer = context.client.resolve_many(requests);
    if (!answer) {
      return std::unexpected(answer.error());
    }
    for (const api::ResolveResult& result : answer->value.items) {
      count(result, tally);
      if (context.out.json()) {
        context.out.json_line(api::encode(result));
      }
    }
    show_progress(end, items.size(), context);
  }
  return tally;
}

ExitCode tell(const Tally& tally, Context& context) {
  if (!context.out.json() && !context.out.quiet()) {
    std::string text = counted(tally.resolved, "conflict") + " resolved";
    text += tally.in_part > 0 ? ", " + grouped(tally.in_part) + " decided in part" : "";
    text += tally.stale > 0 ? ", " + grouped(tally.stale) + " moved meanwhile and were left open" : "";
    text += tally.failed > 0 ? ", " + grouped(tally.failed) + " failed" : "";
    context.out.line(text);
    for (const auto& [reason, number] : tally.reasons) {
      context.out.note("  " + grouped(number) + " × " + terminal_safe(reason));
    }
  }
  if (tally.failed > 0) {
    return ExitCode::some_failed;
  }
  return tally.stale > 0 ? ExitCode::stale : ExitCode::done;
}

std::optional<std::string> wrong_use(const ResolveArgs& args) {
  if (!args.id.empty()) {
    return "--all goes without an id";
  }
  if (args.keep.empty()) {
    return "--all needs --keep local or --keep hubspot";
  }
  if (std::ranges::any_of(args.fields, [](const std::string& field) { return field.contains('='); })) {
    return "with --all, --field is a name: only that field is decided";
  }
  return args.edit ? std::optional<std::string>{"--all goes without --edit"} : std::nullopt;
}

}  // namespace

ExitCode run_bulk(const ResolveArgs& args, Context& context) {
  if (const auto wrong = wrong_use(args)) {
    return report_usage(
        context.out, *wrong, "hubsync conflicts resolve --all --type contacts --keep hubspot"
    );
  }
  const auto items = collect(args, context);
  if (!items) {
    return report(context.out, items.error());
  }
  if (items->empty()) {
    context.out.note("no open conflict fits");
    return ExitCode::done;
  }
  if (!args.yes) {
    show_preview(*items, args, context);
    const std::string question = counted(static_cast<std::int64_t>(items->size()), "conflict") + ": keep " +
                                 (args.keep == "local" ? "the local values" : "HubSpot's values");
    if (!context.terminal.interactive() || context.out.json()) {
      return report_usage(
          context.out, question + "? Nothing was decided.", "without a terminal to ask at, say --yes"
      );
    }
    if (context.terminal.key(question + "? [y/n] ", "yn").value_or('n') != 'y') {
      context.out.note("nothing was decided");
      return ExitCode::done;
    }
  }
  const auto tally = decide_all(*items, args, context);
  return tally ? tell(*tally, context) : report(context.out, tally.error());
}

}  // namespace hubsync::cli
