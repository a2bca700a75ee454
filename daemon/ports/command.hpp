// A command that its sender can repeat: what is kept of it, so that a repetition gets the same answer and has
// no second effect (I20). Plain data; any thread.
#pragma once

#include <string>
#include <vector>

namespace hubsync {

/// Digests, since both may hold personal data: of who asks and the key they gave, and of the request under
/// that key.
struct Command {
  std::vector<unsigned char> key;
  std::vector<unsigned char> request;
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
