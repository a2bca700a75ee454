// Is everything as it has to be? Each check with what to do, in the order in which one depends on the other.
#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

#include "common/api_codec.hpp"
#include "common/api_operate.hpp"
#include "common/object_type.hpp"
#include "daemon/api/handlers.hpp"

namespace hubsync::api {
namespace {

constexpr std::int64_t mebibyte = 1024LL * 1024;
/// A file up to this size is read whole within a moment.
constexpr std::int64_t quickly_read = 256 * mebibyte;
constexpr std::int64_t little_space = 1024 * mebibyte;
constexpr std::int64_t no_space = 100 * mebibyte;
constexpr std::int64_t gibibyte = 1024 * mebibyte;
/// Beyond this HubSpot's signatures look too old or too new (HUBSPOT.md §10).
constexpr Duration bad_skew{60'000};

class Checks {
 public:
  void ok(std::string name, std::string message) { add({std::move(name), "ok", std::move(message), {}}); }
  void warn(std::string name, std::string message, std::string fix) {
    add({std::move(name), "warn", std::move(message), std::move(fix)});
  }
  void failed(std::string name, std::string message, std::string fix) {
    add({std::move(name), "fail", std::move(message), std::move(fix)});
  }
  void skipped(std::string name, std::string why) {
    add({std::move(name), "not_checked", std::move(why), {}});
  }
  void of(std::string name, const std::optional<Error>& error, std::string message) {
    if (!error) {
      ok(std::move(name), std::move(message));
      return;
    }
    diagnosis_.refused |= error->code == ErrorCode::refused;
    failed(std::move(name), error->message, error->hint);
  }

  Diagnosis take() { return std::move(diagnosis_); }

 private:
  void add(Check check) {
    if (check.fix && check.fix->empty()) {
      check.fix.reset();
    }
    const bool worse = check.status == "fail" || (check.status == "warn" && diagnosis_.result != "fail");
    diagnosis_.result = worse ? check.status : diagnosis_.result.empty() ? "ok" : diagnosis_.result;
    diagnosis_.checks.push_back(std::move(check));
  }

  Diagnosis diagnosis_;
};

void check_account(const Inspection& seen, const SystemFacts& system, Checks& checks) {
  const std::string from = system.credential.empty() ? "" : " (" + system.credential + ")";
  checks.of("token", seen.account_error, "HubSpot takes the access token" + from);
  if (!seen.account) {
    checks.skipped("portal", "HubSpot did not tell which portal it is");
    return;
  }
  const std::string portal = std::to_string(seen.account->portal_id);
  if (seen.pinned_portal && *seen.pinned_portal != portal) {
    checks.failed(
        "portal",
        "the token belongs to portal " + portal + ", this store to portal " + *seen.pinned_portal,
        "put the right token in place, or give this portal a store of its own ([store] path)"
    );
  } else {
    checks.ok("portal", "portal " + portal + ", time zone " + seen.account->time_zone);
  }
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    text += (text.empty() ? "" : ", ") + word;
  }
  return text;
}

void check_mapping(const TypeInspection& type, const TypeRules& rules, Checks& checks) {
  const std::string name = "properties of " + type.type;
  std::vector<std::string> missing;
  std::vector<std::string> read_only;
  std::size_t mapped = 0;
  for (const FieldRule& field : rules.fields) {
    if (field.property.empty()) {
      continue;
    }
    ++mapped;
    const auto found = std::ranges::find(type.properties, field.property, &PropertyDefinition::name);
    if (found == type.properties.end()) {
      missing.push_back(field.property);
    } else if (found->read_only && field.direction != Direction::pull) {
      read_only.push_back(field.property);
    }
  }
  if (!missing.empty()) {
    checks.failed(
        name, "not in HubSpot: " + joined(missing), "`hubsync setup` creates them, or correct the mapping"
    );
  } else if (!read_only.empty()) {
    checks.warn(
        name,
        "HubSpot lets nobody write " + joined(read_only),
        "map them with direction = \"pull\" in [objects." + type.type + ".fields]"
    );
  } else {
    checks.ok(name, "all " + std::to_string(mapped) + " mapped properties exist and may be written");
  }
}

void check_unique(const TypeInspection& type, bool has_key, Checks& checks) {
  const std::string name = "hubsync_id of " + type.type;
  const auto found = std::ranges::find(type.properties, uid_property, &PropertyDefinition::name);
  if (found == type.properties.end()) {
    checks.warn(
        name,
        "there is no unique property hubsync_id: after a lost answer, " +
            std::string{
                has_key ? "creates are told apart by natural key only" : "a create may be made twice"
            },
        "give the token the scope crm.schemas." + std::string{scope_name(type.type)} +
            ".write and run `hubsync setup`"
    );
  } else if (!found->has_unique_value) {
    checks.failed(name, "it exists, but is not unique", "delete it in HubSpot and run `hubsync setup`");
  } else {
    checks.ok(name, "unique: creates are safe by construction");
  }
}

/// Only a write tells; HubSpot's answer to the last one stands among the problems of its type. What cannot be
/// read is not written either.
void check_writing(const Inspection& seen, const Status& status, Checks& checks) {
  bool refused = false;
  for (const Error& problem : status.problems) {
    const auto type = std::ranges::find(seen.types, problem.field, &TypeInspection::type);
    const bool readable = type == seen.types.end() || !type->list_error;
    if (problem.code == ErrorCode::refused && !problem.field.empty() && readable) {
      checks.of("writing " + problem.field, problem, "");
      refused = true;
    }
  }
  if (!refused) {
    checks.skipped(
        "scopes to write", "only a write would tell; what HubSpot refuses stands in `hubsync logs`"
    );
  }
}

void check_types(const Inspection& seen, const Rules& rules, const Status& status, Checks& checks) {
  for (const TypeInspection& type : seen.types) {
    if (type.properties_error) {
      checks.of("properties of " + type.type, type.properties_error, "");
      checks.skipped("hubsync_id of " + type.type, "the properties could not be read");
    } else {
      const TypeRules& known = *rules.find(type.type);
      check_mapping(type, known, checks);
      check_unique(type, !known.key.empty(), checks);
    }
  }
  for (const TypeInspection& type : seen.types) {
    checks.of("reading " + type.type, type.list_error, "the scope to read " + type.type + " is there");
  }
  for (const TypeInspection& type : seen.types) {
    checks.of("search of " + type.type, type.search_error, "answers");
  }
  for (const TypeInspection& type : seen.types) {
    if (type.associations_asked) {
      checks.of("associations of " + type.type, type.associations_error, "can be read");
    }
  }
  if (seen.types.empty()) {
    checks.skipped("properties", "HubSpot could not be asked");
    checks.skipped("scopes", "HubSpot could not be asked");
  } else {
    check_writing(seen, status, checks);
  }
}

void check_limits(const Throttle::Snapshot& limits, Checks& checks) {
  const std::string used =
      std::to_string(limits.daily_used) + " of " + std::to_string(limits.daily_limit) + " calls used today";
  if (limits.daily_spent_until) {
    checks.failed(
        "daily budget",
        used + "; syncing goes on at " + format_instant(*limits.daily_spent_until),
        "raise [rate_limit] daily if HubSpot allows more"
    );
  } else if (limits.daily_used * 5 > limits.daily_limit * 4) {
    checks.warn("daily budget", used, "a longer [sync] poll_interval and fewer full runs need fewer calls");
  } else {
    checks.ok("daily budget", used);
  }
  const std::string bucket = std::to_string(limits.available) + " of " + std::to_string(limits.capacity) +
                             " calls per " + format_duration(limits.interval) + " free, " +
                             std::to_string(limits.waiting) + " waiting";
  if (limits.breaker_open) {
    checks.warn(
        "rate limit", "most calls fail: only probes are sent", "look into `hubsync logs --status failed`"
    );
  } else {
    checks.ok("rate limit", bucket);
  }
  if (!limits.clock_skew) {
    checks.skipped("clock", "no answer of HubSpot's has told its time yet");
  } else if (std::chrono::abs(*limits.clock_skew) > bad_skew) {
    checks.failed(
        "clock",
        "this clock and HubSpot's are " + format_duration(std::chrono::abs(*limits.clock_skew)) +
            " apart: signatures of webhooks are refused",
        "synchronise it: timedatectl set-ntp true"
    );
  } else {
    const Duration skew = std::chrono::abs(*limits.clock_skew);
    checks.ok(
        "clock",
        skew == Duration{0} ? "the same as HubSpot's" : "within " + format_duration(skew) + " of HubSpot's"
    );
  }
}

void check_webhooks(const Services& services, const Status& status, Checks& checks) {
  const auto problem = services.webhook_problem ? services.webhook_problem() : std::nullopt;
  const bool reachable = services.webhook_setup && services.webhook_setup().target_url;
  if (problem) {
    checks.warn("webhooks", problem->message, problem->hint);
  } else if (!status.webhooks.listening) {
    checks.skipped("webhooks", "they are turned off: only polling brings changes");
    return;
  } else if (!reachable) {
    checks.warn(
        "webhooks", "the listener runs, but HubSpot's address of it is not known", "set [webhooks] public_url"
    );
  } else {
    checks.ok("webhooks", "the listener runs and has its secret");
  }
  if (status.webhooks.last_event_at) {
    checks.ok("last webhook", "came at " + format_instant(*status.webhooks.last_event_at));
  } else {
    checks.skipped(
        "last webhook", "none has come yet; `hubsync webhooks test` sends one through the listener"
    );
  }
}

void check_freshness(const Status& status, Checks& checks) {
  const std::string when = status.last_poll && status.last_poll->finished_at
                               ? "; last poll " + format_instant(*status.last_poll->finished_at)
                               : "";
  if (status.freshness == "stalled") {
    checks.failed(
        "freshness",
        "HubSpot has not been read for longer than two poll intervals" + when,
        "`hubsync sync --wait` tells why"
    );
  } else if (status.freshness == "unknown") {
    checks.warn("freshness", "nothing has been synced yet", "`hubsync sync --full --wait`");
  } else {
    checks.ok(
        "freshness", (status.freshness == "idle" ? "nothing has changed for an hour" : "current") + when
    );
  }
}

std::string mode_text(int mode) {
  std::string text = "0000";
  for (int i = 3; i > 0; --i, mode /= 8) {
    text[static_cast<std::size_t>(i)] = static_cast<char>('0' + mode % 8);
  }
  return text;
}

void check_mode(const FileFacts& file, int wanted, const std::string& name, Checks& checks) {
  if (!file.mode) {
    checks.skipped(name, file.path + " cannot be looked at");
  } else if ((*file.mode & ~wanted) != 0) {
    checks.failed(
        name,
        file.path + " has mode " + mode_text(*file.mode) + ", which is open to others",
        "chmod " + mode_text(wanted) + " " + file.path
    );
  } else {
    checks.ok(name, file.path + " has mode " + mode_text(*file.mode));
  }
}

void check_space(const FileFacts& database, Checks& checks) {
  if (!database.free_bytes) {
    checks.skipped("disk space", "the file system does not tell");
    return;
  }
  const std::int64_t bytes = *database.free_bytes;
  const std::string amount = bytes < 10 * gibibyte ? std::to_string(bytes / mebibyte) + " MiB"
                                                   : std::to_string(bytes / gibibyte) + " GiB";
  const std::string free = amount + " free beside " + database.path;
  if (*database.free_bytes < no_space) {
    checks.failed("disk space", free, "make room: nothing can be stored on a full disk");
  } else if (*database.free_bytes < little_space) {
    checks.warn("disk space", free, "make room before it is full");
  } else {
    checks.ok("disk space", free);
  }
}

void check_waiting(const Status& status, Checks& checks) {
  std::int64_t failed = status.queue.failed;
  for (const auto& [type, counts] : status.records) {
    failed = std::max(failed, counts.error);
  }
  if (failed > 0) {
    checks.warn(
        "failed records",
        std::to_string(failed) + " wait for a person",
        "`hubsync logs --status failed` tells why; `hubsync retry --all` tries again"
    );
  } else {
    checks.ok("failed records", "none");
  }
  if (status.conflicts.pending > 0) {
    checks.warn("conflicts", std::to_string(status.conflicts.pending) + " open", "`hubsync conflicts list`");
  } else {
    checks.ok("conflicts", "none open");
  }
  if (status.guards.pending > 0) {
    checks.warn(
        "guards", std::to_string(status.guards.pending) + " wait for a person", "`hubsync guard list`"
    );
  } else {
    checks.ok("guards", "none waiting");
  }
}

Task<void> check_database(Services& services, const FileFacts& file, Checks& checks) {
  if (file.bytes > quickly_read) {
    checks.skipped("database", "it is large; `hubsync db check` reads all of it");
    co_return;
  }
  const DatabaseCheck found =
      co_await services.store.run([](Repository& repository) { return repository.check_database(true); });
  if (found.problems.empty()) {
    checks.ok("database", file.path + " is whole");
  } else {
    checks.failed("database", found.problems.front(), "`hubsync db check`; put the last backup in its place");
  }
}

}  // namespace

Answer show_diagnosis(Services& services, Call) {
  Checks checks;
  const SystemFacts system = services.system ? std::invoke(services.system) : SystemFacts{};
  const ConfigText config = services.config();
  checks.ok("configuration", config.file ? *config.file : "no file: the defaults and the environment");
  const Inspection seen = co_await services.engine.inspect();
  const Status status = co_await current_status(services);
  check_account(seen, system, checks);
  check_types(seen, services.engine.rules(), status, checks);
  check_limits(services.throttle.snapshot(), checks);
  check_webhooks(services, status, checks);
  check_freshness(status, checks);
  check_space(system.database, checks);
  co_await check_database(services, system.database, checks);
  check_mode(system.database, 0600, "database file", checks);
  check_mode(system.socket, 0660, "control socket", checks);
  check_waiting(status, checks);
  co_return json(encode(checks.take()));
}

}  // namespace hubsync::api
