#include "daemon/engine/resolve.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "daemon/core/batch.hpp"

namespace hubsync {
namespace {

/// What has to be read of one type, and what came of it.
struct Reading {
  ObservePage page;
  std::vector<HubspotId> ids = {};
  std::vector<HubspotId> with_reference = {};
  std::vector<HubspotId> unproven = {};  ///< Neither live nor in the recycle bin.
  std::optional<Error> failure = {};
};

using Readings = std::map<std::string, Reading, std::less<>>;

std::vector<HubspotId> part_of(const std::vector<HubspotId>& ids, std::size_t begin) {
  const std::size_t end = std::min(begin + static_cast<std::size_t>(batch_limit), ids.size());
  return {ids.begin() + static_cast<std::ptrdiff_t>(begin), ids.begin() + static_cast<std::ptrdiff_t>(end)};
}

/// A failure of a read that a person waits for is told, not tried again.
std::optional<Error> note(EngineContext& context, const CallFailure& failure) {
  context.note_failure(failure);
  return to_error(failure);
}

/// Ids that a read did not find: archived ones are proven so by the recycle bin (I9).
Task<std::optional<Error>> prove_missing(
    EngineContext& context, const TypeRules& rules, Reading& reading, std::vector<std::string> missing
) {
  for (const std::string& text : missing) {
    if (const auto id = parse_hubspot_id(text)) {
      reading.unproven.push_back(*id);
    }
  }
  if (reading.unproven.empty()) {
    co_return std::nullopt;
  }
  auto archived =
      co_await context.ports.hub.read(rules, reading.unproven, true, false, CallClass::interactive);
  if (!archived) {
    co_return note(context, archived.error());
  }
  for (const RemoteRecord& record : archived->records) {
    if (record.archived) {
      reading.page.deleted.push_back(record.id);
      std::erase(reading.unproven, record.id);
    }
  }
  co_return std::nullopt;
}

Task<std::optional<Error>> read_references(EngineContext& context, const TypeRules& rules, Reading& reading) {
  for (std::size_t begin = 0; begin < reading.with_reference.size(); begin += batch_limit) {
    auto references = co_await context.ports.hub.read_references(
        rules, part_of(reading.with_reference, begin), CallClass::interactive
    );
    if (!references) {
      co_return note(context, references.error());
    }
    for (RemoteRecord& record : reading.page.seen) {
      if (const auto found = references->find(record.id); found != references->end()) {
        record.references_known = true;
        record.reference = found->second;
      }
    }
  }
  co_return std::nullopt;
}

Task<void> read_type(EngineContext& context, const TypeRules& rules, Reading& reading) {
  std::vector<std::string> missing;
  reading.page.asked = context.now();
  for (std::size_t begin = 0; begin < reading.ids.size(); begin += batch_limit) {
    auto read = co_await context.ports.hub.read(
        rules, part_of(reading.ids, begin), false, false, CallClass::interactive
    );
    if (!read) {
      reading.failure = note(context, read.error());
      co_return;
    }
    std::ranges::move(read->records, std::back_inserter(reading.page.seen));
    std::ranges::move(read->bad, std::back_inserter(reading.page.bad));
    std::ranges::move(read->missing, std::back_inserter(missing));
  }
  reading.failure = co_await prove_missing(context, rules, reading, std::move(missing));
  if (!reading.failure) {
    reading.failure = co_await read_references(context, rules, reading);
  }
  if (!reading.failure) {
    context.note_success();
  }
}

Readings readings_for(const std::vector<ResolveTarget>& targets) {
  Readings readings;
  for (const ResolveTarget& target : targets) {
    const Conflict& conflict = target.conflict;
    if (target.error || !conflict.hubspot_id) {
      continue;
    }
    Reading& reading = readings[conflict.type];
    reading.page.type = conflict.type;
    if (std::ranges::find(reading.ids, *conflict.hubspot_id) == reading.ids.end()) {
      reading.ids.push_back(*conflict.hubspot_id);
    }
    if (target.reads_reference) {
      reading.with_reference.push_back(*conflict.hubspot_id);
    }
  }
  return readings;
}

/// Why HubSpot's side of a target is not known now; nothing when it is.
std::optional<Error> unread(const Readings& readings, const ResolveTarget& target) {
  const auto found = readings.find(target.conflict.type);
  if (found == readings.end() || !target.conflict.hubspot_id) {
    return std::nullopt;
  }
  const Reading& reading = found->second;
  const HubspotId id = *target.conflict.hubspot_id;
  if (reading.failure) {
    return reading.failure;
  }
  const bool bad = std::ranges::any_of(reading.page.bad, [id](const BadRecord& record) {
    return record.id == to_string(id);
  });
  if (bad || std::ranges::find(reading.unproven, id) != reading.unproven.end()) {
    return Error{
        ErrorCode::unprocessable,
        "HubSpot does not show record " + to_string(id) + ": it was merged or purged, or is not readable",
        "a full sync tells what became of it (`hubsync sync --full`)"
    };
  }
  return std::nullopt;
}

}  // namespace

Task<std::vector<ResolveOutcome>> resolve_conflicts(
    EngineContext& context,
    std::vector<ConflictWish> wishes,
    std::string user,
    OnDecided on_decided,
    std::optional<Error> away
) {
  std::vector<ResolveOutcome> outcomes(wishes.size());
  std::vector<ResolveTarget> targets = co_await context.ports.store.run([wishes](Repository& repository) {
    return repository.resolve_targets(wishes);
  });
  for (ResolveTarget& target : targets) {
    if (!target.error) {
      target.error = away;
    }
  }
  Readings readings = readings_for(targets);
  for (auto& [type, reading] : readings) {
    co_await read_type(context, *context.options.rules.find(type), reading);
  }
  std::vector<std::size_t> places;
  ResolveConflicts wanted{.wishes = {}, .pages = {}, .user = std::move(user)};
  for (std::size_t i = 0; i < wishes.size(); ++i) {
    const std::optional<Error> why = targets[i].error ? targets[i].error : unread(readings, targets[i]);
    if (why) {
      outcomes[i].error = why;
      outcomes[i].conflict =
          targets[i].conflict.id == 0 ? std::nullopt : std::optional{std::move(targets[i].conflict)};
    } else {
      wanted.wishes.push_back(std::move(wishes[i]));
      places.push_back(i);
    }
  }
  for (auto& [type, reading] : readings) {
    if (!reading.failure) {
      wanted.pages.push_back(std::move(reading.page));
    }
  }
  if (!wanted.wishes.empty()) {
    outcomes = co_await context.ports.store.run([wanted = std::move(wanted),
                                                 places = std::move(places),
                                                 outcomes = std::move(outcomes),
                                                 on_decided = std::move(on_decided),
                                                 now = context.now()](Repository& repository) mutable {
      std::vector<ResolveOutcome> decided = repository.resolve_conflicts(wanted, now);
      for (std::size_t i = 0; i < places.size(); ++i) {
        outcomes[places[i]] = std::move(decided[i]);
      }
      if (on_decided) {
        on_decided(repository, outcomes);
      }
      return std::move(outcomes);
    });
    context.changed();
  }
  co_return outcomes;
}

}  // namespace hubsync
