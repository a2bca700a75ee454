#include "daemon/engine/unlinked.hpp"

#include <algorithm>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "daemon/core/batch.hpp"
#include "daemon/core/canonical.hpp"
#include "daemon/core/due.hpp"
#include "daemon/core/search.hpp"

namespace hubsync {
namespace {

/// A list longer than this many pages is not walked to its end for the sake of one lost answer.
constexpr int longest_walk = 500;

/// One look-up on its way; lives in the frame of find_unlinked().
struct Lookup {
  Hub& hub;
  const TypeRules& rules;
  CallClass call_class;
  ReadResult found = {};
  std::optional<CallFailure> failure = {};
};

/// A record that is met again is decided about as it was shown last (I6).
void add(Lookup& lookup, RemoteRecord record) {
  const auto met = std::ranges::find(lookup.found.records, record.id, &RemoteRecord::id);
  if (met == lookup.found.records.end()) {
    lookup.found.records.push_back(std::move(record));
  } else {
    *met = std::move(record);
  }
}

/// True when there was an answer.
bool take(Lookup& lookup, Reply<ReadResult> read) {
  if (!read) {
    lookup.failure = std::move(read.error());
    return false;
  }
  for (RemoteRecord& record : read->records) {
    add(lookup, std::move(record));
  }
  std::ranges::move(read->bad, std::back_inserter(lookup.found.bad));
  return true;
}

/// A key that is not unique in HubSpot can only be searched for; the values come from a read (HUBSPOT.md
/// §5.1).
Task<void> search_keys(Lookup& lookup, std::string property, std::vector<std::string> values) {
  SearchQuery query{.filters = {{property, "IN", values}}, .sort = lookup.rules.modified_property};
  do {
    const auto page = co_await lookup.hub.search(lookup.rules, query, lookup.call_class);
    if (!page) {
      lookup.failure = page.error();
      co_return;
    }
    constexpr auto at_once = static_cast<std::size_t>(batch_limit);
    for (std::size_t begin = 0; begin < page->hits.size(); begin += at_once) {
      std::vector<HubspotId> ids;
      for (std::size_t i = begin; i < std::min(page->hits.size(), begin + at_once); ++i) {
        ids.push_back(page->hits[i].id);
      }
      if (!take(
              lookup, co_await lookup.hub.read(lookup.rules, std::move(ids), false, false, lookup.call_class)
          )) {
        co_return;
      }
    }
    query.after = page->next;
  } while (query.after);
}

/// Walks the live records or the recycle bin, with all values, until `see`, which takes what it looks for,
/// has seen enough.
Task<void> walk(Lookup& lookup, bool archived, std::function<bool(RemoteRecord&)> see) {
  std::optional<std::string> after;
  int pages = 0;
  do {
    auto page = co_await lookup.hub.list(lookup.rules, after, archived, lookup.call_class);
    if (!page) {
      lookup.failure = page.error();
      co_return;
    }
    if (page->narrow && !page->records.empty()) {
      std::vector<HubspotId> ids;
      std::ranges::transform(page->records, std::back_inserter(ids), &RemoteRecord::id);
      auto values = co_await lookup.hub.read(lookup.rules, ids, archived, false, lookup.call_class);
      if (!values) {
        lookup.failure = values.error();
        co_return;
      }
      page->records = std::move(values->records);
    }
    for (RemoteRecord& record : page->records) {
      if (!see(record)) {
        co_return;
      }
    }
    after = std::move(page->next);
    ++pages;
  } while (after && (archived || pages < longest_walk));
}

/// A create that arrived may have been archived since. Nothing finds an archived record by its uid, so the
/// recycle bin is walked to its end (HUBSPOT.md §4.6).
Task<void> find_in_bin(Lookup& lookup, std::set<std::string> uids) {
  if (uids.empty()) {
    co_return;
  }
  co_await walk(lookup, true, [&lookup, &uids](RemoteRecord& record) {
    if (record.archived && record.uid && uids.erase(*record.uid) > 0) {
      add(lookup, std::move(record));
    }
    return !uids.empty();
  });
}

bool may_be(const RemoteRecord& record, const TypeRules& rules, const Claim& claim) {
  if (!claim.key.empty()) {
    return canonical_key(rules, value_or_empty(record.values, rules.key)) == claim.key;
  }
  return !record.uid && shows_created(record, rules, claim.sent);
}

/// Where HubSpot keeps neither our id nor a unique key, only the record's values tell what an unanswered
/// create made. The list shows it at once; the search index would only after a while (HUBSPOT.md §5.1).
Task<void> find_in_list(Lookup& lookup, std::vector<Claim> unanswered) {
  if (unanswered.empty()) {
    co_return;
  }
  co_await walk(lookup, false, [&lookup, &unanswered](RemoteRecord& record) {
    const bool fits = std::ranges::any_of(unanswered, [&](const Claim& claim) {
      return may_be(record, lookup.rules, claim);
    });
    if (fits) {
      add(lookup, std::move(record));
    }
    return true;
  });
}

Task<void> find_keys(Lookup& lookup, std::set<std::string> keys) {
  if (keys.empty()) {
    co_return;
  }
  std::vector<std::string> values{keys.begin(), keys.end()};
  const std::string property = lookup.rules.find(lookup.rules.key)->property;
  if (lookup.rules.key_is_unique) {
    take(lookup, co_await lookup.hub.read_by(lookup.rules, property, std::move(values), lookup.call_class));
    co_return;
  }
  for (std::vector<std::string>& part : search_parts(std::move(values))) {
    if (!lookup.failure) {
      co_await search_keys(lookup, property, std::move(part));
    }
  }
}

Task<void> find_uids(Lookup& lookup, std::vector<std::string> uids) {
  if (uids.empty()) {
    co_return;
  }
  auto read = co_await lookup.hub.read_by(lookup.rules, std::string{uid_property}, uids, lookup.call_class);
  std::set<std::string> missing;
  if (read) {
    missing.insert(read->missing.begin(), read->missing.end());
  }
  if (take(lookup, std::move(read))) {
    co_await find_in_bin(lookup, std::move(missing));
  }
}

}  // namespace

Task<Reply<ReadResult>> find_unlinked(
    Hub& hub, const TypeRules& rules, bool has_uid, std::vector<Claim> claims, CallClass call_class
) {
  Lookup lookup{.hub = hub, .rules = rules, .call_class = call_class};
  std::vector<std::string> uids;
  std::set<std::string> keys;
  std::vector<Claim> unanswered;
  for (const Claim& claim : claims) {
    if (claim.hubspot_id) {
      continue;
    }
    if (claim.sent_before && has_uid) {
      uids.push_back(claim.uid);
    } else if (claim.sent_before && (claim.key.empty() || !rules.key_is_unique)) {
      unanswered.push_back(claim);
    }
    if (!claim.key.empty()) {
      keys.insert(claim.key);
    }
  }
  co_await find_uids(lookup, std::move(uids));
  if (!lookup.failure) {
    co_await find_in_list(lookup, std::move(unanswered));
  }
  if (!lookup.failure) {
    co_await find_keys(lookup, std::move(keys));
  }
  if (lookup.failure) {
    co_return std::unexpected(std::move(*lookup.failure));
  }
  co_return std::move(lookup.found);
}

}  // namespace hubsync
