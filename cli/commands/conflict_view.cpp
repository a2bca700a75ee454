#include "cli/commands/conflict_view.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "cli/commands/context.hpp"
#include "cli/output/diff.hpp"
#include "cli/output/when.hpp"
#include "common/text.hpp"

namespace hubsync::cli {
namespace {

constexpr std::string_view deleted = "deleted";
constexpr std::size_t gap = 2;
constexpr std::size_t least_value_width = 12;
constexpr std::size_t most_name_width = 20;

/// The columns of a side by side view: the field's name and three values of one width.
struct Columns {
  std::size_t name = 0;
  std::size_t value = 0;
};

struct Row {
  std::string name;
  std::array<Marked, 3> values;  ///< local, base, HubSpot
  bool disputed = false;
};

bool is_disputed(const api::Conflict& conflict, const std::string& field) {
  const auto& fields = conflict.conflicting_fields;
  return std::ranges::find(fields, field) != fields.end();
}

/// The conflicting fields first, then the others that have a value, by name.
std::vector<std::string> field_order(const api::Conflict& conflict) {
  std::set<std::string> others;
  for (const auto* version : {&conflict.base_version, &conflict.local_version, &conflict.hubspot_version}) {
    for (const api::Field& field : *version) {
      if (field.value && !is_disputed(conflict, field.name) && field.name != deleted) {
        others.insert(field.name);
      }
    }
  }
  std::vector<std::string> order = conflict.conflicting_fields;
  order.insert(order.end(), others.begin(), others.end());
  return order;
}

Marked shown_value(const api::Conflict& conflict, const api::FieldList& version, const std::string& field) {
  const std::string value = version_value(version, field);
  const std::string base = version_value(conflict.base_version, field);
  Marked result = marked(base, value);
  if (&version == &conflict.base_version || !is_disputed(conflict, field)) {
    result.begin = result.end = 0;
  }
  return result;
}

Columns columns_for(const std::vector<Row>& rows, std::size_t available) {
  Columns columns;
  std::size_t widest = 0;
  for (const Row& row : rows) {
    columns.name = std::max(columns.name, std::min(display_width(row.name), most_name_width));
    for (const Marked& value : row.values) {
      widest = std::max(widest, display_width(value.text));
    }
  }
  columns.name = std::max<std::size_t>(columns.name, 5);
  const std::size_t fixed = 2 + columns.name + 3 * gap;
  const std::size_t room = available > fixed ? (available - fixed) / 3 : 0;
  columns.value = std::max(least_value_width, std::min(room, std::max<std::size_t>(widest, 7)));
  return columns;
}

std::string padding(std::string_view text, std::size_t width) {
  const std::size_t used = display_width(text);
  return std::string(width > used ? width - used : 0, ' ');
}

/// One line of a row, trailing space left out.
void append_line(std::string& out, std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  out += line + "\n";
}

std::string row_lines(const Row& row, const Columns& columns, bool colours) {
  constexpr std::array<Colour, 3> side_colours{Colour::green, Colour::plain, Colour::cyan};
  std::array<std::vector<Marked>, 3> values;
  std::size_t count = 1;
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = wrapped(row.values[i], columns.value);
    count = std::max(count, values[i].size());
  }
  const std::vector<Marked> name = wrapped({.text = row.name}, columns.name);
  count = std::max(count, name.size());
  std::string out;
  for (std::size_t at = 0; at < count; ++at) {
    const std::string head = at < name.size() ? name[at].text : "";
    const Colour name_colour = row.disputed ? Colour::yellow : Colour::dim;
    std::string line = at == 0 && row.disputed ? coloured(Colour::yellow, "! ", colours) : "  ";
    line += coloured(name_colour, head, colours) + padding(head, columns.name);
    std::string marks(2 + columns.name, ' ');
    bool any_mark = false;
    for (std::size_t i = 0; i < values.size(); ++i) {
      const Marked part = at < values[i].size() ? values[i][at] : Marked{};
      line += std::string(gap, ' ') + shown(part, row.disputed ? side_colours[i] : Colour::dim, colours) +
              padding(part.text, columns.value);
      const std::string mark = markers(part);
      any_mark |= !mark.empty();
      marks += std::string(gap, ' ') + mark + std::string(columns.value - mark.size(), ' ');
    }
    append_line(out, std::move(line));
    if (any_mark && !colours) {
      append_line(out, std::move(marks));
    }
  }
  return out;
}

std::string header(const Columns& columns, bool colours) {
  std::string line = "  FIELD" + padding("FIELD", columns.name);
  for (const std::string_view title : {"LOCAL", "BASE", "HUBSPOT"}) {
    line += std::string(gap, ' ') + std::string{title} + padding(title, columns.value);
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return coloured(Colour::bold, line, colours) + "\n";
}

std::string audit_table(const api::Conflict& conflict, Instant now, bool colours) {
  Table audit{{{"WHEN"}, {"WHAT"}, {"WHO"}, {"DETAILS", false, 60}}};
  for (const api::AuditEntry& entry : conflict.audit_log) {
    audit.add({ago(entry.timestamp, now), entry.action, or_dash(entry.user), entry.details.value_or("")});
  }
  return audit.take(colours);
}

}  // namespace

std::string label_of(const api::Conflict& conflict) {
  for (const auto* version : {&conflict.local_version, &conflict.hubspot_version}) {
    for (const std::string_view name : {"email", "name", "domain", "lastName", "firstName"}) {
      if (std::string value = version_value(*version, name); !value.empty()) {
        return value;
      }
    }
  }
  return conflict.entity_id;
}

Cell priority_cell(std::int64_t priority) {
  if (priority >= 2) {
    return {"high", Colour::red};
  }
  return priority == 1 ? Cell{"medium", Colour::yellow} : Cell{"normal"};
}

std::string version_value(const api::FieldList& version, std::string_view field) {
  const auto found = std::ranges::find(version, field, &api::Field::name);
  const std::string value = found == version.end() ? "" : found->value.value_or("");
  if (field == deleted && !value.empty()) {
    return value == "true" ? "deleted" : "alive";
  }
  return value;
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) {
    out += (out.empty() ? "" : ", ") + word;
  }
  return out;
}

