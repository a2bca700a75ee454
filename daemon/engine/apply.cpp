#include "daemon/engine/apply.hpp"

#include <algorithm>
#include <utility>

#include "daemon/engine/push.hpp"

namespace hubsync {
namespace {

/// What HubSpot has now of the records.
Task<Result<ObservePage>> look(EngineContext& context, const TypeRules& rules, std::vector<HubspotId> ids) {
  ObservePage page{.type = rules.name, .asked = context.now()};
  if (ids.empty()) {
    co_return page;
  }
  auto read = co_await persist(
      context,
      [&] { return context.ports.hub.read(rules, ids, false, false, CallClass::interactive); },
      WhenSpent::give_up
  );
  if (!read) {
    co_return std::unexpected(to_error(read.error()));
  }
  std::vector<HubspotId> missing;
  for (const std::string& text : read->missing) {
    if (const auto id = parse_hubspot_id(text)) {
      missing.push_back(*id);
    }
  }
  if (!missing.empty()) {
    auto archived = co_await persist(
        context,
        [&] { return context.ports.hub.read(rules, missing, true, false, CallClass::interactive); },
        WhenSpent::give_up
    );
    if (!archived) {
      co_return std::unexpected(to_error(archived.error()));
    }
    for (const RemoteRecord& record : archived->records) {
      if (record.archived) {
        page.deleted.push_back(record.id);
      }
    }
  }
  page.seen = std::move(read->records);
  if (rules.reference() == nullptr) {
    co_return page;
  }
  auto references = co_await persist(
      context,
      [&] { return context.ports.hub.read_references(rules, ids, CallClass::interactive); },
      WhenSpent::give_up
  );
  if (!references) {
    co_return std::unexpected(to_error(references.error()));
  }
  for (RemoteRecord& record : page.seen) {
    if (const auto found = references->find(record.id); found != references->end()) {
      record.references_known = true;
      record.reference = found->second;
    }
  }
  co_return page;
}

/// The records that have something to send, kept from the scheduler; fewer when some are on their way
/// already.
Task<std::vector<Claim>> claim(EngineContext& context, const ApplyWish& wish) {
  co_return co_await context.ports.store.run(
      [type = wish.type, ids = wish.pushes, now = context.now()](Repository& repository) {
        std::vector<Claim> claims;
        for (const LocalId& id : ids) {
          if (auto one = repository.claim_record(type, id, now)) {
            claims.push_back(std::move(*one));
          }
        }
        return claims;
      }
  );
}

std::vector<LocalId> ids_of(const std::vector<Claim>& claims) {
  std::vector<LocalId> ids;
  std::ranges::transform(claims, std::back_inserter(ids), &Claim::id);
  return ids;
}

/// Plans, asks whether that is what was saved, and takes HubSpot's values over, all in one transaction.
Task<ApplyOutcome> decide(
    EngineContext& context, const ApplyWish& wish, ObservePage page, std::vector<PlannedChange> sends
) {
  co_return co_await context.ports.store.run([approves = wish.approves,
                                              check_only = wish.check_only,
                                              now = context.now(),
                                              page = std::move(page),
                                              sends = std::move(sends)](Repository& repository) mutable {
    page.dry_run = true;
    std::vector<PlannedChange> planned = repository.observe(page, now).planned;
    std::ranges::move(sends, std::back_inserter(planned));
    ApplyOutcome outcome{.moved = !approves(planned)};
    if (!outcome.moved && !check_only) {
      page.dry_run = false;
      outcome.counts = repository.observe(page, now).counts;
    }
    return outcome;
  });
}

}  // namespace

Task<Result<ApplyOutcome>> apply_part(EngineContext& context, ApplyWish wish) {
  const TypeRules* const rules = context.options.rules.find(wish.type);
  if (rules == nullptr) {
    co_return fail(ErrorCode::invalid, "there is no such record type", "", "type");
  }
  if (context.paused && !wish.pushes.empty()) {
    co_return fail(
        ErrorCode::conflict,
        "the queue is paused, and the plan sends something to HubSpot",
        "`hubsync queue resume`, then apply it again"
    );
  }
  auto page = co_await look(context, *rules, wish.linked);
  if (!page) {
    co_return std::unexpected(std::move(page.error()));
  }
  std::vector<Claim> claims = co_await claim(context, wish);
  const bool all_claimed = claims.size() == wish.pushes.size();
  std::vector<PlannedChange> sends;
  std::optional<CallFailure> unread;
  if (all_claimed && !claims.empty()) {
    unread = (co_await push_batch(context, wish.type, claims, CallClass::interactive, true, &sends)).failure;
  }
  ApplyOutcome outcome{.moved = true};
  if (all_claimed && !unread) {
    outcome = co_await decide(context, wish, std::move(*page), std::move(sends));
  }
  if (!outcome.moved && !wish.check_only && !claims.empty()) {
    outcome.counts +=
        (co_await push_batch(context, wish.type, claims, CallClass::interactive, false, nullptr)).counts;
  } else {
    co_await context.ports.store.run([ids = ids_of(claims)](Repository& repository) {
      repository.release_claims(ids);
    });
  }
  context.changed();
  if (unread) {
    co_return std::unexpected(to_error(*unread));
  }
  co_return outcome;
}

}  // namespace hubsync
