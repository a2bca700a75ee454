// A daemon that answers from a script, a clock that only moves when someone sleeps, and a terminal that is
// two strings.
#pragma once

#include <deque>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "cli/client.hpp"
#include "cli/commands/context.hpp"
#include "cli/output/output.hpp"
#include "common/api_codec.hpp"

namespace hubsync::cli {

inline const Instant test_now = *parse_instant("2026-11-24T12:00:00Z");

class FakeDaemon : public Transport {
 public:
  /// Answers come in the order they were given; the last one stays.
  void answer(const std::string& call, std::string body, int status = 200) {
    answers_[call].push_back({status, std::move(body)});
  }

  void refuse(const std::string& call, int status, const Error& error) {
    answer(call, api::encode_error(error), status);
  }

  void go_away(ExitCode exit) { gone_ = exit; }
  /// To the next requests: they are carried out, but nobody hears of it.
  void lose_answers(int count) { lost_ = count; }
  void come_back_after(int calls) { back_after_ = calls; }

  std::expected<HttpReply, CallError> send(const HttpRequest& request) override {
    requests.push_back(request);
    if (gone_ && (back_after_ < 0 || back_after_-- > 0)) {
      return std::unexpected(CallError{{ErrorCode::unavailable, "no daemon answers", "start it", ""}, *gone_}
      );
    }
    if (lost_ > 0) {
      --lost_;
      return std::unexpected(
          CallError{{ErrorCode::unavailable, "the connection broke"}, ExitCode::unreachable, true}
      );
    }
    const auto found = answers_.find(request.method + " " + request.target);
    if (found == answers_.end()) {
      return HttpReply{
          404, api::encode_error({ErrorCode::not_found, "no such path: " + request.target, "", ""})
      };
    }
    const HttpReply reply = found->second.front();
    if (found->second.size() > 1) {
      found->second.pop_front();
    }
    return reply;
  }

  /// Hands out `texts`, then goes away.
  std::expected<void, CallError> stream(
      const std::string& target, const std::function<bool(const std::string&)>& on_text
  ) override {
    streamed = target;
    for (const std::string& text : texts) {
      if (!on_text(text)) {
        return {};
      }
    }
    return std::unexpected(CallError{{ErrorCode::unavailable, "the daemon went away"}, ExitCode::unreachable});
  }

  std::vector<std::string> texts;
  std::string streamed;
  std::vector<HttpRequest> requests;

 private:
  std::map<std::string, std::deque<HttpReply>> answers_;
  std::optional<ExitCode> gone_;
  int back_after_ = -1;
  int lost_ = 0;
};

class FakeClock : public Clock {
 public:
  [[nodiscard]] Instant now() const override { return now_; }
  void sleep(Duration duration) override {
    now_ += duration;
    ++sleeps;
  }
  int sleeps = 0;

 private:
  Instant now_ = test_now;
};

/// A person who presses these keys, types these lines and edits like this.
class FakeTerminal : public Terminal {
 public:
  [[nodiscard]] bool interactive() const override { return present; }
  std::optional<char> key(std::string_view prompt, std::string_view allowed) override {
    prompts.emplace_back(prompt);
    while (!keys.empty()) {
      const char pressed = keys.front();
      keys.erase(0, 1);
      if (allowed.contains(pressed)) {
        return pressed;
      }
    }
    return std::nullopt;
  }
  std::optional<std::string> line(std::string_view prompt) override {
    prompts.emplace_back(prompt);
    if (lines.empty()) {
      return std::nullopt;
    }
    std::string text = lines.front();
    lines.pop_front();
    return text;
  }
  std::optional<std::string> edit(const std::string& text) override {
    shown = text;
    return edited;
  }

  bool present = true;
  std::string keys;
  std::deque<std::string> lines;
  std::optional<std::string> edited;
  std::string shown;  ///< What the editor was given.
  std::vector<std::string> prompts;
};

/// Everything a command needs; `out` and `err` hold what it printed.
struct Desk {
  explicit Desk(Output::Options options = {}) : output(out_stream, err_stream, options) {}

  [[nodiscard]] std::string out() const { return out_stream.str(); }
  [[nodiscard]] std::string err() const { return err_stream.str(); }

  FakeDaemon daemon;
  FakeClock clock;
  std::ostringstream out_stream;
  std::ostringstream err_stream;
  Output output;
  Client client{daemon};
  FakeTerminal terminal;
  Context context{client, output, clock, terminal};
};

inline const Output::Options as_json{.json = true};
inline const Output::Options quietly{.quiet = true};

inline api::Record contact(const std::string& id, const std::string& first, const std::string& email) {
  return {
      .type = "contacts",
      .id = id,
      .hubspot_id = "512",
      .fields = {{"email", email}, {"firstName", first}, {"lastName"}, {"phone", "+49"}, {"company"}},
      .custom_fields = {{"lifecycle", "lead"}},
      .sync_status = "synced",
      .sync_direction = "to_hubspot",
      .version = 3,
      .created_at = test_now - std::chrono::hours{2},
      .updated_at = test_now - std::chrono::minutes{5},
  };
}

inline api::Run a_run(const std::string& state) {
  api::Run run{.id = "r1", .kind = "full", .types = {"contacts"}, .state = state, .started_at = test_now};
  if (state != "running") {
    run.finished_at = test_now + Duration{12'000};
  }
  return run;
}

inline api::Status idle_status() {
  api::Status status{
      .state = "idle", .version = HUBSYNC_VERSION, .uptime_seconds = 3'720, .freshness = "current"
  };
  status.records["contacts"] = {.total = 1'234, .synced = 1'234};
  status.rate_limit = {100, 87, 0, 10'000, 1'204, 250'000};
  return status;
}

}  // namespace hubsync::cli