std::string side_by_side(const api::Conflict& conflict, const View& view) {
  std::vector<Row> rows;
  for (const std::string& field : field_order(conflict)) {
    rows.push_back(
        {.name = terminal_safe(field),
         .values =
             {shown_value(conflict, conflict.local_version, field),
              shown_value(conflict, conflict.base_version, field),
              shown_value(conflict, conflict.hubspot_version, field)},
         .disputed = is_disputed(conflict, field)}
    );
  }
  const Columns columns = columns_for(rows, view.columns);
  std::string out = header(columns, view.colours);
  for (const Row& row : rows) {
    out += row_lines(row, columns, view.colours);
  }
  return out;
}

std::string conflict_report(const api::Conflict& conflict, Instant now, const View& view) {
  Details details;
  details.add("conflict", conflict.id);
  details.add("record", conflict.entity_type + " " + label_of(conflict));
  details.add("id", conflict.entity_id + ", in HubSpot " + or_dash(conflict.hubspot_id));
  details.add("detected", ago(conflict.detected_at, now));
  details.add("edited here", ago(conflict.local_timestamp, now));
  details.add("edited in HubSpot", ago(conflict.hubspot_timestamp, now));
  details.add("priority", priority_cell(conflict.priority));
  details.add("resolution", {conflict.resolution_type, colour_of_state(conflict.resolution_type)});
  if (conflict.resolved_at) {
    details.add("resolved", ago(conflict.resolved_at, now) + " by " + or_dash(conflict.resolved_by));
  }
  std::string out = details.take(view.colours) + "\n" + side_by_side(conflict, view);
  if (!conflict.hubspot_changes.empty()) {
    Table changes{{{"IN HUBSPOT"}, {"FIELD"}, {"VALUE", false, 30}, {"SOURCE"}, {"WHO"}}};
    for (const api::HubspotChange& change : conflict.hubspot_changes) {
      changes.add(
          {ago(change.timestamp, now),
           change.field,
           change.value.value_or("(empty)"),
           or_dash(change.source),
           or_dash(change.user)}
      );
    }
    out += "\n" + changes.take(view.colours);
  }
  if (!conflict.decisions.empty()) {
    Table decided{{{"DECIDED"}, {"KEPT", false, 30}, {"LOCAL WAS", false, 30}, {"HUBSPOT WAS", false, 30}}};
    for (const api::DecidedField& field : conflict.decisions) {
      decided.add({field.field, field.kept.value_or(""), field.local.value_or(""), field.hubspot.value_or("")}
      );
    }
    out += "\n" + decided.take(view.colours);
  }
  return conflict.audit_log.empty() ? out : out + "\n" + audit_table(conflict, now, view.colours);
}

}  // namespace hubsync::cli
