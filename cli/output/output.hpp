// Where a command writes: results to stdout, notes and errors to stderr, each in the form that was asked for.
// One thread. Composes no commands' texts.
#pragma once

#include <cstddef>
#include <ostream>
#include <string>
#include <string_view>

#include "cli/output/style.hpp"
#include "common/result.hpp"

namespace hubsync::cli {

class Output {
 public:
  struct Options {
    bool json = false;
    bool quiet = false;
    bool colours = false;        ///< On stdout.
    bool error_colours = false;  ///< On stderr.
    bool progress = false;       ///< stderr is a terminal.
    bool terminal = false;       ///< stdout is one: what it gets is made to fit its columns.
    std::size_t columns = 80;
  };

  Output(std::ostream& out, std::ostream& err, Options options) : out_(out), err_(err), options_(options) {}

  [[nodiscard]] bool json() const { return options_.json; }
  [[nodiscard]] bool quiet() const { return options_.quiet; }
  [[nodiscard]] bool colours() const { return options_.colours; }
  /// Whether results are shown to a person, not kept.
  [[nodiscard]] bool terminal() const { return options_.terminal; }
  /// Whether progress is to be drawn.
  [[nodiscard]] bool progress() const { return options_.progress && !options_.quiet; }
  [[nodiscard]] std::size_t columns() const { return options_.columns; }
  /// What a line on stdout may take; 0 = anything, since nobody reads it on a screen.
  [[nodiscard]] std::size_t room() const { return options_.terminal ? options_.columns : 0; }

  /// Text for people that is safe already (Table, Details, own words).
  void text(std::string_view safe);
  void line(std::string_view safe);

  /// A sentence, in as many lines as it takes.
  void sentence(std::string_view safe);

  /// One JSON document on a line of its own. Nothing for an empty one.
  void json_line(std::string_view json);

  /// Lets what was written be read now; for streams.
  void flush() { out_.flush(); }

  /// A remark beside the result, on stderr; none with --quiet or --json.
  void note(std::string_view safe);

  /// Escape sequences and text for the progress display, on stderr.
  void draw(std::string_view text);

  /// The error: for people with its hint, or as the API's JSON.
  void error(const Error& error);

 private:
  std::ostream& out_;
  std::ostream& err_;
  Options options_;
};

}  // namespace hubsync::cli
