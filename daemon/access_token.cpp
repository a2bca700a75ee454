#include "daemon/access_token.hpp"

#include <optional>
#include <utility>

#include "daemon/os/secret_file.hpp"

namespace hubsync {
namespace {

bool same(const Secret& a, const Secret& b) {
  return a.reveal() == b.reveal();
}

}  // namespace

/// Held by a call for a token even when a reload has put another app in its place.
class AccessToken::App final : public OauthApp {
 public:
  App(const OauthSecrets& secrets, Log& log)
      : log_(log),
        client_id_(secrets.client_id),
        client_secret_(secrets.client_secret.secret),
        refresh_token_(secrets.refresh_token.secret),
        file_(secrets.refresh_token.file),
        source_(secrets.refresh_token.source) {
    log_.hide(client_secret_);
    log_.hide(refresh_token_);
  }

  void append_client_id(std::string& text) const override { text.append(client_id_); }
  void append_client_secret(std::string& text) const override { text.append(client_secret_.reveal()); }
  void append_refresh_token(std::string& text) const override { text.append(refresh_token_.reveal()); }

  void append_access_token(std::string& text) const {
    if (access_token_) {
      text.append(access_token_->reveal());
    }
  }

  void keep(std::string_view access_token, std::string_view refresh_token) override {
    const Secret access{access_token};
    log_.hide(access);
    if (access_token_) {
      log_.forget(*access_token_);
    }
    access_token_ = access;
    if (!refresh_token.empty() && refresh_token != refresh_token_.reveal()) {
      keep_refresh_token(Secret{refresh_token});
    }
  }

  /// Whether this is what is used now; a changed one that could not be saved counts as what it came from.
  [[nodiscard]] bool uses(const Secret& refresh_token) const { return same(refresh_token, refresh_token_); }
  [[nodiscard]] bool saved() const { return saved_; }

 private:
  void keep_refresh_token(Secret next) {
    log_.hide(next);
    const Result<void> written = file_.empty() ? fail(ErrorCode::unavailable, "it did not come from a file")
                                               : replace_secret(file_, refresh_token_, next);
    saved_ = written.has_value();
    if (saved_) {
      log_.log(LogLevel::info, "HubSpot has changed the refresh token; the new one is in " + file_);
    } else {
      log_.log(
          LogLevel::warn,
          "HubSpot has changed the refresh token, and the new one cannot be saved (" + source_ +
              "): " + written.error().message +
              ". It is lost when hubsyncd ends: let hubspot.refresh_token_file name a file that hubsyncd may "
              "replace, and install the app again",
          {{"event", "token.unsaved"}}
      );
    }
    refresh_token_ = std::move(next);
  }

  Log& log_;
  std::string client_id_;
  Secret client_secret_;
  Secret refresh_token_;
  std::optional<Secret> access_token_;
  std::string file_;
  std::string source_;
  bool saved_ = true;
};

AccessToken::AccessToken(Credential credential, Log& log) : log_(log), used_(begin(std::move(credential))) {}

AccessToken::~AccessToken() = default;

void AccessToken::append_token(std::string& header) const {
  if (used_.app) {
    used_.app->append_access_token(header);
  } else {
    header.append(std::get<LoadedSecret>(used_.credential).secret.reveal());
  }
}

AccessToken::Used AccessToken::replace(Credential credential) {
  return std::exchange(used_, begin(std::move(credential)));
}

AccessToken::Used AccessToken::begin(Credential credential) const {
  std::shared_ptr<App> app;
  if (const auto* const secrets = std::get_if<OauthSecrets>(&credential)) {
    app = std::make_shared<App>(*secrets, log_);
  } else {
    log_.hide(std::get<LoadedSecret>(credential).secret);
  }
  return {std::move(credential), std::move(app)};
}

void AccessToken::put_back(Used used) {
  used_ = std::move(used);
}

bool AccessToken::is(const Credential& other) const {
  if (used_.credential.index() != other.index()) {
    return false;
  }
  if (const auto* const token = std::get_if<LoadedSecret>(&other)) {
    return same(token->secret, std::get<LoadedSecret>(used_.credential).secret);
  }
  const auto& mine = std::get<OauthSecrets>(used_.credential);
  const auto& theirs = std::get<OauthSecrets>(other);
  return mine.client_id == theirs.client_id && same(mine.client_secret.secret, theirs.client_secret.secret) &&
         (same(mine.refresh_token.secret, theirs.refresh_token.secret) ||
          used_.app->uses(theirs.refresh_token.secret));
}

std::shared_ptr<OauthApp> AccessToken::app() const {
  return used_.app;
}

std::string AccessToken::description() const {
  if (const auto* const token = std::get_if<LoadedSecret>(&used_.credential)) {
    return "static, " + token->source;
  }
  const auto& oauth = std::get<OauthSecrets>(used_.credential);
  return "OAuth, refresh token from " + oauth.refresh_token.source +
         (used_.app->saved() ? "" : ", which HubSpot has changed since: the new one is not saved");
}

}  // namespace hubsync
