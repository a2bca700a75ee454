// One API call on its way through the simulator: the request taken apart, and the answers handlers build.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/hubspot_sim/api_error.hpp"
#include "tests/hubspot_sim/limits.hpp"
#include "tests/hubspot_sim/model.hpp"
#include "tests/hubspot_sim/portal.hpp"
#include "tests/hubspot_sim/text.hpp"

namespace hubspot_sim {

/// The API version in the path; bits, so that a route can name several.
enum class Version : std::uint8_t {
  v3 = 1,
  v4 = 2,
  march_2026 = 4,
  september_2026_beta = 8,
  september_2026 = 16
};

struct Call {
  Portal& portal;
  const Request& request;
  Version version = Version::v3;
  std::vector<TypeIndex> types;    ///< The {t} of the route.
  std::vector<std::string> names;  ///< The {n} of the route.
  Query query;
  nlohmann::json body;  ///< Null when there was none.

  [[nodiscard]] TypeIndex type() const { return types.front(); }
  [[nodiscard]] ObjectStore& store() const { return portal.store(types.front()); }
  /// The record id in the path, or 0 when it is no number.
  [[nodiscard]] std::int64_t id(std::size_t index = 0) const { return to_integer(names[index]).value_or(0); }

  [[nodiscard]] std::optional<std::string> param(std::string_view name) const;
  /// An array parameter: repeated, comma-joined, or both.
  [[nodiscard]] std::vector<std::string> list_param(std::string_view name) const;
  [[nodiscard]] bool flag(std::string_view name) const { return param(name) == "true"; }
  /// 2026-09 folds errors into its ordinary status; the other versions answer 207.
  [[nodiscard]] bool folds_errors() const { return version == Version::september_2026; }
  [[nodiscard]] bool dated() const {
    return static_cast<int>(version) >= static_cast<int>(Version::march_2026);
  }
};

[[nodiscard]] Response json_response(int status, std::string body);
[[nodiscard]] Response no_content();
[[nodiscard]] Response error_response(Call& call, const ApiError& error);

/// A string list in a JSON body; empty when absent or of another type.
[[nodiscard]] std::vector<std::string> string_list(const nlohmann::json& body, std::string_view name);
/// A string member of a JSON object (numbers as text); empty when absent.
[[nodiscard]] std::string string_member(const nlohmann::json& object, std::string_view name);
/// The `inputs` of a batch body; empty when absent or misspelt, as HubSpot takes it (§4.4).
[[nodiscard]] const nlohmann::json& inputs_of(const nlohmann::json& body);

/// Counts a successful create for the counters' creates_by_key.
void count_create(Portal& portal, TypeIndex type, const Record& record);

/// Builds the envelope of a batch answer.
class BatchAnswer {
 public:
  explicit BatchAnswer(Call& call);
  /// Where the next result is to be appended.
  std::string& next();
  void add_error(const ApiError& error);
  [[nodiscard]] bool has_errors() const { return !errors_.empty(); }
  /// `status` when all went well; results in a random order when `shuffled`.
  Response finish(int status, bool shuffled);

 private:
  Call& call_;
  std::vector<std::string> results_;
  std::vector<std::string> errors_;
};

}  // namespace hubspot_sim
