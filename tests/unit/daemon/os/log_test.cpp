#include "daemon/os/log.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include <doctest/doctest.h>

#include "daemon/os/file.hpp"
#include "tests/unit/daemon/os/temp_dir.hpp"

using namespace hubsync;
using hubsync::test::TempDir;

namespace {

const Instant moment = instant_from_ms(1'795'482'123'456);

std::string encode(LogFormat format, std::string_view message, const std::vector<LogField>& fields = {}) {
  return encode_log_line(format, LogLevel::warn, moment, message, fields);
}

struct Pipe {
  Pipe() {
    std::array<int, 2> ends{};
    REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
    out = FileDescriptor{ends[0]};
    in = FileDescriptor{ends[1]};
  }

  /// Everything that is in the pipe now.
  std::string drain() const {
    ::fcntl(out.get(), F_SETFL, O_NONBLOCK);
    std::string text;
    std::array<char, 65536> chunk{};
    for (ssize_t n = 0; (n = ::read(out.get(), chunk.data(), chunk.size())) > 0;) {
      text.append(chunk.data(), static_cast<std::size_t>(n));
    }
    return text;
  }

  FileDescriptor out;
  FileDescriptor in;
};

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a text line has the time, the level, the message and quoted fields") {
  CHECK(
      encode(LogFormat::text, "sync finished", {{"run", "7"}, {"why", "asked for"}, {"none", ""}}) ==
      "2026-11-24T01:02:03.456Z warn  sync finished run=7 why=\"asked for\" none=\"\"\n"
  );
}

TEST_CASE("a JSON line is one object") {
  CHECK(
      encode(LogFormat::json, "say \"hi\"", {{"path", "C:\\x"}}) ==
      R"({"time":"2026-11-24T01:02:03.456Z","level":"warn","message":"say \"hi\"","path":"C:\\x"})"
      "\n"
  );
}

TEST_CASE("a journal entry has one field a line, prefixed so that it can claim to be nothing else") {
  CHECK(
      encode(LogFormat::journald, "sync finished", {{"runId", "7"}}) ==
      "MESSAGE=sync finished runId=7\nPRIORITY=4\nSYSLOG_IDENTIFIER=hubsyncd\nHUBSYNC_RUNID=7\n"
  );
  CHECK(
      encode(LogFormat::journald, "x\nPRIORITY=0", {{"a", "1\nMESSAGE=y"}}) ==
      "MESSAGE=x\\nPRIORITY=0 a=\"1\\nMESSAGE=y\"\nPRIORITY=4\nSYSLOG_IDENTIFIER=hubsyncd\n"
      "HUBSYNC_A=1\\nMESSAGE=y\n"
  );
}

TEST_CASE("an event that an operator acts on has its message id in the journal, and there only") {
  CHECK(
      encode(LogFormat::journald, "no space", {{"event", "store.failed"}}) ==
      "MESSAGE=no space\nPRIORITY=4\nSYSLOG_IDENTIFIER=hubsyncd\n"
      "MESSAGE_ID=46bc314033eb464fb313e6ab5f3d97d8\nHUBSYNC_EVENT=store.failed\n"
  );
  CHECK_FALSE(has(encode(LogFormat::journald, "x", {{"event", "clock.unfollowed"}}), "MESSAGE_ID"));
  CHECK_FALSE(has(encode(LogFormat::json, "x", {{"event", "store.failed"}}), "46bc314033eb"));
}

TEST_CASE("nothing in a message can end the line, drive a terminal, or hide text") {
  const std::string evil =
      "a\r\nb\tc\x1b[31m\x7f\xc2\x9b"
      "d\xe2\x80\xae\xe2\x80\xa8\xff\xc3(\xed\xa0\x80 ok é 😀";
  for (const LogFormat format : {LogFormat::text, LogFormat::json}) {
    const std::string line = encode(format, evil, {{"k", evil}});
    CAPTURE(line);
    CHECK(line.find('\n') == line.size() - 1);
    for (const char* hidden :
         {"\r", "\t", "\x1b", "\x7f", "\xc2\x9b", "\xe2\x80\xae", "\xe2\x80\xa8", "\xff", "\xed\xa0"}) {
      CHECK_FALSE(has(line, hidden));
    }
    CHECK(has(line, "a\\r\\nb\\tc\\u001b[31m\\u007f\\u009bd\\u202e\\u2028\\ufffd\\ufffd("));
    CHECK(has(line, "ok é 😀"));
  }
}

