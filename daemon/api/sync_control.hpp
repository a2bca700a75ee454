// What the control API asks of the engine, as an interface, so that routes are tested without one. Loop
// thread. Adds nothing: EngineControl passes every call on.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "daemon/engine/context.hpp"
#include "daemon/engine/engine.hpp"
#include "daemon/engine/throttle.hpp"

namespace hubsync::api {

class SyncControl {
 public:
  virtual ~SyncControl() = default;

  /// See Engine for each of them.
  virtual Task<Result<Engine::Triggered>> trigger(
      std::vector<std::string> types, bool full, bool dry_run
  ) = 0;
  virtual Task<void> guard_released(std::string type) = 0;
  virtual Task<Result<hubsync::Run>> sync_entity(std::string type, LocalId id) = 0;
  virtual Task<Histories> histories(std::string type, HubspotId id) = 0;
  virtual Task<std::vector<ResolveOutcome>> resolve(
      std::vector<ConflictWish> wishes, std::string user, OnDecided on_decided
  ) = 0;
  virtual Task<Result<hubsync::VerifyPart>> verify(std::string type, std::string after) = 0;
  virtual Task<Result<ApplyOutcome>> apply(ApplyWish wish) = 0;
  virtual Task<Inspection> inspect() = 0;
  virtual Task<std::vector<MadeProperty>> make_properties() = 0;
  [[nodiscard]] virtual const Rules& rules() const = 0;
  virtual void local_edits() = 0;
  virtual void webhook_events(std::int64_t count) = 0;
  virtual void set_paused(bool paused) = 0;
  [[nodiscard]] virtual const std::vector<hubsync::PlannedChange>* plan_of(const std::string& run_id
  ) const = 0;
  [[nodiscard]] virtual const hubsync::Run* running(const std::string& run_id) const = 0;
  [[nodiscard]] virtual Engine::State state() const = 0;
  [[nodiscard]] virtual std::vector<Error> problems() const = 0;
};

/// The engine itself behind the interface, degraded while the day's budget is spent; both outlive it.
class EngineControl final : public SyncControl {
 public:
  EngineControl(Engine& engine, const Throttle& throttle) : engine_(engine), throttle_(throttle) {}

  Task<Result<Engine::Triggered>> trigger(std::vector<std::string> types, bool full, bool dry_run) override {
    return engine_.trigger(std::move(types), full, dry_run);
  }
  Task<void> guard_released(std::string type) override { return engine_.guard_released(std::move(type)); }
  Task<Result<hubsync::Run>> sync_entity(std::string type, LocalId id) override {
    return engine_.sync_entity(std::move(type), std::move(id));
  }
  Task<Histories> histories(std::string type, HubspotId id) override {
    return engine_.histories(std::move(type), id);
  }
  Task<std::vector<ResolveOutcome>> resolve(
      std::vector<ConflictWish> wishes, std::string user, OnDecided on_decided
  ) override {
    return engine_.resolve(std::move(wishes), std::move(user), std::move(on_decided));
  }
  Task<Result<hubsync::VerifyPart>> verify(std::string type, std::string after) override {
    return engine_.verify(std::move(type), std::move(after));
  }
  Task<Result<ApplyOutcome>> apply(ApplyWish wish) override { return engine_.apply(std::move(wish)); }
  Task<Inspection> inspect() override { return engine_.inspect(); }
  Task<std::vector<MadeProperty>> make_properties() override { return engine_.make_properties(); }
  [[nodiscard]] const Rules& rules() const override { return engine_.rules(); }
  void local_edits() override { engine_.local_edits(); }
  void webhook_events(std::int64_t count) override { engine_.webhook_events(count); }
  void set_paused(bool paused) override { engine_.set_paused(paused); }
  [[nodiscard]] const std::vector<hubsync::PlannedChange>* plan_of(const std::string& run_id) const override {
    return engine_.plan_of(run_id);
  }
  [[nodiscard]] const hubsync::Run* running(const std::string& run_id) const override {
    return engine_.running(run_id);
  }
  [[nodiscard]] Engine::State state() const override {
    return throttle_.snapshot().daily_spent_until ? Engine::State::degraded : engine_.state();
  }
  [[nodiscard]] std::vector<Error> problems() const override {
    std::vector<Error> problems = engine_.problems();
    const auto until = throttle_.snapshot().daily_spent_until;
    const auto known = [](const Error& problem) { return problem.hint == budget_hint; };
    if (until && std::ranges::none_of(problems, known)) {
      problems.push_back({ErrorCode::unavailable, spent_message(*until), budget_hint});
    }
    return problems;
  }

 private:
  Engine& engine_;
  const Throttle& throttle_;
};

}  // namespace hubsync::api
