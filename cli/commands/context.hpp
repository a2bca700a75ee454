// What every command is given. A command is an argument struct and a run function; it returns what the
// program exits with. CLI11 binds the struct in main.cpp and nowhere else.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "cli/client.hpp"
#include "cli/output/output.hpp"
#include "cli/output/terminal.hpp"
#include "common/api.hpp"
#include "common/time.hpp"

namespace hubsync::cli {

using api::ExitCode;

/// Time as a command sees it; a test moves it by hand.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual Instant now() const = 0;
  virtual void sleep(Duration duration) = 0;
};

struct Context {
  Client& client;
  Output& out;
  Clock& clock;
  Terminal& terminal;
};

/// How often a command that waits asks the daemon.
inline constexpr Duration poll_every{200};

/// Prints the error and returns its exit code.
ExitCode report(Output& out, const CallError& error);

/// A wrong use that the command line's parser could not see.
ExitCode report_usage(Output& out, std::string message, std::string hint = {}, std::string field = {});

/// Reads a --timeout; nothing given = no limit.
[[nodiscard]] std::expected<std::optional<Duration>, Error> parse_timeout(const std::string& text);

/// "--status" and the like of --fail-on that hold, out of what was asked for.
struct FailOn {
  std::vector<std::string> conditions;  ///< conflicts, failed, guard, stalled
  [[nodiscard]] bool wants(std::string_view condition) const;
};

/// What of `wanted` holds in this status, named: "2 open conflicts". Empty: nothing.
[[nodiscard]] std::vector<std::string> failing(const FailOn& wanted, const api::Status& status);

/// "1 record", "3 records".
[[nodiscard]] std::string counted(std::int64_t number, std::string_view noun);

/// A text from the daemon for a sentence of ours.
[[nodiscard]] std::string or_dash(const std::optional<std::string>& text);

/// "to HubSpot", "from HubSpot", "both ways", "-".
[[nodiscard]] std::string direction_words(const std::optional<std::string>& direction);

/// "page 2 of 7, 317 in all", or nothing when everything is on this page.
[[nodiscard]] std::string page_note(std::int64_t page, std::int64_t limit, std::int64_t total);

}  // namespace hubsync::cli