TEST_CASE("no line is longer than the limit, and a cut one says so") {
  const std::string huge(100'000, 'x');
  const std::string controls(100'000, '\x01');
  for (const LogFormat format : {LogFormat::text, LogFormat::json, LogFormat::journald}) {
    for (const std::string& filler : {huge, controls}) {
      const std::string line =
          encode(format, filler, {{"a", filler}, {"b", filler}, {"c", filler}, {"d", filler}, {"e", "end"}});
      CHECK(line.size() <= max_log_line);
      CHECK(line.size() > max_log_line / 2);
      CHECK(line.ends_with(format == LogFormat::json ? "}\n" : "\n"));
      CHECK(has(line, "…"));
      CHECK((has(line, "truncated") || has(line, "TRUNCATED")));
    }
  }
}

TEST_CASE("only lines of the level and above are written, and the level can change") {
  const Pipe pipe;
  Log log{{.level = LogLevel::info, .fd = pipe.in.get()}};
  log.log(LogLevel::debug, "one");
  log.log(LogLevel::info, "two");
  CHECK_FALSE(log.enabled(LogLevel::debug));
  log.set_level(LogLevel::debug);
  log.log(LogLevel::debug, "three", {{"n", "3"}});
  const std::string text = pipe.drain();
  CHECK_FALSE(has(text, "one"));
  CHECK(has(text, "info  two\n"));
  CHECK(has(text, "debug three n=3\n"));
}

TEST_CASE("secrets never reach the log, wherever they stand") {
  const Pipe pipe;
  Log log{{.fd = pipe.in.get()}};
  log.hide(Secret{"canary-webhook-secret"});
  log.log(
      LogLevel::error, "bad canary-webhook-secret", {{"header", "Bearer canary"}, {"x", "pat-na1-canary-42"}}
  );
  const std::string text = pipe.drain();
  CHECK(has(text, "bad [redacted]"));
  CHECK_FALSE(has(text, "canary"));
}

TEST_CASE("a reader that does not read costs lines, not the daemon, and is told how many") {
  const Pipe pipe;
  Log log{{.fd = pipe.in.get()}};
  const std::string filler(1000, 'x');
  for (int i = 0; i < 100; ++i) {
    log.log(LogLevel::info, filler);
  }
  const std::uint64_t dropped = log.dropped();
  CHECK(dropped > 0);
  // Every line is either in the pipe, whole, or counted.
  const std::string written = pipe.drain();
  CHECK(static_cast<std::uint64_t>(std::ranges::count(written, '\n')) == 100 - dropped);
  CHECK(written.ends_with("\n"));
  log.log(LogLevel::info, "back again");
  const std::string text = pipe.drain();
  CHECK(has(text, "log lines were dropped event=log.dropped count=" + std::to_string(dropped) + "\n"));
  CHECK(has(text, "back again\n"));
}

TEST_CASE("a flood of lines is capped") {
  const Pipe pipe;
  Log log{{.fd = pipe.in.get(), .max_lines_per_second = 5}};
  for (int i = 0; i < 100; ++i) {
    log.log(LogLevel::info, "flood");
  }
  CHECK(log.dropped() >= 85);
  CHECK(has(pipe.drain(), "flood"));
}

TEST_CASE("the journal gets one datagram a line, and a missing journal costs lines only") {
  const TempDir directory;
  const std::string path = directory.path("journal");
  Log log{{.format = LogFormat::journald, .journal_socket = path}};
  log.log(LogLevel::info, "lost");
  CHECK(log.dropped() == 1);

  const FileDescriptor journal{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  REQUIRE(::bind(journal.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
  log.log(LogLevel::error, "kept", {{"run", "7"}});

  const auto receive = [&] {
    std::array<char, 16384> buffer{};
    const ssize_t size = ::recv(journal.get(), buffer.data(), buffer.size(), 0);
    return std::string{buffer.data(), static_cast<std::size_t>(size > 0 ? size : 0)};
  };
  CHECK(has(receive(), "MESSAGE=log lines were dropped count=1\n"));
  CHECK(receive() == "MESSAGE=kept run=7\nPRIORITY=3\nSYSLOG_IDENTIFIER=hubsyncd\nHUBSYNC_RUN=7\n");
}

TEST_CASE("the journal's stream is recognised by device and inode") {
  struct stat status{};
  REQUIRE(::fstat(STDERR_FILENO, &status) == 0);
  CHECK(stderr_is_journal(std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino)));
  CHECK_FALSE(stderr_is_journal("1:1"));
  CHECK_FALSE(stderr_is_journal(""));
}
