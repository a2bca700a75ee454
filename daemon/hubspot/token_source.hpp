// Where the HubSpot access token comes from. The transport asks for each request anew, so that a changed
// token works without a restart. Loop thread.
#pragma once

#include <string>

namespace hubsync {

class TokenSource {
 public:
  virtual ~TokenSource() = default;

  /// Appends the bare token, without "Bearer ", and keeps no copy; the caller wipes `header` after use.
  virtual void append_token(std::string& header) const = 0;
};

}  // namespace hubsync
