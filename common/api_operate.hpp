// The operator's part of the control API as data: database, verify, saved plans, doctor, setup; see api.hpp.
// Plain data; any thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/api.hpp"

namespace hubsync::api {

namespace path {
inline constexpr std::string_view db_backup = "/api/db/backup";
inline constexpr std::string_view db_check = "/api/db/check";
inline constexpr std::string_view verify = "/api/verify";
inline constexpr std::string_view apply = "/api/sync/apply";
inline constexpr std::string_view doctor = "/api/doctor";
inline constexpr std::string_view setup = "/api/setup";
}  // namespace path

struct BackupRequest {
  std::string path = {};  ///< Absolute, as the daemon sees it.
  bool force = false;     ///< Replace an older backup of this name.
};

struct BackupDone {
  std::string path = {};
  std::int64_t bytes = 0;
  std::int64_t duration_ms = 0;
};

struct DbCheck {
  bool ok = false;
  std::vector<std::string> problems = {};                      ///< What is damaged, at most 100 of it.
  std::map<std::string, std::int64_t, std::less<>> rows = {};  ///< By table.
  std::int64_t bytes = 0;
};

/// One thing on which the two sides are not the same.
struct Difference {
  std::string type = {};
  std::optional<std::string> id = {};  ///< None when HubSpot's record is not known here.
  std::optional<std::string> hubspot_id = {};
  std::string kind = {};  ///< missing-local | missing-hubspot | differs | conflict-open | unreadable
  std::optional<std::string> field = {};
  std::optional<std::string> local = {};
  std::optional<std::string> hubspot = {};
  std::optional<std::string> sync_status = {};  ///< Of the local record: what is pending is on its way.
};

/// A part of the comparison; ask again with `after = next`.
struct VerifyPart {
  std::vector<Difference> items = {};
  std::int64_t compared = 0;  ///< Records of this part.
  std::optional<std::string> next = {};
};

/// A plan as `sync --dry-run -o FILE` saves it.
struct SavedPlan {
  std::int64_t hubsync_plan = 1;  ///< Version of the format.
  std::string portal = {};
  std::string run_id = {};
  std::vector<std::string> types = {};
  Instant created_at{};
  std::vector<PlannedChange> actions = {};
};

/// Part of a saved plan, of one type, to be checked against what both sides have now, and carried out.
struct ApplyRequest {
  std::string portal = {};
  std::string type = {};
  bool check = false;  ///< Only check.
  std::vector<PlannedChange> actions = {};
};

struct ApplyResult {
  std::int64_t actions = 0;
  RunCounts counts = {};  ///< Zero of a check.
};

/// One line of doctor's.
struct Check {
  std::string name = {};
  std::string status = {};  ///< ok | warn | fail | not_checked
  std::string message = {};
  std::optional<std::string> fix = {};
};

struct Diagnosis {
  std::string result = {};  ///< The worst of its checks: ok | warn | fail
  bool refused = false;     ///< HubSpot refuses the token or a scope.
  std::vector<Check> checks = {};
};

struct SetupProperty {
  std::optional<std::string> field = {};  ///< None for the unique property.
  std::string property = {};
  std::string state = {};  ///< ready | missing | created | refused | unusable
  std::optional<std::string> message = {};
};

struct SetupType {
  std::string type = {};
  std::vector<SetupProperty> properties = {};
};

struct Setup {
  std::string portal = {};
  std::optional<std::string> pinned_portal = {};  ///< The portal that the store belongs to.
  std::string time_zone = {};
  std::vector<SetupType> types = {};
  bool ready = false;  ///< Every property is there.
};

}  // namespace hubsync::api
