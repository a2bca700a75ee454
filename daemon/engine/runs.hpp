// Runs: one at a time, in the order they were asked for; each walks or polls its types, then waits for what
// that made due. Loop thread.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/engine/pull.hpp"
#include "daemon/engine/scheduler.hpp"

namespace hubsync {

class Runs {
 public:
  Runs(EngineContext& context, Scheduler& scheduler, std::function<std::int64_t()> calls);

  /// Executes runs until stop; a full run that a restart interrupted goes on first.
  Task<void> run();
  /// Ends the dry runs that a spent budget keeps waiting behind another run, until stop: somebody waits for
  /// their plan.
  Task<void> give_up_plans();

  /// A new run, or the one going or waiting that covers it.
  Task<Engine::Triggered> trigger(std::vector<std::string> types, RunKind kind, bool dry_run);
  /// A run that starts after the release of a guard, whatever goes on already.
  Task<Engine::Triggered> carry_out_release(std::string type);
  Task<Result<Run>> sync_entity(std::string type, LocalId id);

  void add(const RunCounts& counts);
  [[nodiscard]] bool busy() const { return current_ != nullptr || !waiting_.empty(); }
  [[nodiscard]] const Run* running(const std::string& id) const;
  [[nodiscard]] const std::vector<PlannedChange>* plan_of(const std::string& id) const;

 private:
  using Item = std::shared_ptr<RunUnderWay>;

  Task<Engine::Triggered> enqueue(Run wished);
  Task<void> resume();
  Task<void> execute(RunUnderWay& item);
  Task<Reply<void>> pull_type(RunUnderWay& item, const TypeRules& rules);
  Task<std::optional<Error>> plan_pushes(RunUnderWay& item);
  /// `unsent`: the run did its part, but HubSpot does not take what waits to be sent.
  Task<void> finish(RunUnderWay& item, std::optional<Error> error, std::optional<Error> unsent = {});
  [[nodiscard]] std::optional<Error> unsent_of(const Run& run) const;
  [[nodiscard]] Run new_run(std::vector<std::string> types, RunKind kind, bool dry_run);

  EngineContext& context_;
  Scheduler& scheduler_;
  std::function<std::int64_t()> calls_;
  std::deque<Item> waiting_;
  Item current_;
  std::map<std::string, std::vector<PlannedChange>> plans_;
  std::deque<std::string> plan_order_;
};

}  // namespace hubsync
