// What the machine does to the daemon: its disk fills up or becomes read-only, its file descriptors run out,
// its clock is set.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <sstream>

#include <doctest/doctest.h>

#include "tests/process/rig.hpp"

using namespace hubsync::rig;
using hubsync::Duration;

namespace {

/// UBSan looks at memory through a pipe before it believes a vptr: without descriptors it finds fault with
/// any.
#if __has_feature(address_sanitizer) || __has_feature(undefined_behavior_sanitizer)
constexpr bool needs_descriptors = true;
#else
constexpr bool needs_descriptors = false;
#endif

RigOptions polling_portal() {
  return {
      .sim = {"--contacts", "30", "--companies", "5"},
      .settings = {{"sync", {{"poll_interval", "\"500ms\""}, {"full_interval", "\"0\""}}}}
  };
}

/// A limit of a running process, until it goes out of scope.
class Limit {
 public:
  Limit(const Process& process, __rlimit_resource resource, rlim_t value)
      : pid_(process.pid()), resource_(resource) {
    REQUIRE(::prlimit(pid_, resource_, nullptr, &before_) == 0);
    const rlimit limit{value, before_.rlim_max};
    REQUIRE(::prlimit(pid_, resource_, &limit, nullptr) == 0);
  }
  Limit(const Limit&) = delete;
  Limit& operator=(const Limit&) = delete;
  ~Limit() { ::prlimit(pid_, resource_, &before_, nullptr); }

 private:
  pid_t pid_;
  __rlimit_resource resource_;
  rlimit before_{};
};

/// The mark for preload/read_only.cpp, until it goes out of scope.
class ReadOnly {
 public:
  explicit ReadOnly(std::string mark) : mark_(std::move(mark)) { write_file(mark_, ""); }
  ReadOnly(const ReadOnly&) = delete;
  ReadOnly& operator=(const ReadOnly&) = delete;
  ~ReadOnly() { std::filesystem::remove(mark_); }

 private:
  std::string mark_;
};

std::size_t open_files(const Process& process) {
  const std::filesystem::path files = "/proc/" + std::to_string(process.pid()) + "/fd";
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator{files}, {}));
}

/// Processor time used so far, in ticks of the kernel.
long used_ticks(const Process& process) {
  const std::string stat = read_file("/proc/" + std::to_string(process.pid()) + "/stat");
  std::istringstream rest{stat.substr(stat.rfind(')') + 2)};
  std::string skipped;
  for (int i = 0; i < 11; ++i) {
    rest >> skipped;
  }
  long user = 0;
  long system = 0;
  rest >> user >> system;
  return user + system;
}

/// Connections to the control socket that ask for nothing.
class Loiterers {
 public:
  Loiterers(const std::string& path, int count) {
    sockaddr_un name{.sun_family = AF_UNIX, .sun_path = {}};
    std::memcpy(name.sun_path, path.c_str(), path.size() + 1);
    for (int i = 0; i < count; ++i) {
      const int handle = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
      if (::connect(handle, reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0) {
        handles_.push_back(handle);
      } else {
        ::close(handle);
      }
    }
  }
  Loiterers(const Loiterers&) = delete;
  Loiterers& operator=(const Loiterers&) = delete;
  ~Loiterers() {
    for (const int handle : handles_) {
      ::close(handle);
    }
  }

 private:
  std::vector<int> handles_;
};

/// The wall clock of a daemon, as preload/clock.cpp reads it.
class WrongClock {
 public:
  explicit WrongClock(const std::string& path) : path_(path) {
    file_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    REQUIRE(file_ >= 0);
    set(std::chrono::hours{0});
  }
  WrongClock(const WrongClock&) = delete;
  WrongClock& operator=(const WrongClock&) = delete;
  ~WrongClock() { ::close(file_); }

  void set(std::chrono::hours error) {
    const std::int64_t ns = std::chrono::nanoseconds{error}.count();
    REQUIRE(::pwrite(file_, &ns, sizeof ns, 0) == sizeof ns);
  }

  [[nodiscard]] Environment environment() const {
    return {{"LD_PRELOAD", program("libclock_shim.so")}, {"HUBSYNC_TEST_CLOCK", path_}};
  }

