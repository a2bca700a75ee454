// Walking over what changed since the last poll, by a search that lags, caps and moves (HUBSPOT.md §5.2).
// Pure machines; one owner, one thread. They decide the next query; who sends it and who stores the ids is
// the caller's business.
#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/time.hpp"
#include "daemon/core/record.hpp"
#include "daemon/core/search.hpp"

namespace hubsync {

/// How far a poll reaches back, and how close to now it may look.
struct PollOptions {
  Duration overlap{5 * 60'000};  ///< The index of a search lags: each poll re-reads this much (I33).
  Duration safety{10'000};       ///< The newest changes are left to the next poll.
  Duration slow_overlap{
      65 * 60'000
  };  ///< The slow pass re-reads this much, for bulk changes that lag by an hour.
  Duration slow_every{60 * 60'000};
};

/// Changes in [from, until) are looked for; `cursor` is where the previous poll ended.
struct SearchWindow {
  Instant from;
  Instant until;
  Instant cursor;
};

/// True when this poll should be the slow pass; also after a clock was set back.
[[nodiscard]] bool slow_pass_due(
    std::optional<Instant> last_slow_pass, Instant now, const PollOptions& options = {}
);

/// The window of one poll. A cursor from the future, left by a wrong clock, is taken back.
[[nodiscard]] SearchWindow search_window(
    Instant cursor, Instant now, bool slow, const PollOptions& options = {}
);

/// One walk over one window. Ask next_query(), hand its answer to on_page(), store the ids, then cursor() may
/// be stored.
///
/// Pages are taken by offset, each reaching back over the end of the page before it: when nothing of that
/// page is found again, rows have left in between and the walk resumes from it. Before the offset reaches
/// HubSpot's cap it resumes at the oldest time of the last page: hits may show newer times than those they
/// are sorted by, and an older one never skips anything. When that brings no progress, all of the page has
/// one time; that millisecond is then walked by id.
class SearchWalk {
 public:
  struct Options {
    int limit = 200;           ///< Page size; HubSpot's maximum.
    int cap = 10'000;          ///< offset + limit beyond this is refused.
    int reach_back = 10;       ///< Rows of the page before that a page asks for again.
    int max_queries = 20'000;  ///< Then the walk ends where it is: a server that goes in circles never ends.
  };

  SearchWalk(std::string modified_property, SearchWindow window);
  SearchWalk(std::string modified_property, SearchWindow window, Options options);

  /// The query to send now; none when the walk has ended.
  [[nodiscard]] std::optional<SearchQuery> next_query() const;

  /// Takes the answer to next_query(). Returns the records to read: each (id, modified) once, none newer than
  /// the window.
  [[nodiscard]] std::vector<HubspotId> on_page(const SearchPage& page);

  /// Every change before it that the index held was returned by on_page(). Never later than the window's end,
  /// never earlier than the cursor the window began with.
  [[nodiscard]] Instant cursor() const;

  /// The walk ended before the window did; the next poll goes on from cursor().
  [[nodiscard]] bool stalled() const { return stalled_; }

 private:
  [[nodiscard]] std::vector<HubspotId> unseen(const SearchPage& page);
  void after_time_page(const SearchPage& page);
  void after_id_page(const SearchPage& page);
  [[nodiscard]] bool continues(const SearchPage& page) const;
  [[nodiscard]] Instant oldest(const SearchPage& page) const;
  void resume_at(Instant from);

  std::string property_;
  SearchWindow window_;
  Options options_;

  Instant from_;  ///< All before it is done.
  int offset_ = 0;
  std::set<HubspotId> last_page_;  ///< Ids of the page before, to see whether this one continues it.
  Instant last_page_oldest_{};
  int rewinds_ = 0;                 ///< Since from_ last grew.
  std::optional<HubspotId> by_id_;  ///< Set while the millisecond from_ is walked by id: the last id seen.
  std::set<std::pair<Instant, HubspotId>> seen_;
  int queries_ = 0;
  bool ended_ = false;
  bool stalled_ = false;
};

}  // namespace hubsync
