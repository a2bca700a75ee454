// A command that its sender can repeat: what is kept of it, so that a repetition gets the same answer and has
// no second effect (I20). Plain data; any thread.
#pragma once

#include <string>

namespace hubsync {

/// All three may hold personal data: the store keeps digests of them, and only those.
struct Command {
  std::string key;      ///< As its sender gave it.
  std::string sender;   ///< Two senders never share a key.
  std::string request;  ///< All of it that matters for the effect.
};

/// What was answered.
struct CommandAnswer {
  int status = 0;
  std::string location = {};  ///< Header fields; "" for none.
  std::string etag = {};
  std::string body = {};
};

struct KnownCommand {
  bool same_request = true;  ///< Else the key was given to another request.
  CommandAnswer answer = {};
};

}  // namespace hubsync
