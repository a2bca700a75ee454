#include "daemon/os/log.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <optional>
#include <vector>

#include <climits>
#include <spdlog/logger.h>
#include <spdlog/sinks/sink.h>

#include "daemon/os/file.hpp"
#include "daemon/os/redact.hpp"

namespace hubsync {
namespace {

/// How long one line may wait for a slow reader before it is dropped.
constexpr int max_wait_ms = 200;

spdlog::level::level_enum to_spdlog(LogLevel level) {
  return static_cast<spdlog::level::level_enum>(static_cast<int>(level));
}
static_assert(static_cast<int>(LogLevel::error) == spdlog::level::err);

/// A sink that may lose a line, says so, and is only ever called under Log's mutex.
class LossySink : public spdlog::sinks::sink {
 public:
  void log(const spdlog::details::log_msg& message) final {
    lost_ = !write({message.payload.data(), message.payload.size()});
  }
  void flush() final {}
  void set_pattern(const std::string&) final {}
  void set_formatter(std::unique_ptr<spdlog::formatter>) final {}

  [[nodiscard]] bool lost() const { return lost_; }

 private:
  virtual bool write(std::string_view line) = 0;

  bool lost_ = false;
};

/// Writes in pieces that a pipe takes whole once poll says there is room, so that a full pipe never blocks.
class FdSink final : public LossySink {
 public:
  explicit FdSink(int fd) : fd_(fd) {
    struct stat status{};
    socket_ = ::fstat(fd, &status) == 0 && S_ISSOCK(status.st_mode);
  }

 private:
  bool write(std::string_view line) override {
    // The rest of a line that was cut off must not run into this one.
    if (mid_line_ && !put("\n")) {
      return false;
    }
    mid_line_ = false;
    std::size_t done = 0;
    while (done < line.size()) {
      const std::string_view piece = line.substr(done, PIPE_BUF);
      const std::size_t count = put(piece);
      if (count == 0) {
        mid_line_ = done > 0;
        return false;
      }
      done += count;
    }
    stalled_ = false;
    return true;
  }

  std::size_t put(std::string_view piece) {
    pollfd ready{.fd = fd_, .events = POLLOUT, .revents = 0};
    // After one full wait the reader is taken for stuck, and the next lines only look.
    const int polled = ::poll(&ready, 1, stalled_ ? 0 : max_wait_ms);
    if (polled < 0 && errno == EINTR) {
      return put(piece);
    }
    if (polled != 1 || (ready.revents & POLLOUT) == 0) {
      stalled_ = true;
      return 0;
    }
    const ssize_t count = socket_ ? ::send(fd_, piece.data(), piece.size(), MSG_DONTWAIT | MSG_NOSIGNAL)
                                  : ::write(fd_, piece.data(), piece.size());
    return count > 0 ? static_cast<std::size_t>(count) : 0;
  }

  int fd_;
  bool socket_ = false;
  bool stalled_ = false;
  bool mid_line_ = false;
};

/// The journal's native protocol: one datagram of NAME=value lines. sd_journal_send() speaks the same, but
/// waits without limit when the journal does not read.
class JournalSink final : public LossySink {
 public:
  explicit JournalSink(const std::string& path)
      : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    address_.sun_family = AF_UNIX;
    path.copy(address_.sun_path, sizeof(address_.sun_path) - 1);
  }

 private:
  bool write(std::string_view line) override {
    // The address goes with each datagram, so that a restarted journal is found again.
    return ::sendto(
               socket_.get(),
               line.data(),
               line.size(),
               MSG_NOSIGNAL,
               reinterpret_cast<const sockaddr*>(&address_),
               sizeof(address_)
           ) >= 0;
  }

  FileDescriptor socket_;
  sockaddr_un address_{};
};

std::shared_ptr<LossySink> make_sink(const LogOptions& options) {
  if (options.format == LogFormat::journald) {
    return std::make_shared<JournalSink>(options.journal_socket);
  }
  return std::make_shared<FdSink>(options.fd);
}

}  // namespace

