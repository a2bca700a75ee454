#include "daemon/engine/verify.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "daemon/engine/pull.hpp"

namespace hubsync {
namespace {

/// Which part comes next: "" and "hubspot:CURSOR:ID" in HubSpot's listing, where ID is the last one met;
/// "local:ID" among what it does not have.
constexpr std::string_view listing = "hubspot:";
constexpr std::string_view unlinked = "local:";

constexpr std::int64_t unlinked_part = 100;

struct Place {
  std::optional<std::string> cursor = {};
  std::int64_t met = 0;
};

std::optional<Place> parse_place(const std::string& text) {
  if (!text.starts_with(listing)) {
    return std::nullopt;
  }
  const std::string rest = text.substr(listing.size());
  const std::size_t colon = rest.find(':');
  const auto met = colon == std::string::npos ? std::nullopt : parse_hubspot_id(rest.substr(colon + 1));
  if (colon == 0 || !met) {
    return std::nullopt;
  }
  return Place{rest.substr(0, colon), met->number};
}

/// The comparison of one page, which holds all that HubSpot has from the last record met up to the page's
/// last.
CompareStep step_of(const TypeRules& rules, ListPage& page, std::int64_t after) {
  CompareStep step{.type = rules.name, .after = after, .last = after};
  for (const BadRecord& bad : page.bad) {
    step.unreadable.push_back(parse_hubspot_id(bad.id).value_or(HubspotId{}));
    step.last = std::max(step.last, step.unreadable.back().number);
  }
  for (const RemoteRecord& record : page.records) {
    step.last = std::max(step.last, record.id.number);
  }
  step.seen = std::move(page.records);
  return step;
}

Task<Result<VerifyPart>> verify_listing(EngineContext& context, const TypeRules& rules, Place place) {
  auto page = co_await persist(
      context,
      [&] { return context.ports.hub.list(rules, place.cursor, false, CallClass::sweep); },
      WhenSpent::give_up
  );
  if (!page) {
    co_return std::unexpected(to_error(page.error()));
  }
  if (page->narrow) {
    if (const auto widened = co_await widen(context, rules, *page, WhenSpent::give_up); !widened) {
      co_return std::unexpected(to_error(widened.error()));
    }
  }
  VerifyPart part;
  part.compared = static_cast<std::int64_t>(page->records.size() + page->bad.size());
  CompareStep step = step_of(rules, *page, place.met);
  part.next = page->next ? std::string{listing} + *page->next + ":" + std::to_string(step.last)
                         : std::string{unlinked};
  if (!page->next) {
    step.last = std::numeric_limits<std::int64_t>::max();
  }
  part.differences = co_await context.ports.store.run([step = std::move(step)](Repository& repository) {
    return repository.compare(step);
  });
  for (const BadRecord& bad : page->bad) {
    part.differences.push_back(
        {.type = rules.name,
         .kind = DifferenceKind::unreadable,
         .hubspot_id = parse_hubspot_id(bad.id),
         .field = {},
         .remote = bad.reason}
    );
  }
  co_return part;
}

}  // namespace

Task<Result<VerifyPart>> verify_part(EngineContext& context, std::string type, std::string after) {
  const TypeRules* const rules = context.options.rules.find(type);
  if (rules == nullptr) {
    co_return fail(ErrorCode::invalid, "there is no such record type", "", "type");
  }
  if (after.starts_with(unlinked)) {
    UnlinkedPart found =
        co_await context.ports.store.run([name = rules->name,
                                          id = LocalId{after.substr(unlinked.size())}](Repository& repository
                                         ) { return repository.unlinked_after(name, id, unlinked_part); });
    VerifyPart part{.differences = std::move(found.differences)};
    part.compared = static_cast<std::int64_t>(part.differences.size());
    if (found.next) {
      part.next = std::string{unlinked} + found.next->text;
    }
    co_return part;
  }
  std::optional<Place> place = after.empty() ? Place{} : parse_place(after);
  if (!place) {
    co_return fail(
        ErrorCode::invalid, "`after` is not one that was given out", "begin with an empty one", "after"
    );
  }
  co_return co_await verify_listing(context, *rules, std::move(*place));
}

}  // namespace hubsync
