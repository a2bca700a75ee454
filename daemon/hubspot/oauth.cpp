#include "daemon/hubspot/oauth.hpp"

#include <string.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "common/assert.hpp"
#include "daemon/hubspot/json_guard.hpp"
#include "daemon/hubspot/outcome.hpp"

namespace hubsync {
namespace {

using nlohmann::json;

/// Room for three secrets of the longest kind, each byte of them escaped: a buffer that grew would leave
/// copies behind.
constexpr std::size_t form_bytes = std::size_t{3} * 3 * 4096 + 256;
constexpr std::size_t value_bytes = 4096 + 1;
/// Of an answer that does not say: HubSpot's own since 2023.
constexpr std::int64_t usual_lifetime_seconds = 1'800;

/// A text of its own that is wiped at the end.
class WipedText {
 public:
  explicit WipedText(std::size_t capacity) { text.reserve(capacity); }
  explicit WipedText(std::string taken) : text(std::move(taken)) {}
  WipedText(const WipedText&) = delete;
  WipedText& operator=(const WipedText&) = delete;
  ~WipedText() { explicit_bzero(text.data(), text.size()); }

  std::string text;
};

using Append = void (OauthApp::*)(std::string&) const;

void append_field(std::string& form, std::string_view name, const OauthApp& app, Append append) {
  WipedText value{value_bytes};
  (app.*append)(value.text);
  form.append("&").append(name).append("=");
  append_percent_encoded(form, value.text);
}

/// Everything in the body: what stands in a URL ends up in logs.
std::string refresh_form(const OauthApp& app) {
  std::string form;
  form.reserve(form_bytes);
  form = "grant_type=refresh_token";
  append_field(form, "client_id", app, &OauthApp::append_client_id);
  append_field(form, "client_secret", app, &OauthApp::append_client_secret);
  append_field(form, "refresh_token", app, &OauthApp::append_refresh_token);
  return form;
}

/// Whether an answer repeats what must not be seen.
bool repeats_secret(std::string_view message, const OauthApp& app) {
  for (const Append append : {&OauthApp::append_client_secret, &OauthApp::append_refresh_token}) {
    WipedText secret{value_bytes};
    (app.*append)(secret.text);
    if (message.find(secret.text) != std::string_view::npos) {
      return true;
    }
  }
  return false;
}

std::string text_member(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

/// OAuth's words for what only a person can mend, with what that is.
struct FinalError {
  std::string_view error;
  std::string_view status;  ///< HubSpot's word for the same.
  std::string_view hint;
};

constexpr std::string_view new_token_hint =
    "install the HubSpot app again and put its new refresh token in the place of the old one";
constexpr std::string_view app_hint = "check hubspot.client_id and the client secret of the HubSpot app";
constexpr std::array<FinalError, 4> final_errors{{
    {"invalid_grant", "BAD_REFRESH_TOKEN", new_token_hint},
    {"invalid_client", "BAD_CLIENT_ID", app_hint},
    {"invalid_client", "BAD_CLIENT_SECRET", app_hint},
    {"unauthorized_client", "UNAUTHORIZED_CLIENT", app_hint},
}};

/// A refusal that names none of these may be some proxy's: it is tried again.
void set_refusal(CallFailure& failure, const HttpReply& reply) {
  failure.outcome = Outcome::unavailable;
  const auto body = parse_json(reply.body);
  if ((reply.status != 400 && reply.status != 401) || !body || !body->is_object()) {
    return;
  }
  const std::string error = text_member(*body, "error");
  const std::string status = text_member(*body, "status");
  for (const FinalError& known : final_errors) {
    if (status == known.status || (error == known.error && failure.outcome != Outcome::denied)) {
      failure.outcome = Outcome::denied;
      failure.category = status.empty() ? error : status;
      failure.hint = known.hint;
    }
  }
}

CallFailure token_failure(const HttpReply& reply, const OauthApp& app) {
  CallFailure failure = failure_of(reply, Effect::read);
  if (failure.outcome == Outcome::refused || failure.outcome == Outcome::denied) {
    set_refusal(failure, reply);
  }
  if (repeats_secret(failure.message, app)) {
    failure.message = "its message repeats a secret and is not shown";
  }
  failure.message = "no new access token: " + failure.message;
  return failure;
}

std::int64_t lifetime_seconds(const json& body) {
  const auto found = body.find("expires_in");
  const bool number = found != body.end() && found->is_number_integer();
  const std::int64_t seconds = number ? found->get<std::int64_t>() : usual_lifetime_seconds;
  return seconds > 0 && seconds <= 1'000'000 ? seconds : usual_lifetime_seconds;
}

/// The text of a member, wiped where it stood.
WipedText take_text(json& body, const char* name) {
  const auto found = body.find(name);
  if (found == body.end() || !found->is_string()) {
    return WipedText{0};
  }
  return WipedText{std::move(found->get_ref<std::string&>())};
}

bool is_secret_text(std::string_view text) {
  // Anything else could end the header that carries it.
  return !text.empty() && text.size() < value_bytes &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

Reply<Duration> read_grant(HttpReply& reply, OauthApp& app) {
  WipedText text{std::move(reply.body)};
  json body;
  if (guard_json(text.text) == JsonGuard::clean) {
    body = json::parse(text.text, nullptr, false);
  }
  if (!body.is_object()) {
    return std::unexpected(failure_of_shape(reply, Effect::read, "no new access token: it is no JSON object")
    );
  }
  const WipedText access = take_text(body, "access_token");
  const WipedText refresh = take_text(body, "refresh_token");
  if (!is_secret_text(access.text) || (!refresh.text.empty() && !is_secret_text(refresh.text))) {
    return std::unexpected(failure_of_shape(reply, Effect::read, "it has no access token"));
  }
  app.keep(access.text, refresh.text);
  return std::chrono::seconds{lifetime_seconds(body)};
}

}  // namespace

OauthClient::OauthClient(Transport& transport, const ApiPaths& paths, CurrentApp app)
    : transport_(transport), paths_(paths), app_(std::move(app)) {}

Task<Reply<Duration>> OauthClient::renew() {
  // Held: a reload may put another app in place before the answer comes.
  const std::shared_ptr<OauthApp> app = app_();
  ASSERT(app != nullptr);
  HttpRequest request{
      .method = "POST",
      .target = std::string(paths_.token),
      .body = refresh_form(*app),
      .content_type = "application/x-www-form-urlencoded",
      .call_class = CallClass::interactive,
      .grant = true
  };
  auto reply = co_await transport_.send(std::move(request));
  if (!reply) {
    CallFailure failure = failure_of(reply.error(), Effect::read);
    if (failure.outcome != Outcome::postponed) {
      failure.message = "no new access token: " + failure.message;
    }
    co_return std::unexpected(std::move(failure));
  }
  if (!is_success(reply->status)) {
    co_return std::unexpected(token_failure(*reply, *app));
  }
  co_return read_grant(*reply, *app);
}

}  // namespace hubsync
