#include "daemon/os/notify.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>

#include <doctest/doctest.h>

#include "daemon/os/file.hpp"
#include "tests/unit/daemon/os/temp_dir.hpp"

using namespace hubsync;
using hubsync::test::ScopedVariable;
using hubsync::test::TempDir;

namespace {

/// What a service manager hears.
class Manager {
 public:
  explicit Manager(const std::string& path)
      : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof(address.sun_path) - 1);
    REQUIRE(::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
  }

  std::string next() const {
    std::array<char, 4096> buffer{};
    const ssize_t size = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
    return {buffer.data(), static_cast<std::size_t>(size > 0 ? size : 0)};
  }

 private:
  FileDescriptor socket_;
};

}  // namespace

TEST_CASE("the service manager is told of each step, and a status cannot smuggle in another") {
  const TempDir directory;
  const Manager manager{directory.path("notify")};
  const ScopedVariable socket{"NOTIFY_SOCKET", directory.path("notify")};
  notify_ready();
  CHECK(manager.next() == "READY=1");
  notify_status("syncing\nREADY=1");
  CHECK(manager.next() == "STATUS=syncing READY=1");
  notify_reloading();
  CHECK(manager.next().starts_with("RELOADING=1\nMONOTONIC_USEC="));
  notify_watchdog();
  CHECK(manager.next() == "WATCHDOG=1");
  notify_stopping();
  CHECK(manager.next() == "STOPPING=1");
}

TEST_CASE("the watchdog is fed twice as often as it must be, and only when it watches this process") {
  CHECK_FALSE(watchdog_interval());
  const ScopedVariable interval{"WATCHDOG_USEC", "30000000"};
  {
    const ScopedVariable pid{"WATCHDOG_PID", std::to_string(::getpid())};
    CHECK(watchdog_interval() == std::chrono::seconds{15});
  }
  const ScopedVariable other{"WATCHDOG_PID", "1"};
  CHECK_FALSE(watchdog_interval());
}
