// The access token in use, replaced on reload. Loop thread.
#pragma once

#include <string>
#include <utility>

#include "daemon/hubspot/token_source.hpp"
#include "daemon/os/secrets.hpp"

namespace hubsync {

class AccessToken final : public TokenSource {
 public:
  explicit AccessToken(Secret secret) : secret_(std::move(secret)) {}

  void append_token(std::string& header) const override { header.append(secret_.reveal()); }
  void replace(Secret secret) { secret_ = std::move(secret); }
  [[nodiscard]] bool is(const Secret& other) const { return secret_.reveal() == other.reveal(); }

 private:
  Secret secret_;
};

}  // namespace hubsync
