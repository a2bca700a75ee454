#include "cli/output/output.hpp"

#include "cli/output/table.hpp"
#include "common/api_codec.hpp"
#include "common/text.hpp"

namespace hubsync::cli {

void Output::text(std::string_view safe) {
  out_ << safe << std::flush;
}

void Output::line(std::string_view safe) {
  out_ << safe << '\n' << std::flush;
}

void Output::sentence(std::string_view safe) {
  options_.terminal ? text(filled(safe, options_.columns)) : line(safe);
}

void Output::json_line(std::string_view json) {
  if (!json.empty()) {
    out_ << json_safe(json) << (json.ends_with('\n') ? "" : "\n") << std::flush;
  }
}

void Output::note(std::string_view safe) {
  if (!options_.quiet && !options_.json) {
    err_ << (options_.progress ? filled(safe, options_.columns) : std::string{safe} + "\n") << std::flush;
  }
}

void Output::draw(std::string_view text) {
  err_ << text << std::flush;
}

void Output::error(const Error& error) {
  if (options_.json) {
    err_ << api::encode_error(error) << '\n' << std::flush;
    return;
  }
  err_ << coloured(Colour::red, "hubsync: ", options_.error_colours) << terminal_safe(error.message);
  if (!error.field.empty()) {
    err_ << " (" << terminal_safe(error.field) << ")";
  }
  err_ << '\n';
  if (!error.hint.empty()) {
    const std::string hint = terminal_safe(error.hint);
    err_ << "  " << (options_.progress ? filled(hint, options_.columns, 2, 2) : hint + "\n");
  }
  err_ << std::flush;
}

}  // namespace hubsync::cli
