// The engine: brings observations in (walks, polls), carries plans out (pushes), keeps the schedule.
// Sequences only; the decisions are daemon/core's. Loop thread. Knows HubSpot, the store and time through
// ports; it never logs.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/result.hpp"
#include "common/time.hpp"
#include "daemon/core/backoff.hpp"
#include "daemon/core/rules.hpp"
#include "daemon/core/run.hpp"
#include "daemon/engine/operate.hpp"
#include "daemon/ports/clock.hpp"
#include "daemon/ports/events.hpp"
#include "daemon/ports/hub.hpp"
#include "daemon/ports/random.hpp"
#include "daemon/ports/store.hpp"
#include "daemon/ports/task.hpp"

namespace hubsync {

class Engine {
 public:
  /// All of them outlive the engine.
  struct Ports {
    Hub& hub;
    Store& store;
    Clock& clock;
    Random& random;
    Events& events;
  };

  struct Options {
    Rules rules;
    RetryPolicy retry;
    Duration poll_interval{5 * 60'000};
    /// Between polls while webhooks flow: while an event came within the last poll_interval. Zero, or less
    /// than poll_interval: they change nothing.
    Duration poll_interval_with_webhooks{0};
    Duration full_interval{24 * 3'600'000};  ///< Zero: only when triggered.
    Duration log_retention{30LL * 24 * 3'600'000};
    int concurrency = 5;  ///< Batches in flight per queue.
  };

  enum class State { idle, syncing, paused, degraded };

  struct Triggered {
    std::string run_id;
    bool joined = false;  ///< A run that covers the wish was going already.
  };

  /// What the line to HubSpot tells.
  struct Line {
    std::function<std::int64_t()> calls;                        ///< Made since the start, for Run::api_calls.
    std::function<std::optional<Instant>()> hubspot_time = {};  ///< By its answers; none: as ours.
  };

  /// Told what HubSpot says about the account, whenever it is asked.
  using OnAccount = std::function<void(const Account&)>;

  Engine(Ports ports, Options options, Line line, OnAccount on_account = {});
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  ~Engine();

  /// Works until stop(); returns when everything in flight has ended. Ends with StoreCorrupt, and problems()
  /// tells why, when what is stored contradicts itself. Call once.
  Task<void> run();

  /// No new work; calls under way finish and are settled (I40).
  void stop();

  /// Local edits were committed: there may be due work.
  void local_edits();

  /// Webhook events were committed to the inbox.
  void webhook_events(std::int64_t count);

  /// The queue was paused or resumed.
  void set_paused(bool paused);

  /// A new configuration: intervals, retries, mapping and policies. Polls at once; reads everything when the
  /// mapping has changed.
  void reload(Options options);

  /// Puts another token in place; what it returns puts the one before back, where there was another.
  using TokenChange = std::function<std::function<void()>()>;

  /// Lets calls under way finish, changes the token, and goes on once that one is known to open the same
  /// portal (I11); with the one before when HubSpot refuses it. Also tries a refused token again at once.
  Task<void> renew_token(TokenChange change);

  /// Starts a run, or joins one that is going; a dry run is always its own.
  Task<Result<Triggered>> trigger(std::vector<std::string> types, bool full, bool dry_run);

  /// A person released the deletions of a guard of this type: they are carried out now.
  Task<void> guard_released(std::string type);

  /// Reads one record from HubSpot, plans and carries out; the finished run.
  Task<Result<Run>> sync_entity(std::string type, LocalId id);

  /// Decides conflicts, each against what HubSpot has now; one outcome for each, in order. `on_decided` runs
  /// in the transaction of the decisions, where there are any.
  Task<std::vector<ResolveOutcome>> resolve(
      std::vector<ConflictWish> wishes, std::string user, OnDecided on_decided = {}
  );

  /// Compares the next records of a type; `after` is empty to begin, then VerifyPart::next. Writes nothing.
  Task<Result<VerifyPart>> verify(std::string type, std::string after);

  /// Checks a part of a saved plan against both sides as they are now, and carries it out.
  Task<Result<ApplyOutcome>> apply(ApplyWish wish);

  /// What HubSpot says about the token, the portal and the mapped properties; asks for each thing once.
  Task<Inspection> inspect();

  /// Creates what inspect() finds missing: the unique property, and a text property for each mapped field
  /// without one.
  Task<std::vector<MadeProperty>> make_properties();

  /// HubSpot's property history of one record, as of now; nothing when HubSpot can not be asked.
  Task<Histories> histories(std::string type, HubspotId id);

  /// The plan of a finished dry run; the last few are kept.
  [[nodiscard]] const std::vector<PlannedChange>* plan_of(const std::string& run_id) const;

  /// A run that is going, with its progress as of now; null when it is not.
  [[nodiscard]] const Run* running(const std::string& run_id) const;

  [[nodiscard]] State state() const;

  /// Why the state is degraded, each with what to do.
  [[nodiscard]] std::vector<Error> problems() const;

  [[nodiscard]] const Rules& rules() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hubsync
