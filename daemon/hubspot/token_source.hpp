// Where the HubSpot access token comes from, and who has what OAuth gets one for. The transport asks for each
// request anew, so that a changed token works without a restart. Loop thread.
#pragma once

#include <string>
#include <string_view>

namespace hubsync {

class TokenSource {
 public:
  virtual ~TokenSource() = default;

  /// Appends the bare token, without "Bearer ", and keeps no copy; the caller wipes `header` after use.
  virtual void append_token(std::string& header) const = 0;
};

/// An app that is installed in a portal: what it shows to the token endpoint, and keeps of what that grants.
class OauthApp {
 public:
  virtual ~OauthApp() = default;

  /// Each appends the bare text and keeps no copy; the caller wipes `text` after use.
  virtual void append_client_id(std::string& text) const = 0;
  virtual void append_client_secret(std::string& text) const = 0;
  virtual void append_refresh_token(std::string& text) const = 0;

  /// From now on calls are made with this access token; `refresh_token` is empty when none came with it.
  virtual void keep(std::string_view access_token, std::string_view refresh_token) = 0;
};

}  // namespace hubsync
