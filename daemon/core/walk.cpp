#include "daemon/core/walk.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>

#include "common/assert.hpp"

namespace hubsync {
namespace {

// A set that shrinks faster than it can be paged is left to the overlap of the next polls.
constexpr int max_rewinds = 3;

std::string filter_value(Instant instant) {
  return std::to_string(to_ms(instant));
}

/// The offset of the page after this one, as HubSpot names it or as the number of rows implies.
std::optional<int> next_offset(const SearchPage& page, int offset) {
  const int end = offset + static_cast<int>(page.hits.size());
  if (!page.next) {
    // Near the cap HubSpot leaves the cursor out although there are more.
    return !page.hits.empty() && end < page.total ? std::optional{end} : std::nullopt;
  }
  int next = 0;
  const char* last = page.next->data() + page.next->size();
  const auto [stop, error] = std::from_chars(page.next->data(), last, next);
  return error == std::errc{} && stop == last ? next : end;
}

}  // namespace

bool slow_pass_due(std::optional<Instant> last_slow_pass, Instant now, const PollOptions& options) {
  return !last_slow_pass || *last_slow_pass > now || now - *last_slow_pass >= options.slow_every;
}

SearchWindow search_window(Instant cursor, Instant now, bool slow, const PollOptions& options) {
  const Instant until = now - options.safety;
  const Instant start = std::min(cursor, until);
  return {.from = start - (slow ? options.slow_overlap : options.overlap), .until = until, .cursor = start};
}

SearchWalk::SearchWalk(std::string modified_property, SearchWindow window)
    : SearchWalk(std::move(modified_property), window, Options{}) {}

SearchWalk::SearchWalk(std::string modified_property, SearchWindow window, Options options)
    : property_(std::move(modified_property)),
      window_(window),
      options_(options),
      from_(window.from),
      ended_(window.from >= window.until) {
  ASSERT(options.limit > 0 && options.reach_back < options.limit && 2 * options.limit <= options.cap);
}

std::optional<SearchQuery> SearchWalk::next_query() const {
  if (ended_) {
    return std::nullopt;
  }
  SearchQuery query{.filters = {}, .sort = property_, .limit = options_.limit};
  if (by_id_) {
    query.filters = {
        {.property = property_, .op = "EQ", .values = {filter_value(from_)}},
        {.property = "hs_object_id", .op = "GT", .values = {to_string(*by_id_)}}
    };
    query.sort = "hs_object_id";
    return query;
  }
  query.filters = {
      {.property = property_, .op = "GTE", .values = {filter_value(from_)}},
      {.property = property_, .op = "LT", .values = {filter_value(window_.until)}}
  };
  if (offset_ > 0) {
    query.after = std::to_string(offset_);
  }
  return query;
}

std::vector<HubspotId> SearchWalk::on_page(const SearchPage& page) {
  ASSERT(!ended_);
  std::vector<HubspotId> ids = unseen(page);
  if (by_id_) {
    after_id_page(page);
  } else {
    after_time_page(page);
  }
  if (!ended_ && ++queries_ >= options_.max_queries) {
    ended_ = true;
    stalled_ = true;
  }
  return ids;
}

Instant SearchWalk::cursor() const {
  return ended_ && !stalled_ ? window_.until : std::clamp(from_, window_.cursor, window_.until);
}

std::vector<HubspotId> SearchWalk::unseen(const SearchPage& page) {
  std::vector<HubspotId> ids;
  for (const SearchHit& hit : page.hits) {
    // Values are fresher than the index: what changed after the window is the next poll's.
    if (hit.modified && *hit.modified >= window_.until) {
      continue;
    }
    if (seen_.emplace(hit.modified.value_or(Instant{}), hit.id).second) {
      ids.push_back(hit.id);
    }
  }
  return ids;
}

void SearchWalk::after_time_page(const SearchPage& page) {
  if (!continues(page) && rewinds_ < max_rewinds) {
    ++rewinds_;
    resume_at(last_page_oldest_);
    return;
  }
  const auto next = next_offset(page, offset_);
  if (!next) {
    ended_ = true;
    return;
  }
  const bool circles = *next <= offset_;
  const int target = *next - options_.reach_back > offset_ ? *next - options_.reach_back : *next;
  if (circles || target + options_.limit > options_.cap) {
    const Instant resume = oldest(page);
    if (resume > from_) {
      resume_at(resume);
    } else {
      by_id_ = HubspotId{0};
    }
    return;
  }
  offset_ = target;
  last_page_.clear();
  for (const SearchHit& hit : page.hits) {
    last_page_.insert(hit.id);
  }
  last_page_oldest_ = oldest(page);
}

void SearchWalk::after_id_page(const SearchPage& page) {
  const auto last = std::ranges::max_element(page.hits, {}, &SearchHit::id);
  const bool more = page.next || std::cmp_less(page.hits.size(), page.total);
  // A server that repeats itself brings no greater id.
  if (last != page.hits.end() && last->id > *by_id_ && more) {
    by_id_ = last->id;
    return;
  }
  by_id_.reset();
  resume_at(from_ + Duration{1});
  ended_ = from_ >= window_.until;
}

bool SearchWalk::continues(const SearchPage& page) const {
  if (offset_ == 0) {
    return true;
  }
  const auto reach = std::min(page.hits.size(), static_cast<std::size_t>(options_.reach_back));
  return std::any_of(
      page.hits.begin(),
      page.hits.begin() + static_cast<std::ptrdiff_t>(reach),
      [this](const SearchHit& hit) { return last_page_.contains(hit.id); }
  );
}

Instant SearchWalk::oldest(const SearchPage& page) const {
  std::optional<Instant> result;
  for (const SearchHit& hit : page.hits) {
    if (hit.modified && *hit.modified >= from_ && (!result || *hit.modified < *result)) {
      result = *hit.modified;
    }
  }
  return std::min(result.value_or(from_), window_.until);
}

void SearchWalk::resume_at(Instant from) {
  if (from > from_) {
    from_ = from;
    rewinds_ = 0;
    // A hit older than from_ can only come again from a stale index; reading it twice does no harm.
    seen_.erase(seen_.begin(), seen_.lower_bound({from_, HubspotId{0}}));
  }
  offset_ = 0;
  last_page_.clear();
}

}  // namespace hubsync
