#include "daemon/os/inherited.hpp"

#include <cstdlib>
#include <system_error>

#include <systemd/sd-daemon.h>

namespace hubsync {

Result<std::map<std::string, int>> take_inherited_sockets() {
  std::map<std::string, int> sockets;
  char** names = nullptr;
  const int count = sd_listen_fds_with_names(1, &names);
  if (count < 0) {
    return fail(ErrorCode::invalid, "cannot take over sockets: " + std::generic_category().message(-count));
  }
  Result<void> taken{};
  for (int i = 0; i < count; ++i) {
    const std::string name = names[i];
    if (name != "control" && name != "webhooks") {
      taken = fail(
          ErrorCode::invalid,
          "the service manager passes a socket named \"" + name + "\"",
          "its unit needs FileDescriptorName=control or FileDescriptorName=webhooks"
      );
    } else if (!sockets.emplace(name, SD_LISTEN_FDS_START + i).second) {
      taken = fail(ErrorCode::invalid, "the service manager passes two sockets named \"" + name + "\"");
    }
    std::free(names[i]);
  }
  std::free(static_cast<void*>(names));
  if (!taken) {
    return std::unexpected(taken.error());
  }
  return sockets;
}

}  // namespace hubsync
