#include "cli/output/standard.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <string>

namespace hubsync::cli {
namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::size_t terminal_columns() {
  winsize size{};
  const bool known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20;
  return known ? size.ws_col : 80;
}

}  // namespace

Output standard_output(bool json, bool quiet, bool colours) {
  colours = colours && environment("NO_COLOR").empty() && environment("TERM") != "dumb";
  return {
      std::cout,
      std::cerr,
      {.json = json,
       .quiet = quiet,
       .colours = colours && ::isatty(STDOUT_FILENO) == 1,
       .error_colours = colours && ::isatty(STDERR_FILENO) == 1,
       .progress = ::isatty(STDERR_FILENO) == 1,
       .terminal = ::isatty(STDOUT_FILENO) == 1,
       .columns = terminal_columns()}
  };
}

}  // namespace hubsync::cli