 private:
  std::string path_;
  int file_ = -1;
};

std::string phone_of(Rig& rig, const std::string& id) {
  const Json phone = rig.get("/api/contacts/" + id).at("phone");
  return phone.is_null() ? "" : phone.get<std::string>();
}

/// Both directions work: an edit in HubSpot arrives by a poll, one made here is sent.
void check_both_ways(Rig& rig, const Json& record, const std::string& number) {
  const std::string id = record.at("id");
  const std::string hubspot = record.at("hubspotId");
  rig.sim().admin(
      "PATCH", "/_sim/objects/contacts/" + hubspot, {{"properties", {{"phone", "+1 " + number}}}}
  );
  CHECK(rig.daemon().wait_until([&] { return phone_of(rig, id) == "+1 " + number; }));
  CHECK(rig.cli({"contacts", "update", id, "phone=+2 " + number}).code == 0);
  CHECK(rig.daemon().wait_until([&] {
    return rig.sim().value("contacts", hubspot, "phone") == "+2 " + number;
  }));
}

/// While nothing can be written, nothing is promised and nothing is sent; afterwards all goes on by itself.
/// `fault` makes what holds the database as long as it is there.
template <class Fault>
void check_without_writing(Rig& rig, Fault fault) {
  rig.full_sync();
  const auto records = rig.local("contacts");
  const std::string id = records.front().at("id");
  const std::string before = phone_of(rig, id);
  const std::string edited_there = records.back().at("hubspotId");
  {
    const auto held = fault();
    const Finished refused = rig.cli({"contacts", "update", id, "phone=+49 30 1"});
    CHECK(refused.code != 0);
    CHECK_MESSAGE(refused.err.find("disk") != std::string::npos, refused.err);
    CHECK(phone_of(rig, id) == before);
    rig.sim().admin("PATCH", "/_sim/objects/contacts/" + edited_there, {{"properties", {{"phone", "+1 7"}}}});
    const auto degraded = [&] { return rig.get("/api/sync/status").at("state") == "degraded"; };
    CHECK(rig.daemon().wait_until(degraded));
    const Finished status = rig.cli({"status"});
    CHECK(status.code == 0);
    CHECK_MESSAGE(status.out.find("database") != std::string::npos, status.out);
    CHECK(rig.sim().value("contacts", records.front().at("hubspotId"), "phone") == before);
  }
  CHECK(rig.daemon().wait_until([&] { return phone_of(rig, records.back().at("id")) == "+1 7"; }));
  check_both_ways(rig, records.front(), "8");
  rig.settle();
  CHECK(joined(rig.differences()) == "");
  CHECK(rig.cli({"db", "check"}).code == 0);
}

std::string line_of(const Json& diagnosis, const std::string& check) {
  for (const Json& line : diagnosis.at("checks")) {
    if (line.at("name") == check) {
      return line.at("status");
    }
  }
  return "(no such line)";
}

}  // namespace

TEST_CASE("on a full disk nothing is promised, sent or lost, and all goes on by itself once there is room") {
  Rig rig{polling_portal()};
  rig.start();
  check_without_writing(rig, [&rig] { return Limit{rig.daemon(), RLIMIT_FSIZE, 1}; });
}

TEST_CASE("on a file system that became read-only nothing is sent, and all goes on once it can be written") {
  Rig rig{polling_portal()};
  const std::string mark = rig.directory() / "read-only";
  rig.start({{"LD_PRELOAD", program("libread_only_shim.so")}, {"HUBSYNC_TEST_READ_ONLY", mark}});
  check_without_writing(rig, [&mark] { return ReadOnly{mark}; });
}

TEST_CASE(
    "without file descriptors the daemon waits for some, does not spin, and goes on" *
    doctest::skip(needs_descriptors)
) {
  Rig rig{polling_portal()};
  rig.start();
  rig.full_sync();
  const auto records = rig.local("contacts");
  {
    const Limit few{rig.daemon(), RLIMIT_NOFILE, open_files(rig.daemon()) + 4};
    const Loiterers loiterers{rig.socket(), 40};
    CHECK(rig.daemon().wait_until([&] { return open_files(rig.daemon()) >= 4; }));
    const long ticks = used_ticks(rig.daemon());
    CHECK_FALSE(rig.daemon().wait(Duration{1'000})
    );  // It still runs; meanwhile a spinning loop uses 100 ticks.
    CHECK(used_ticks(rig.daemon()) - ticks < 50);
  }
  check_both_ways(rig, records.front(), "9");
  rig.settle();
  CHECK(joined(rig.differences()) == "");
}

TEST_CASE("whoever sets the clock, changes go on arriving both ways, and doctor says that it is wrong") {
  Rig rig{polling_portal()};
  WrongClock clock{rig.directory() / "clock"};
  rig.start(clock.environment());
  rig.full_sync();
  const Json record = rig.local("contacts").front();
  check_both_ways(rig, record, "10");
  int number = 10;
  for (const int days : {400, -400, 0}) {
    CAPTURE(days);
    clock.set(std::chrono::hours{24 * days});
    check_both_ways(rig, record, std::to_string(++number));
    const Json diagnosis = Json::parse(rig.cli({"--json", "doctor"}).out);
    CHECK(line_of(diagnosis, "clock") == (days == 0 ? "ok" : "fail"));
  }
  rig.settle();
  CHECK(joined(rig.differences()) == "");
}
