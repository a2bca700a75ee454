#include "daemon/engine/push.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "daemon/core/batch.hpp"
#include "daemon/engine/missing.hpp"
#include "daemon/engine/unlinked.hpp"
#include "daemon/ports/push_refusal.hpp"

namespace hubsync {
namespace {

using boost::asio::experimental::awaitable_operators::operator&&;
using Replies = std::vector<Reply<RemoteRecord>>;

/// One batch on its way; lives in the frame of push_batch().
struct Push {
  EngineContext& context;
  const TypeRules& rules;
  CallClass call_class;
  PreparePush prepare;
  std::optional<CallFailure> read_failure = {};

  [[nodiscard]] Hub& hub() const { return context.ports.hub; }
};

/// Takes a page of a read into the batch; a record that cannot be read fails its own claim only.
void take(Push& push, ReadResult& result) {
  std::ranges::move(result.records, std::back_inserter(push.prepare.seen));
  for (const BadRecord& bad : result.bad) {
    if (const auto id = parse_hubspot_id(bad.id)) {
      push.prepare.unreadable.push_back(*id);
      push.prepare.unreadable_why = bad.reason;
    }
  }
}

/// Ids that a read did not find: archived ones are proven so by reading the recycle bin (I9).
Task<void> prove_missing(Push& push, std::vector<std::string> missing) {
  std::vector<HubspotId> ids;
  for (const std::string& text : missing) {
    if (const auto id = parse_hubspot_id(text)) {
      ids.push_back(*id);
    }
  }
  if (ids.empty()) {
    co_return;
  }
  auto found = co_await find_missing(push.hub(), push.rules, ids, push.call_class);
  if (!found) {
    push.read_failure = found.error();
    co_return;
  }
  for (const HubspotId id : found->nowhere) {
    push.prepare.unreadable.push_back(id);
    push.prepare.nowhere.push_back(id);
    push.prepare.unreadable_why = nowhere_text;
  }
  for (const RemoteRecord& record : found->records) {
    if (record.archived && std::ranges::find(ids, record.id) != ids.end()) {
      push.prepare.deleted.push_back(record.id);
    }
  }
  ReadResult rest{.records = std::move(found->records), .bad = std::move(found->bad), .missing = {}};
  take(push, rest);
}

Task<void> read_linked(Push& push, const std::vector<Claim>& claims) {
  std::vector<HubspotId> ids;
  std::vector<HubspotId> with_reference;
  bool with_history = false;
  for (const Claim& claim : claims) {
    if (claim.hubspot_id) {
      ids.push_back(*claim.hubspot_id);
      with_history |= claim.needs_history;
      if (claim.reference_edited) {
        with_reference.push_back(*claim.hubspot_id);
      }
    }
  }
  // With history a read takes only half a batch (HUBSPOT.md §4.4).
  const std::size_t limit = with_history ? batch_limit / 2 : batch_limit;
  std::vector<std::string> missing;
  for (std::size_t begin = 0; begin < ids.size(); begin += limit) {
    const std::vector<HubspotId> part(
        ids.begin() + static_cast<std::ptrdiff_t>(begin),
        ids.begin() + static_cast<std::ptrdiff_t>(std::min(begin + limit, ids.size()))
    );
    auto result = co_await push.hub().read(push.rules, part, false, with_history, push.call_class);
    if (!result) {
      push.read_failure = result.error();
      co_return;
    }
    take(push, *result);
    std::ranges::move(result->missing, std::back_inserter(missing));
  }
  co_await prove_missing(push, std::move(missing));
  if (with_reference.empty() || push.read_failure) {
    co_return;
  }
  auto references = co_await push.hub().read_references(push.rules, with_reference, push.call_class);
  if (!references) {
    push.read_failure = references.error();
    co_return;
  }
  for (RemoteRecord& record : push.prepare.seen) {
    if (const auto found = references->find(record.id); found != references->end()) {
      record.references_known = true;
      record.reference = found->second;
    }
  }
}

/// Records that HubSpot may have already.
Task<void> read_unlinked(Push& push, const std::vector<Claim>& claims) {
  const bool has_uid = push.context.has_uid_property[push.rules.name];
  auto result = co_await find_unlinked(push.hub(), push.rules, has_uid, claims, push.call_class);
  if (result) {
    take(push, *result);
  } else {
    push.read_failure = result.error();
  }
}

/// Writes inputs in batches; a batch refused as a whole is bisected, so that one bad record stops nobody else
/// (I28).
Task<Replies> write_all(
    Push& push, WriteKind kind, std::vector<WriteInput> inputs, std::vector<std::string> keys
) {
  Replies replies(inputs.size(), std::unexpected(CallFailure{}));
  BatchWork work{keys, static_cast<std::size_t>(batch_limit)};
  while (const auto batch = work.next()) {
    std::vector<WriteInput> part;
    for (const std::size_t index : *batch) {
      part.push_back(inputs[index]);
    }
    Replies answers = co_await push.hub().write(push.rules, kind, std::move(part), push.call_class);
    const bool refused_whole = !answers.empty() && !answers.front() && answers.front().error().whole_batch &&
                               answers.front().error().outcome == Outcome::refused;
    if (refused_whole && work.refused(*batch)) {
      continue;
    }
    for (std::size_t i = 0; i < batch->size(); ++i) {
      replies[(*batch)[i]] = std::move(answers[i]);
    }
  }
  co_return replies;
}

/// An update of which HubSpot refused some values goes again without them: one value it would not have holds
/// back no other (I28). A create does not: half a record is not what anybody wanted there. True where the
/// rest is still to be written.
bool set_refused_aside(const TypeRules& rules, const PushAction& action, PushOutcome& outcome) {
  if (action.kind != PushKind::update || outcome.failure->outcome != Outcome::refused) {
    return false;
  }
  Fields refused = refused_values(rules, *outcome.failure, outcome.sent);
  const bool something_left = refused.size() < outcome.sent.size() || action.sets_reference;
  if (refused.empty() || !something_left) {
    return false;
  }
  for (const auto& [field, value] : refused) {
    outcome.sent.erase(field);
  }
  outcome.refused.merge(refused);
  outcome.refusal = std::exchange(outcome.failure, std::nullopt);
  return !outcome.sent.empty();
}

/// The creates or the updates among the actions.
Task<void> write_records(
    Push& push, PushKind kind, const std::vector<PushAction>& actions, std::vector<PushOutcome>& outcomes
) {
  const bool has_uid = push.context.has_uid_property[push.rules.name];
  const WriteKind write_kind = kind == PushKind::update ? WriteKind::update
                               : has_uid                ? WriteKind::upsert
                                                        : WriteKind::create;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < actions.size(); ++i) {
    if (actions[i].kind == kind && (kind == PushKind::create || !actions[i].fields.empty())) {
      outcomes[i].sent = actions[i].fields;
      places.push_back(i);
    }
  }
  while (!places.empty()) {
    std::vector<WriteInput> inputs;
    std::vector<std::string> keys;
    for (const std::size_t place : places) {
      const PushAction& action = actions[place];
      const Fields& fields = outcomes[place].sent;
      WriteInput input{
          .trace_id = action.id.text, .id = action.hubspot_id, .fields = fields, .standing = action.standing
      };
      if (kind == PushKind::create && has_uid) {
        input.uid = action.uid;
      }
      inputs.push_back(std::move(input));
      // Two new values of a unique key in one batch make HubSpot refuse all of it.
      keys.push_back(push.rules.key_is_unique ? value_or_empty(fields, push.rules.key) : "");
    }
    Replies replies = co_await write_all(push, write_kind, std::move(inputs), std::move(keys));
    std::vector<std::size_t> again;
    for (std::size_t i = 0; i < places.size(); ++i) {
      PushOutcome& outcome = outcomes[places[i]];
      if (replies[i]) {
        outcome.answer = std::move(*replies[i]);
        continue;
      }
      outcome.failure = std::move(replies[i].error());
      const PushAction& action = actions[places[i]];
      // Kept back for the sake of others of its batch.
      const bool stands = outcome.failure->overturned && still_holds(action.standing);
      if (stands || set_refused_aside(push.rules, action, outcome)) {
        outcome.failure.reset();
        again.push_back(places[i]);
      }
    }
    places = std::move(again);
  }
}

Task<void> archive_records(
    Push& push, const std::vector<PushAction>& actions, std::vector<PushOutcome>& outcomes
) {
  std::vector<HubspotId> ids;
  std::vector<StandingPtr> decided;
  for (const PushAction& action : actions) {
    if (action.kind == PushKind::archive && action.hubspot_id) {
      ids.push_back(*action.hubspot_id);
      decided.push_back(action.standing);
    }
  }
  if (ids.empty()) {
    co_return;
  }
  const auto reply = co_await push.hub().archive(push.rules, ids, push.call_class, std::move(decided));
  for (std::size_t i = 0; i < actions.size(); ++i) {
    if (actions[i].kind != PushKind::archive) {
      continue;
    }
    if (reply) {
      outcomes[i].answer = RemoteRecord{.id = *actions[i].hubspot_id, .archived = true, .values = {}};
    } else {
      outcomes[i].failure = reply.error();
    }
  }
}

/// Without its primary link a record shows another of its links, where it has one: what it shows now is read.
/// A read that fails counts as a link that could not be removed, which is then tried again.
Task<std::map<HubspotId, std::optional<HubspotId>>> read_cleared(
    Push& push,
    const std::vector<Link>& removed,
    const std::vector<Link>& made,
    std::map<HubspotId, CallFailure>& failed
) {
  std::vector<HubspotId> cleared;
  for (const Link& link : removed) {
    if (!failed.contains(link.from) && std::ranges::find(made, link.from, &Link::from) == made.end()) {
      cleared.push_back(link.from);
    }
  }
  std::map<HubspotId, std::optional<HubspotId>> left;
  if (cleared.empty()) {
    co_return left;
  }
  auto references = co_await push.hub().read_references(push.rules, cleared, push.call_class);
  for (const HubspotId id : cleared) {
    const auto found = references ? references->find(id) : left.end();
    if (!references) {
      failed.insert_or_assign(id, references.error());
    } else if (found != references->end()) {
      left.emplace(id, found->second);
    }
  }
  co_return left;
}

/// Links are made after both ends exist, the new one before the old one goes: a crash in between leaves one
/// link too many, never none.
Task<void> write_references(
    Push& push, const std::vector<PushAction>& actions, std::vector<PushOutcome>& outcomes
) {
  std::vector<Link> make;
  std::vector<Link> remove;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < actions.size(); ++i) {
    const PushAction& action = actions[i];
    if (!action.sets_reference || outcomes[i].failure) {
      continue;
    }
    if (!outcomes[i].answer) {  // Only the reference changed.
      outcomes[i].answer = RemoteRecord{.id = *action.hubspot_id, .values = {}};
    }
    const HubspotId from = outcomes[i].answer->id;
    if (action.associate) {
      make.push_back({from, *action.associate});
    }
    if (action.dissociate && action.dissociate != action.associate) {
      remove.push_back({from, *action.dissociate});
    }
    places.push_back(i);
  }
  std::map<HubspotId, CallFailure> failed;
  const auto note = [&failed](const std::vector<Link>& links, const std::vector<Reply<void>>& replies) {
    for (std::size_t i = 0; i < links.size(); ++i) {
      if (!replies[i]) {
        failed.insert_or_assign(links[i].from, replies[i].error());
      }
    }
  };
  if (!make.empty()) {
    note(make, co_await push.hub().associate(push.rules, make, push.call_class));
  }
  std::erase_if(remove, [&failed](const Link& link) { return failed.contains(link.from); });
  if (!remove.empty()) {
    note(remove, co_await push.hub().dissociate(push.rules, remove, push.call_class));
  }
  const std::map<HubspotId, std::optional<HubspotId>> left =
      co_await read_cleared(push, remove, make, failed);
  for (const std::size_t place : places) {
    PushOutcome& outcome = outcomes[place];
    const PushAction& action = actions[place];
    const auto failure = failed.find(outcome.answer->id);
    if (failure == failed.end()) {
      const auto other = left.find(outcome.answer->id);
      outcome.sent[action.reference_field] = action.reference_value;
      outcome.answer->references_known = true;
      outcome.answer->reference = other == left.end() ? action.associate : other->second;
    } else if (action.kind == PushKind::update && outcome.sent.empty()) {
      outcome.answer.reset();
      outcome.failure = failure->second;
    } else {
      outcome.reference_failure = failure->second;
    }
  }
}

