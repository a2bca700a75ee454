#include "daemon/engine/missing.hpp"

#include <algorithm>
#include <utility>

namespace hubsync {
namespace {

/// Takes what a read of `asked` showed; true when it showed the record, or one it cannot read.
bool take(Whereabouts& found, ReadResult result) {
  const bool shown = !result.records.empty() || !result.bad.empty();
  std::ranges::move(result.records, std::back_inserter(found.records));
  std::ranges::move(result.bad, std::back_inserter(found.bad));
  return shown;
}

/// Only a read of one record alone follows a merge for sure (HUBSPOT.md §4.6).
Task<Reply<void>> follow(
    Hub& hub, const TypeRules& rules, HubspotId id, CallClass call_class, Whereabouts& found
) {
  for (const bool archived : {false, true}) {
    auto read = co_await hub.read(rules, {id}, archived, false, call_class);
    if (!read) {
      co_return std::unexpected(read.error());
    }
    if (take(found, std::move(*read))) {
      co_return Reply<void>{};
    }
  }
  found.nowhere.push_back(id);
  co_return Reply<void>{};
}

}  // namespace

Task<Reply<Whereabouts>> find_missing(
    Hub& hub, const TypeRules& rules, std::vector<HubspotId> ids, CallClass call_class
) {
  Whereabouts found;
  auto archived = co_await hub.read(rules, ids, true, false, call_class);
  if (!archived) {
    co_return std::unexpected(archived.error());
  }
  std::vector<HubspotId> open;
  for (const std::string& text : archived->missing) {
    if (const auto id = parse_hubspot_id(text)) {
      open.push_back(*id);
    }
  }
  take(found, std::move(*archived));
  for (const HubspotId id : open) {
    if (auto followed = co_await follow(hub, rules, id, call_class, found); !followed) {
      co_return std::unexpected(followed.error());
    }
  }
  co_return found;
}

}  // namespace hubsync
