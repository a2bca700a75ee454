// How commands print what the daemon answered: one page of a list, or one thing. In three forms: the daemon's
// JSON as it came, ids only with --quiet, else for people.
#pragma once

#include <string>

#include "cli/commands/context.hpp"
#include "cli/output/table.hpp"
#include "common/text.hpp"

namespace hubsync::cli {

/// `id_of(item)` is what --quiet prints of an item; `add_row(table, item)` tells people about it.
template <class T, class IdOf, class AddRow>
ExitCode print_page(
    const Reply<api::Page<T>>& answer, Table table, Context& context, IdOf id_of, AddRow add_row
) {
  if (!answer) {
    return report(context.out, answer.error());
  }
  if (context.out.json()) {
    context.out.json_line(answer->json);
    return ExitCode::done;
  }
  const api::Page<T>& page = answer->value;
  for (const T& item : page.items) {
    if (context.out.quiet()) {
      context.out.line(terminal_safe(id_of(item)));
    } else {
      add_row(table, item);
    }
  }
  if (context.out.quiet()) {
    return ExitCode::done;
  }
  context.out.text(table.take(context.out.colours(), context.out.room()));
  if (const std::string note = page_note(page.page, page.limit, page.total); !note.empty()) {
    context.out.note(note);
  }
  return ExitCode::done;
}

/// `text_of(thing)` is what people are told about it.
template <class T, class TextOf>
ExitCode print_one(const Reply<T>& answer, Context& context, TextOf text_of) {
  if (!answer) {
    return report(context.out, answer.error());
  }
  if (context.out.json()) {
    context.out.json_line(answer->json);
  } else if (context.out.quiet()) {
    context.out.line(terminal_safe(answer->value.id));
  } else {
    context.out.text(text_of(answer->value));
  }
  return ExitCode::done;
}

}  // namespace hubsync::cli