/// When a failed outcome is tried again, by the one retry schedule.
void schedule(EngineContext& context, PushOutcome& outcome, int attempts) {
  outcome.retry_delay =
      context.options.retry.max_delay;  // For what HubSpot took but did not echo, and for a link.
  if (!outcome.failure) {
    context.note_success();
    return;
  }
  const CallFailure& failure = *outcome.failure;
  if (failure.overturned) {
    return;
  }
  context.note_failure(failure);
  const bool may_pass = is_key_taken(outcome.kind, failure) || is_gone(outcome.kind, failure);
  const RetryDecision decision = after_failure(
      context.options.retry,
      may_pass ? Outcome::unavailable : failure.outcome,
      attempts,
      failure.retry_after,
      context.ports.random.unit()
  );
  outcome.retry_delay = decision.verdict == Verdict::needs_person ? Duration{60'000} : decision.wait;
  outcome.gave_up = decision.verdict == Verdict::gave_up;
}

std::vector<PushOutcome> unread_outcomes(Push& push, const std::vector<Claim>& claims) {
  push.context.note_reads(push.rules.name, &*push.read_failure);
  std::vector<PushOutcome> outcomes;
  for (const Claim& claim : claims) {
    PushOutcome outcome{.id = claim.id, .failure = push.read_failure, .dispatched = false};
    schedule(push.context, outcome, claim.attempts);
    outcomes.push_back(std::move(outcome));
  }
  return outcomes;
}

Task<std::vector<PushOutcome>> dispatch(Push& push, const std::vector<PushAction>& actions) {
  const SteadyInstant begin = push.context.ports.clock.steady();
  std::vector<PushOutcome> outcomes;
  outcomes.reserve(actions.size());
  for (const PushAction& action : actions) {
    outcomes.push_back({.id = action.id, .kind = action.kind});
  }
  // At once: what was decided about one record grows no older while another one's call hangs.
  co_await (
      write_records(push, PushKind::create, actions, outcomes) &&
      write_records(push, PushKind::update, actions, outcomes) && archive_records(push, actions, outcomes)
  );
  co_await write_references(push, actions, outcomes);
  const Duration took = push.context.ports.clock.steady() - begin;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    outcomes[i].duration = took;
    schedule(push.context, outcomes[i], actions[i].attempts);
  }
  push.context.note_writes(push.rules.name, outcomes);
  co_return outcomes;
}

