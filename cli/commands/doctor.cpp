#include "cli/commands/doctor.hpp"

#include "cli/output/style.hpp"
#include "cli/output/table.hpp"
#include "common/text.hpp"

namespace hubsync::cli {
namespace {

struct Verdict {
  std::string word;
  Colour colour;
};

Verdict verdict_of(const std::string& status) {
  if (status == "ok") {
    return {"OK  ", Colour::green};
  }
  if (status == "warn") {
    return {"WARN", Colour::yellow};
  }
  return status == "fail" ? Verdict{"FAIL", Colour::red} : Verdict{"not checked", Colour::dim};
}

std::string padded(const std::string& text, std::size_t width) {
  const std::size_t taken = display_width(text);
  return text + std::string(taken < width ? width - taken : 0, ' ');
}

std::string check_line(const api::Check& check, std::size_t width, const Output& out) {
  const Verdict verdict = verdict_of(check.status);
  const std::size_t indent = 11 + 2 + width + 2;
  const auto below = [&](const std::string& text, std::size_t more) {
    return out.room() > 0 ? filled(text, out.room(), indent + more, indent) : text + "\n";
  };
  std::string line = coloured(verdict.colour, padded(verdict.word, 11), out.colours()) + "  " +
                     padded(terminal_safe(check.name), width) + "  " + below(terminal_safe(check.message), 0);
  if (check.fix) {
    line += std::string(indent, ' ') + below("→ " + terminal_safe(*check.fix), 2);
  }
  return line;
}

}  // namespace

ExitCode run_doctor(Context& context) {
  const auto answer = context.client.diagnosis();
  if (!answer) {
    return report(context.out, answer.error());
  }
  const api::Diagnosis& diagnosis = answer->value;
  if (context.out.json()) {
    context.out.json_line(answer->json);
  } else {
    std::size_t width = 0;
    for (const api::Check& check : diagnosis.checks) {
      width = std::max(width, display_width(terminal_safe(check.name)));
    }
    for (const api::Check& check : diagnosis.checks) {
      if (!context.out.quiet() || check.status == "fail") {
        context.out.text(check_line(check, width, context.out));
      }
    }
  }
  if (diagnosis.result != "fail") {
    return ExitCode::done;
  }
  return diagnosis.refused ? ExitCode::refused : ExitCode::failed;
}

}  // namespace hubsync::cli
