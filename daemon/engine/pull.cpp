#include "daemon/engine/pull.hpp"

#include <algorithm>
#include <limits>
#include <set>
#include <utility>

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "daemon/core/walk.hpp"
#include "daemon/engine/missing.hpp"

namespace hubsync {
namespace {

using boost::asio::experimental::awaitable_operators::operator&&;

/// Records that go into one transaction, and how long the first page of them waits for the others.
constexpr std::size_t chunk_records = 4'000;
constexpr Duration chunk_patience{1'000};

/// Consecutive pages of a walk.
struct Chunk {
  ObservePage page = {};
  std::int64_t records = 0;
  std::optional<std::string> next = {};
  bool last = false;
};

std::string walk_cursor_name(const Run& run, const std::string& type) {
  return walk_cursors(run) + type;
}

std::string poll_cursor_name(const TypeRules& rules) {
  return "poll:" + rules.name;
}

/// The last id before the page that a stored cursor leads to; nothing when the cursor is no id.
std::optional<std::int64_t> covered_before(const std::string& cursor) {
  const auto id = parse_hubspot_id(cursor);
  return id ? std::optional{id->number - 1} : std::nullopt;
}

/// The smallest and the greatest id that a chunk shows; nothing when it shows none.
std::optional<std::pair<std::int64_t, std::int64_t>> shown_range(const ObservePage& page) {
  std::optional<std::pair<std::int64_t, std::int64_t>> range;
  const auto add = [&range](HubspotId id) {
    const auto [least, most] = range.value_or(std::pair{id.number, id.number});
    range = {std::min(least, id.number), std::max(most, id.number)};
  };
  for (const RemoteRecord& record : page.seen) {
    add(record.id);
  }
  for (const BadRecord& bad : page.bad) {
    if (const auto id = parse_hubspot_id(bad.id)) {
      add(*id);
    }
  }
  return range;
}

/// Pages go by ascending id (HUBSPOT.md §4.1): a chunk covers what lies behind the one before it, up to its
/// own greatest id; the last one covers all ids beyond. What `after` means is of no matter for it.
WalkStep step_of(const ObservePage& page, std::optional<std::int64_t> covered, bool last) {
  const auto range = shown_range(page);
  const std::int64_t from = covered ? *covered : range ? range->first - 1 : 0;
  if (last) {
    return {.after = from, .last = std::numeric_limits<std::int64_t>::max()};
  }
  return {.after = from, .last = range ? std::max(from, range->second) : from};
}

}  // namespace

Task<Reply<void>> widen(
    EngineContext& context, const TypeRules& rules, ListPage& page, WhenSpent when_spent
) {
  std::vector<HubspotId> ids;
  ids.reserve(page.records.size());
  for (const RemoteRecord& record : page.records) {
    ids.push_back(record.id);
  }
  if (ids.empty()) {
    co_return Reply<void>{};
  }
  auto read = co_await persist(
      context, [&] { return context.ports.hub.read(rules, ids, false, false, CallClass::sweep); }, when_spent
  );
  if (!read) {
    co_return std::unexpected(read.error());
  }
  for (RemoteRecord& record : read->records) {
    const auto listed = std::ranges::find(page.records, record.id, &RemoteRecord::id);
    if (listed != page.records.end()) {
      record.references_known = listed->references_known;
      record.reference = listed->reference;
    }
  }
  page.records = std::move(read->records);
  std::ranges::move(read->bad, std::back_inserter(page.bad));
  co_return Reply<void>{};
}

namespace {

/// `covered`: the last id of the chunk before; nothing when it is not known.
Task<Reply<Chunk>> fetch_chunk(
    EngineContext& context,
    const TypeRules& rules,
    std::optional<std::string> after,
    std::optional<std::int64_t> covered,
    WhenSpent when_spent
) {
  Chunk chunk;
  chunk.page.type = rules.name;
  chunk.page.asked = context.now();
  const SteadyInstant begin = context.ports.clock.steady();
  do {
    auto page = co_await persist(
        context, [&] { return context.ports.hub.list(rules, after, false, CallClass::sweep); }, when_spent
    );
    if (!page) {
      co_return std::unexpected(page.error());
    }
    if (page->narrow) {
      if (auto widened = co_await widen(context, rules, *page, when_spent); !widened) {
        co_return std::unexpected(widened.error());
      }
    }
    chunk.records += static_cast<std::int64_t>(page->records.size() + page->bad.size());
    std::ranges::move(page->records, std::back_inserter(chunk.page.seen));
    std::ranges::move(page->bad, std::back_inserter(chunk.page.bad));
    after = page->next;
  } while (after && chunk.page.seen.size() < chunk_records && !context.stopping &&
           context.ports.clock.steady() - begin < chunk_patience);
  chunk.next = after;
  chunk.last = !after;
  chunk.page.walk = step_of(chunk.page, covered, chunk.last);
  co_return chunk;
}

/// Observes a page and adds what it did to the run. A step of a walk saves the run's progress with it.
Task<std::vector<HubspotId>> observe(EngineContext& context, RunUnderWay& under_way, ObservePage page) {
  page.dry_run = under_way.run.dry_run;
  page.run = under_way.run.id;
  const bool progress = page.walk && !page.dry_run;
  ObserveResult result =
      co_await context.ports.store.run([page = std::move(page),
                                        now = context.now(),
                                        run = progress ? std::optional{under_way.run}
                                                       : std::nullopt](Repository& repository) {
        if (run) {
          repository.save_run(*run);
        }
        return repository.observe(page, now);
      });
  under_way.run.counts += result.counts;
  std::ranges::move(result.planned, std::back_inserter(under_way.planned));
  if (result.due_work) {
    context.changed();
  }
  co_return std::move(result.absent);
}

Task<std::vector<HubspotId>> store_chunk(EngineContext& context, RunUnderWay& under_way, Chunk chunk) {
  if (chunk.page.type.empty()) {
    co_return std::vector<HubspotId>{};
  }
  const std::string type = chunk.page.type;
  const std::int64_t records = chunk.records;
  if (!under_way.run.dry_run) {
    chunk.page.cursors.push_back({walk_cursor_name(under_way.run, type), chunk.next.value_or("")});
  }
  RunProgress& progress = under_way.run.progress[type];
  progress.done += records;
  if (progress.total || chunk.last) {  // It was an estimate: now it is known better.
    progress.total = chunk.last ? progress.done : std::max(*progress.total, progress.done);
  }
  co_return co_await observe(context, under_way, std::move(chunk.page));
}

/// Takes proven deletions in; together, so that too many of them are held before the first one is carried out
/// (I10).
Task<void> observe_deleted(
    EngineContext& context, RunUnderWay& under_way, const TypeRules& rules, std::vector<HubspotId> deleted
) {
  if (!under_way.run.dry_run && !deleted.empty()) {
    co_await context.ports.store.run([type = rules.name, deleted, now = context.now()](Repository& repository
                                     ) { repository.hold_deletions_here(type, deleted, now); });
  }
  constexpr std::size_t at_once = 1'000;
  for (std::size_t begin = 0; begin < deleted.size(); begin += at_once) {
    const std::size_t end = std::min(begin + at_once, deleted.size());
    ObservePage page{.type = rules.name};
    page.deleted.assign(
        deleted.begin() + static_cast<std::ptrdiff_t>(begin),
        deleted.begin() + static_cast<std::ptrdiff_t>(end)
    );
    co_await observe(context, under_way, std::move(page));
  }
}

/// Records that a walk did not meet, or whose deletion a person released: only those that the recycle bin
/// shows are deleted (I9). The others are returned.
Task<Reply<std::vector<HubspotId>>> prove_absent(
    EngineContext& context, RunUnderWay& under_way, const TypeRules& rules, std::vector<HubspotId> absent
) {
  std::set<HubspotId> deleted;
  for (std::size_t begin = 0; begin < absent.size(); begin += batch_limit) {
    const std::vector<HubspotId> ids(
        absent.begin() + static_cast<std::ptrdiff_t>(begin),
        absent.begin() +
            static_cast<std::ptrdiff_t>(std::min(begin + static_cast<std::size_t>(batch_limit), absent.size())
            )
    );
    Instant asked{};
    const auto ask = [&] {
      asked = context.now();
      return find_missing(context.ports.hub, rules, ids, CallClass::sweep);
    };
    auto found = co_await persist(context, ask, under_way.when_spent());
    if (!found) {
      co_return std::unexpected(found.error());
    }
    ObservePage page{.type = rules.name, .bad = std::move(found->bad), .asked = asked};
    for (RemoteRecord& record : found->records) {
      const bool same = std::ranges::find(ids, record.id) != ids.end();
      const bool merged = std::ranges::any_of(record.former_ids, [&](HubspotId former) {
        return former != record.id && std::ranges::find(ids, former) != ids.end();
      });
      if (record.archived && same && !merged) {
        deleted.insert(record.id);
      } else {
        page.seen.push_back(std::move(record));  // What another was merged into, or it is there after all.
      }
    }
    for (const HubspotId id : found->nowhere) {
      page.bad.push_back({to_string(id), nowhere_text});
    }
    if (!page.seen.empty() || !page.bad.empty()) {
      co_await observe(context, under_way, std::move(page));
    }
  }
  std::erase_if(absent, [&deleted](HubspotId id) { return deleted.contains(id); });
  co_await observe_deleted(context, under_way, rules, {deleted.begin(), deleted.end()});
  co_return absent;
}

/// Reads records whole and observes them.
Task<Reply<void>> read_and_observe(
    EngineContext& context, RunUnderWay& under_way, const TypeRules& rules, std::vector<HubspotId> ids
) {
  Instant asked{};
  const auto ask = [&] {
    asked = context.now();
    return context.ports.hub.read(rules, ids, false, false, CallClass::sweep);
  };
  auto read = co_await persist(context, ask, under_way.when_spent());
  if (!read) {
    co_return std::unexpected(read.error());
  }
  under_way.run.progress[rules.name].done += static_cast<std::int64_t>(ids.size());
  co_await observe(
      context,
      under_way,
      {.type = rules.name, .seen = std::move(read->records), .bad = std::move(read->bad), .asked = asked}
  );
  co_return Reply<void>{};
}

/// The hits that are news: their modified time differs from what was seen last.
Task<std::vector<HubspotId>> unknown_hits(
    EngineContext& context, const TypeRules& rules, std::vector<HubspotId> ids, const SearchPage& page
) {
  const std::map<HubspotId, Instant> known =
      co_await context.ports.store.run([type = rules.name, ids](Repository& repository) {
        return repository.known_modified(type, ids);
      });
  std::erase_if(ids, [&](HubspotId id) {
    const auto hit = std::ranges::find(page.hits, id, &SearchHit::id);
    const auto seen = known.find(id);
    return hit != page.hits.end() && hit->modified && seen != known.end() && seen->second == *hit->modified;
  });
  co_return ids;
}

/// A page of a search, and the ids in it that were not met before.
struct Hits {
  SearchPage page;
  std::vector<HubspotId> ids;
};

/// Nothing when there is nothing left to ask.
Task<Reply<std::optional<SearchPage>>> search(
    EngineContext& context, const TypeRules& rules, std::optional<SearchQuery> query, WhenSpent when_spent
) {
  if (!query) {
    co_return std::nullopt;
  }
  co_return co_await persist(
      context, [&] { return context.ports.hub.search(rules, *query, CallClass::sweep); }, when_spent
  );
}

/// Reads and observes what is news, and adds it to `changed`.
Task<Reply<void>> take_hits(
    EngineContext& context,
    RunUnderWay& under_way,
    const TypeRules& rules,
    Hits hits,
    std::vector<HubspotId>& changed
) {
  const auto ids = co_await unknown_hits(context, rules, std::move(hits.ids), hits.page);
  for (std::size_t begin = 0; begin < ids.size(); begin += batch_limit) {
    const auto end = std::min(begin + static_cast<std::size_t>(batch_limit), ids.size());
    std::vector<HubspotId> part(
        ids.begin() + static_cast<std::ptrdiff_t>(begin), ids.begin() + static_cast<std::ptrdiff_t>(end)
    );
    if (auto observed = co_await read_and_observe(context, under_way, rules, std::move(part)); !observed) {
      co_return observed;
    }
  }
  std::ranges::copy(ids, std::back_inserter(changed));
  co_return Reply<void>{};
}

/// Associations have no modified time of their own: those of the changed records are read with them.
Task<Reply<void>> observe_references(
    EngineContext& context, RunUnderWay& under_way, const TypeRules& rules, std::vector<HubspotId> ids
) {
  constexpr std::size_t limit = 1'000;  // HUBSPOT.md §6
  for (std::size_t begin = 0; begin < ids.size(); begin += limit) {
    const std::vector<HubspotId> part(
        ids.begin() + static_cast<std::ptrdiff_t>(begin),
        ids.begin() + static_cast<std::ptrdiff_t>(std::min(begin + limit, ids.size()))
    );
    Instant asked{};
    const auto ask = [&] {
      asked = context.now();
      return context.ports.hub.read_references(rules, part, CallClass::sweep);
    };
    auto references = co_await persist(context, ask, under_way.when_spent());
    if (!references) {
      co_return std::unexpected(references.error());
    }
    ObservePage page{.type = rules.name, .asked = asked};
    for (const auto& [id, reference] : *references) {
      page.seen.push_back({.id = id, .values = {}, .references_known = true, .reference = reference});
    }
    co_await observe(context, under_way, std::move(page));
  }
  co_return Reply<void>{};
}

}  // namespace

Task<std::optional<std::int64_t>> expect_records(
    EngineContext& context, const TypeRules& rules, bool first_time
) {
  if (!first_time) {
    const StoreStatus status =
        co_await context.ports.store.run([](Repository& repository) { return repository.status(); });
    const auto counts = status.records.find(rules.name);
    if (counts != status.records.end() && counts->second.total > 0) {
      co_return counts->second.total;
    }
  }
  const auto found = co_await context.ports.hub.search(
      rules, {.filters = {}, .sort = rules.modified_property, .limit = 1}, CallClass::sweep
  );
  co_return found ? std::optional{found->total} : std::nullopt;
}

Task<Reply<void>> walk_all(EngineContext& context, RunUnderWay& under_way, const TypeRules& rules) {
  std::optional<std::string> after;
  if (!under_way.run.dry_run) {
    after = co_await context.ports.store.run([name = walk_cursor_name(under_way.run, rules.name)](
                                                 Repository& repository
                                             ) { return repository.cursor(name); });
    if (after && after->empty()) {
      co_return Reply<void>{};  // Walked to its end before a restart.
    }
  }
  std::optional<std::int64_t> covered = after ? covered_before(*after) : 0;
  std::vector<HubspotId> absent;
  Chunk fetched;
  while (!fetched.last && !context.stopping) {
    // The next pages are fetched while these are stored.
    auto [next, gone] = co_await (
        fetch_chunk(context, rules, after, covered, under_way.when_spent()) &&
        store_chunk(context, under_way, std::move(fetched))
    );
    std::ranges::move(gone, std::back_inserter(absent));
    if (!next) {
      co_return std::unexpected(next.error());
    }
    fetched = std::move(*next);
    after = fetched.next;
    covered = fetched.page.walk->last;
  }
  std::vector<HubspotId> gone = co_await store_chunk(context, under_way, std::move(fetched));
  std::ranges::move(gone, std::back_inserter(absent));
  const auto proven = co_await prove_absent(context, under_way, rules, std::move(absent));
  if (!proven) {
    co_return std::unexpected(proven.error());
  }
  co_return Reply<void>{};
}

Task<Reply<void>> carry_released(EngineContext& context, RunUnderWay& under_way, const TypeRules& rules) {
  std::vector<HubspotId> released =
      co_await context.ports.store.run([type = rules.name](Repository& repository) {
        return repository.released_deletions(type);
      });
  if (released.empty()) {
    co_return Reply<void>{};
  }
  auto alive = co_await prove_absent(context, under_way, rules, std::move(released));
  if (!alive) {
    co_return std::unexpected(alive.error());
  }
  co_await context.ports.store.run([type = rules.name, ids = std::move(*alive)](Repository& repository) {
    repository.forget_deletions(type, ids);
  });
  co_return Reply<void>{};
}

Task<Reply<void>> poll_changes(EngineContext& context, RunUnderWay& under_way, const TypeRules& rules) {
  const Instant now = context.hubspot_now();
  const Instant cursor = (co_await poll_cursor(context, rules)).value_or(now);
  // The window ends in the future, so that an edit of this second is taken too; the overlap of the next poll
  // covers what the index did not hold yet, and the cursor never passes HubSpot's clock.
  const PollOptions options{.safety = Duration{-5 * 60'000}};
  SearchWalk walk{rules.modified_property, search_window(cursor, now, false, options)};
  std::vector<HubspotId> changed;
  Hits hits;
  std::optional<SearchQuery> query = walk.next_query();
  while (query || !hits.ids.empty()) {
    // The next page is searched for while the records of this one are read.
    auto [page, taken] = co_await (
        search(context, rules, std::exchange(query, {}), under_way.when_spent()) &&
        take_hits(context, under_way, rules, std::exchange(hits, {}), changed)
    );
    if (!taken || !page) {
      co_return std::unexpected(taken ? page.error() : taken.error());
    }
    if (*page) {
      hits.ids = walk.on_page(**page);
      hits.page = std::move(**page);
      query = walk.next_query();
    }
  }
  if (rules.reference() != nullptr) {
    if (auto observed = co_await observe_references(context, under_way, rules, std::move(changed));
        !observed) {
      co_return observed;
    }
  }
  RunProgress& progress = under_way.run.progress[rules.name];
  progress.total = progress.done;
  if (!under_way.run.dry_run) {
    co_await set_poll_cursor(context, rules, std::min(walk.cursor(), now));
  }
  co_return Reply<void>{};
}

Task<std::optional<Instant>> poll_cursor(EngineContext& context, const TypeRules& rules) {
  const auto text = co_await context.ports.store.run([name = poll_cursor_name(rules)](Repository& repository
                                                     ) { return repository.cursor(name); });
  co_return text ? parse_instant(*text) : std::nullopt;
}

Task<Instant> walk_began(EngineContext& context, const Run& run, const TypeRules& rules) {
  const Instant now = context.hubspot_now();
  const std::string mine = run.id + " ";
  co_return co_await context.ports.store.run(
      [name = "walk_began:" + rules.name, mine, now](Repository& repository) {
        const std::string known = repository.cursor(name).value_or("");
        const auto began = known.starts_with(mine) ? parse_instant(known.substr(mine.size())) : std::nullopt;
        if (!began) {
          repository.set_cursors({{name, mine + format_instant(now)}});
        }
        return began.value_or(now);
      }
  );
}

Task<void> set_poll_cursor(EngineContext& context, const TypeRules& rules, Instant to) {
  co_await context.ports.store.run([name = poll_cursor_name(rules), to](Repository& repository) {
    repository.set_cursors({{name, format_instant(to)}});
  });
}

}  // namespace hubsync