class Log::Impl {
 public:
  explicit Impl(const LogOptions& options)
      : options_(options), sink_(make_sink(options)), logger_("hubsyncd", sink_) {
    logger_.set_level(to_spdlog(options.level));
  }

  void log(LogLevel level, std::string_view message, std::span<const LogField> fields) {
    const std::scoped_lock lock{mutex_};
    if (over_the_rate()) {
      ++dropped_;
      return;
    }
    if (dropped_ > reported_) {
      const std::string count = std::to_string(dropped_ - reported_);
      const std::array fields_of_loss{LogField{"event", "log.dropped"}, LogField{"count", count}};
      if (send(LogLevel::warn, "log lines were dropped", fields_of_loss)) {
        reported_ = dropped_;
      }
    }
    std::vector<LogField> safe;
    for (const LogField& field : fields) {
      safe.push_back({field.key, redact(field.value, secrets_)});
    }
    if (!send(level, redact(message, secrets_), safe)) {
      ++dropped_;
    }
  }

  void hide(const Secret& secret) {
    const std::scoped_lock lock{mutex_};
    secrets_.push_back(secret);
  }

  void forget(const Secret& secret) {
    const std::scoped_lock lock{mutex_};
    const auto found = std::ranges::find(secrets_, secret.reveal(), &Secret::reveal);
    if (found != secrets_.end()) {
      secrets_.erase(found);
    }
  }

  [[nodiscard]] std::uint64_t dropped() const {
    const std::scoped_lock lock{mutex_};
    return dropped_;
  }

  void set_level(LogLevel level) { logger_.set_level(to_spdlog(level)); }
  [[nodiscard]] bool enabled(LogLevel level) const { return logger_.should_log(to_spdlog(level)); }

 private:
  bool send(LogLevel level, std::string_view message, std::span<const LogField> fields) {
    const Instant now = std::chrono::floor<Duration>(std::chrono::system_clock::now());
    logger_.log(
        to_spdlog(level), spdlog::string_view_t{encode_log_line(options_.format, level, now, message, fields)}
    );
    return !sink_->lost();
  }

  bool over_the_rate() {
    const auto now = std::chrono::steady_clock::now();
    if (now - window_start_ >= std::chrono::seconds{1}) {
      window_start_ = now;
      lines_in_window_ = 0;
    }
    return ++lines_in_window_ > options_.max_lines_per_second;
  }

  LogOptions options_;
  mutable std::mutex mutex_;
  std::shared_ptr<LossySink> sink_;
  spdlog::logger logger_;
  std::vector<Secret> secrets_;
  std::uint64_t dropped_ = 0;
  std::uint64_t reported_ = 0;
  std::chrono::steady_clock::time_point window_start_ = {};
  int lines_in_window_ = 0;
};

Log::Log(const LogOptions& options) : impl_(std::make_unique<Impl>(options)) {}
Log::~Log() = default;

void Log::log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
  log(level, message, std::span{fields.begin(), fields.size()});
}

void Log::log(LogLevel level, std::string_view message, std::span<const LogField> fields) {
  if (impl_->enabled(level)) {
    impl_->log(level, message, fields);
  }
}

void Log::hide(const Secret& secret) {
  impl_->hide(secret);
}
void Log::forget(const Secret& secret) {
  impl_->forget(secret);
}
void Log::set_level(LogLevel level) {
  impl_->set_level(level);
}
bool Log::enabled(LogLevel level) const {
  return impl_->enabled(level);
}
std::uint64_t Log::dropped() const {
  return impl_->dropped();
}

bool stderr_is_journal(std::string_view journal_stream) {
  struct stat status{};
  if (journal_stream.empty() || ::fstat(STDERR_FILENO, &status) != 0) {
    return false;
  }
  return journal_stream == std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino);
}

}  // namespace hubsync
