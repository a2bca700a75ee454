// The daemon's log: events of the parts become lines on standard error or datagrams to the journal.
// Any thread (one mutex). Never blocks for long: when the reader stalls, lines are dropped and counted.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "daemon/os/log_line.hpp"
#include "daemon/os/secrets.hpp"

namespace hubsync {

/// Where and how to log.
struct LogOptions {
  LogLevel level = LogLevel::info;
  LogFormat format = LogFormat::text;
  int fd = 2;  ///< For text and json; not closed.
  std::string journal_socket = "/run/systemd/journal/socket";
  int max_lines_per_second = 1000;  ///< Lines above this are dropped and counted.
};

class Log {
 public:
  explicit Log(const LogOptions& options);
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;
  ~Log();

  /// Writes one line: secrets and tokens replaced, control characters escaped, at most `max_log_line` bytes.
  void log(LogLevel level, std::string_view message, std::span<const LogField> fields);
  void log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields = {});

  /// From now on the exact text of this secret is replaced too.
  void hide(const Secret& secret);

  /// Ends what one hide() began: the secret has expired.
  void forget(const Secret& secret);

  /// A reload changed the level.
  void set_level(LogLevel level);

  /// Whether a line of this level would be written, to save composing it.
  [[nodiscard]] bool enabled(LogLevel level) const;

  /// Lines lost so far, to a stalled reader or the rate cap.
  [[nodiscard]] std::uint64_t dropped() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// Whether standard error is the journal's stream that JOURNAL_STREAM ("device:inode") names.
[[nodiscard]] bool stderr_is_journal(std::string_view journal_stream);

}  // namespace hubsync
