#include "daemon/engine/inbox.hpp"

#include <algorithm>
#include <iterator>
#include <ranges>
#include <utility>

namespace hubsync {
namespace {

constexpr std::int64_t read_limit = 100;        // HUBSPOT.md §4.4
constexpr std::size_t reference_limit = 1'000;  // HUBSPOT.md §6

/// How often something that is not as the event says yet is looked at again, and how often at most: a privacy
/// deletion has to be done within a minute (I14).
constexpr Duration look_again{5'000};
constexpr int looks_at_most = 10;

/// After a failed read, before the next one.
constexpr Duration failure_pause{5'000};
/// What HubSpot refuses to have read is asked for again this often; other types do not wait for it.
constexpr Duration refused_rest{60'000};
/// Whether items that a process before left wait for their time is looked up this often.
constexpr Duration idle_look{60'000};

bool contains(const std::vector<HubspotId>& ids, HubspotId id) {
  return std::ranges::find(ids, id) != ids.end();
}

const ReadWish& wish_for(const HintBatch& batch, HubspotId id) {
  return std::ranges::find(batch.hints, id, &PendingHint::id)->wish;
}

bool any_of_item(const HintBatch::Item& item, const std::vector<HubspotId>& ids) {
  return std::ranges::any_of(item.ids, [&ids](HubspotId id) { return contains(ids, id); });
}

}  // namespace

void Inbox::arrived(std::int64_t events) {
  const SteadyInstant now = context_.ports.clock.steady();
  if (waiting_ == 0) {
    first_ = now;
  }
  last_ = now;
  waiting_ += events;
  arrival_.notify_all();
}

Task<void> Inbox::run() {
  co_await context_.ports.store.run([](Repository& repository) { repository.recover_inbox(); });
  while (!context_.stopping) {
    if (waiting_ == 0) {
      const SteadyInstant idle_until = context_.ports.clock.steady() + idle_look;
      co_await wait_until(arrival_, context_.ports.clock, std::min(idle_until, next_look_));
      if (context_.ports.clock.steady() >= next_look_) {
        next_look_ = SteadyInstant::max();
      }
      waiting_ = std::max<std::int64_t>(waiting_, 1);
    }
    co_await collect();
    waiting_ = 0;
    while (!context_.stopping && co_await drain()) {
      if (is_burst(waiting_)) {
        break;  // Its records may be among those not read yet: one read for all their events.
      }
    }
  }
  co_await context_.ports.store.run([now = context_.now()](Repository& repository) {
    repository.settle_hints({}, now);
  });
}

/// Returns when enough has been collected. See collecting_time().
Task<void> Inbox::collect() {
  while (!context_.stopping) {
    const SteadyInstant end = first_ + collecting_time(waiting_);
    const SteadyInstant silence = last_ + burst_silence;
    const SteadyInstant ready = std::min(end, silence);
    if (context_.ports.clock.steady() >= ready) {
      co_return;
    }
    co_await wait_until(arrival_, context_.ports.clock, ready);
  }
}

/// Works off one batch; false when nothing is due.
Task<bool> Inbox::drain() {
  std::erase_if(rests_, [now = context_.ports.clock.steady()](const auto& rest) {
    return rest.second <= now;
  });
  std::vector<std::string> resting;
  std::ranges::copy(std::views::keys(rests_), std::back_inserter(resting));
  const HintBatch batch =
      co_await context_.ports.store.run([resting, now = context_.now()](Repository& repository) {
        const auto pinned = parse_hubspot_id(repository.fact(pinned_portal).value_or(""));
        return repository.take_hints(pinned ? pinned->number : 0, resting, read_limit, now);
      });
  if (batch.items.empty()) {
    co_return false;
  }
  const TypeRules* const rules = context_.options.rules.find(batch.type);
  if (rules == nullptr) {
    std::vector<HintOutcome> outcomes;
    outcomes.reserve(batch.items.size());
    for (const HintBatch::Item& item : batch.items) {
      outcomes.push_back({.item = item.id, .error = "its type is no longer synchronised"});
    }
    co_await context_.ports.store.run([outcomes, now = context_.now()](Repository& repository) {
      repository.settle_hints(outcomes, now);
    });
    co_return true;
  }
  auto findings = co_await read_records(batch, *rules);
  if (findings) {
    if (auto read = co_await read_references(batch, *rules, *findings); !read) {
      findings = std::unexpected(read.error());
    }
  }
  if (!findings) {  // The items stay as they are: nothing was wrong with them.
    context_.note_reads(batch.type, &findings.error());
    if (is_final(findings.error())) {
      rests_[batch.type] = context_.ports.clock.steady() + refused_rest;
    } else {
      co_await context_.pause_for(failure_pause);
    }
    co_return true;
  }
  co_await settle(batch, *rules, *findings);
  co_return true;
}

Task<void> Inbox::observe(ObservePage page) {
  const ObserveResult result =
      co_await context_.ports.store.run([page = std::move(page), now = context_.now()](Repository& repository
                                        ) { return repository.observe(page, now); });
  if (result.due_work) {
    context_.changed();
  }
}

Task<Reply<Inbox::Findings>> Inbox::read_records(const HintBatch& batch, const TypeRules& rules) {
  Findings findings;
  // A merge names more records than it has events, so a batch may hold more than one call reads.
  for (std::size_t begin = 0; begin < batch.hints.size(); begin += read_limit) {
    std::vector<HubspotId> ids;
    for (std::size_t i = begin; i < std::min(begin + read_limit, batch.hints.size()); ++i) {
      ids.push_back(batch.hints[i].id);
    }
    Instant asked{};
    auto read = co_await persist(context_, [&] {
      asked = context_.now();
      return context_.ports.hub.read(rules, ids, false, false, CallClass::change);
    });
    if (!read) {
      co_return std::unexpected(read.error());
    }
    std::vector<HubspotId> missing;
    for (const HubspotId id : ids) {
      const bool is_missing = std::ranges::find(read->missing, to_string(id)) != read->missing.end();
      (is_missing ? missing : findings.found).push_back(id);
    }
    co_await observe(
        {.type = rules.name, .seen = std::move(read->records), .bad = std::move(read->bad), .asked = asked}
    );
    if (!missing.empty()) {
      if (auto found = co_await find_missing(batch, rules, std::move(missing), findings); !found) {
        co_return std::unexpected(found.error());
      }
    }
  }
  for (const PendingHint& hint : batch.hints) {
    if (!hint.wish.privacy) {
      continue;
    }
    (contains(findings.gone, hint.id) ? findings.erased : findings.still_there).push_back(hint.id);
  }
  co_return findings;
}

/// Records that a read did not show are in the recycle bin, merged into another one, or gone for good.
Task<Reply<void>> Inbox::find_missing(
    const HintBatch& batch, const TypeRules& rules, std::vector<HubspotId> missing, Findings& findings
) {
  auto archived = co_await persist(context_, [&] {
    return context_.ports.hub.read(rules, missing, true, false, CallClass::change);
  });
  if (!archived) {
    co_return std::unexpected(archived.error());
  }
  ObservePage page{.type = rules.name};
  for (const RemoteRecord& record : archived->records) {
    page.deleted.push_back(record.id);
    findings.gone.push_back(record.id);
  }
  if (!page.deleted.empty()) {
    co_await observe(std::move(page));
  }
  const auto known = co_await context_.ports.store.run([type = rules.name, missing](Repository& repository) {
    return repository.known_modified(type, missing);
  });
  for (const HubspotId id : missing) {
    const PendingHint hint{.id = id, .wish = wish_for(batch, id)};
    const bool unknown_here = !known.contains(id) && !hint.wish.gone && !hint.wish.merged;
    if (contains(findings.gone, id) || unknown_here) {
      continue;
    }
    if (auto followed = co_await follow(hint, rules, findings); !followed) {
      co_return followed;
    }
  }
  co_return Reply<void>{};
}

/// A read of one record alone follows a merge (HUBSPOT.md §4.6). Where not even that finds it, it is gone;
/// but only an event that said so makes that a deletion (I9).
Task<Reply<void>> Inbox::follow(const PendingHint& hint, const TypeRules& rules, Findings& findings) {
  const std::vector<HubspotId> one{hint.id};
  Instant asked{};
  auto read = co_await persist(context_, [&] {
    asked = context_.now();
    return context_.ports.hub.read(rules, one, false, false, CallClass::change);
  });
  if (!read) {
    co_return std::unexpected(read.error());
  }
  ObservePage page{.type = rules.name, .asked = asked};
  if (!read->records.empty()) {
    page.seen = std::move(read->records);
    findings.found.push_back(hint.id);
  } else if (hint.wish.gone && read->bad.empty()) {
    page.deleted.push_back(hint.id);
    findings.gone.push_back(hint.id);
  } else {
    co_return Reply<void>{};
  }
  co_await observe(std::move(page));
  co_return Reply<void>{};
}

/// Associations are read where an event is about them, or about a record that may have new ones.
Task<Reply<void>> Inbox::read_references(
    const HintBatch& batch, const TypeRules& rules, const Findings& findings
) {
  std::vector<HubspotId> ids;
  for (const PendingHint& hint : batch.hints) {
    if (hint.wish.reference && contains(findings.found, hint.id)) {
      ids.push_back(hint.id);
    }
  }
  if (rules.reference() == nullptr || ids.empty()) {
    co_return Reply<void>{};
  }
  ids.resize(std::min(ids.size(), reference_limit));
  Instant asked{};
  auto references = co_await persist(context_, [&] {
    asked = context_.now();
    return context_.ports.hub.read_references(rules, ids, CallClass::change);
  });
  if (!references) {
    co_return std::unexpected(references.error());
  }
  ObservePage page{.type = rules.name, .asked = asked};
  for (const auto& [id, reference] : *references) {
    page.seen.push_back({.id = id, .values = {}, .references_known = true, .reference = reference});
  }
  co_await observe(std::move(page));
  co_return Reply<void>{};
}

Task<void> Inbox::settle(const HintBatch& batch, const TypeRules& rules, const Findings& findings) {
  const Instant now = context_.now();
  std::vector<HintOutcome> outcomes;
  for (const HintBatch::Item& item : batch.items) {
    HintOutcome outcome{.item = item.id};
    if (item.wish.privacy && any_of_item(item, findings.still_there)) {
      outcome.error = "HubSpot still has a record that it says was deleted for privacy";
      if (item.attempts < looks_at_most) {
        outcome.retry_at = now + look_again;
        next_look_ = context_.ports.clock.steady() + look_again;
      }
    }
    outcomes.push_back(std::move(outcome));
  }
  co_await context_.ports.store.run(
      [outcomes, erased = findings.erased, type = rules.name, now](Repository& repository) {
        for (const HubspotId id : erased) {
          repository.erase(type, id, now);
        }
        repository.settle_hints(outcomes, now);
      }
  );
  if (!findings.erased.empty()) {
    context_.ports.events.emit(
        {Severity::warning,
         "privacy.erased",
         "HubSpot deleted people for privacy: everything about them was erased here; older backups still "
         "have it",
         {{"records", std::to_string(findings.erased.size())}}}
    );
  }
}

}  // namespace hubsync
