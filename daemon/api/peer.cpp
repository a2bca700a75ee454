#include "daemon/api/peer.hpp"

#include <pwd.h>
#include <sys/types.h>

#include <array>

#include "daemon/api/call.hpp"

namespace hubsync::api {
namespace {

/// What the kernel shows for a user that a namespace hides: nobody's own id.
constexpr uid_t hidden_uid = 65'534;

}  // namespace

std::string user_of(const http::Peer& peer) {
  if (peer.kind == http::Peer::Kind::tcp || !peer.uid || *peer.uid == hidden_uid) {
    return actor_of(peer);
  }
  std::array<char, 16 * 1024> buffer{};
  passwd entry{};
  passwd* found = nullptr;
  const int failed = ::getpwuid_r(*peer.uid, &entry, buffer.data(), buffer.size(), &found);
  const bool named = failed == 0 && found != nullptr && entry.pw_name != nullptr && *entry.pw_name != '\0';
  return named ? entry.pw_name : actor_of(peer);
}

}  // namespace hubsync::api