/// The first write that failed for another reason than what was written.
std::optional<CallFailure> undone(const std::vector<PushOutcome>& outcomes) {
  for (const PushOutcome& outcome : outcomes) {
    const auto& failure = outcome.failure ? outcome.failure : outcome.reference_failure;
    if (failure && failure->outcome != Outcome::refused && !failure->overturned) {
      return failure;
    }
  }
  return std::nullopt;
}

}  // namespace

Task<PushResult> push_batch(
    EngineContext& context,
    std::string type,
    std::vector<Claim> claims,
    CallClass call_class,
    bool dry_run,
    std::vector<PlannedChange>* planned
) {
  Push push{
      .context = context, .rules = *context.options.rules.find(type), .call_class = call_class, .prepare = {}
  };
  push.prepare.type = type;
  push.prepare.dry_run = dry_run;
  for (const Claim& claim : claims) {
    push.prepare.claims.push_back(claim.id);
  }
  co_await read_linked(push, claims);
  if (!push.read_failure) {
    co_await read_unlinked(push, claims);
  }
  Store& store = context.ports.store;
  if (push.read_failure && dry_run) {
    context.note_failure(*push.read_failure);
    co_return PushResult{.failure = push.read_failure};
  }
  if (push.read_failure) {
    std::vector<PushOutcome> outcomes = unread_outcomes(push, claims);
    const RunCounts counts =
        co_await store.run([type, outcomes = std::move(outcomes), now = context.now()](Repository& repository
                           ) { return repository.settle_push(type, outcomes, now); });
    co_return PushResult{counts, push.read_failure};
  }
  const PreparedPush prepared =
      co_await store.run([prepare = std::move(push.prepare), now = context.now()](Repository& repository) {
        return repository.prepare_push(prepare, now);
      });
  PushResult result{.counts = prepared.counts};
  if (dry_run) {
    planned->insert(planned->end(), prepared.planned.begin(), prepared.planned.end());
    co_return result;
  }
  if (!prepared.actions.empty()) {
    std::vector<PushOutcome> outcomes = co_await dispatch(push, prepared.actions);
    result.failure = undone(outcomes);
    result.counts +=
        co_await store.run([type, outcomes = std::move(outcomes), now = context.now()](Repository& repository
                           ) { return repository.settle_push(type, outcomes, now); });
  }
  co_return result;
}

}  // namespace hubsync
