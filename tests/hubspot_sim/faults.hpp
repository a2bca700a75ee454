// Rules that make the simulated server misbehave for chosen requests: wrong answers, broken answers, delays,
// dropped connections before or after the request was applied. Single-threaded, seeded.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/time.hpp"
#include "tests/hubspot_sim/random.hpp"

namespace hubspot_sim {

/// What a matching request meets. Its name in JSON is the enumerator.
enum class FaultAction {
  answer,          ///< Not applied; `status` and `body` say what is answered.
  applied_answer,  ///< Applied, but answered as `answer`: a 502 after the work was done.
  delay,           ///< Applied and answered, `delay` later.
  drop_before,     ///< Connection closed, nothing applied.
  drop_after,      ///< Applied, then the connection is closed without an answer.
  cut_after,       ///< Applied, then half of the answer's body and the end of the connection.
  truncate,        ///< Applied, then a complete answer whose JSON ends in the middle.
};

/// The body of a made-up answer. Its name in JSON is the enumerator.
enum class FaultBody {
  json,             ///< HubSpot's error JSON with a fitting category.
  html,             ///< Cloudflare's HTML page.
  cloudflare_1015,  ///< "error code: 1015" as plain text.
  empty,            ///< No body.
  empty_json,       ///< "{}".
  invalid_json,     ///< JSON that does not parse, under a JSON content type.
  custom,           ///< `custom_body`.
};

struct FaultRule {
  std::int64_t id = 0;
  std::string method;       ///< Empty: any.
  std::string path_prefix;  ///< Empty: any.
  FaultAction action = FaultAction::answer;
  int status = 500;
  FaultBody body = FaultBody::json;
  std::string custom_body;
  std::string retry_after;  ///< A Retry-After header, when not empty.
  hubsync::Duration delay{};
  std::int64_t remaining = 1;  ///< Requests still to hit; −1 = without end.
  std::int64_t skip = 0;       ///< Matching requests that pass first.
  std::int64_t percent = 100;  ///< Chance that a matching request is hit.
  std::int64_t hits = 0;
};

class Faults {
 public:
  std::int64_t add(FaultRule rule);
  bool remove(std::int64_t id);
  void clear() { rules_.clear(); }
  [[nodiscard]] const std::vector<FaultRule>& rules() const { return rules_; }

  /// The rule that hits this request, counted as used.
  std::optional<FaultRule> take(std::string_view method, std::string_view path, Random& random);

 private:
  std::vector<FaultRule> rules_;
  std::int64_t next_id_ = 1;
};

[[nodiscard]] std::optional<FaultAction> fault_action_from(std::string_view name);
[[nodiscard]] std::string_view fault_action_name(FaultAction action);
[[nodiscard]] std::optional<FaultBody> fault_body_from(std::string_view name);

}  // namespace hubspot_sim
