#include "daemon/chronicle.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "common/api_tree.hpp"
#include "daemon/ports/store_error.hpp"

namespace hubsync {
namespace {

constexpr Duration head_interval{3'600'000};
/// Between two looks, so that a burst of events costs few of them.
constexpr Duration rest{1'000};
constexpr std::int64_t page_events = 200;

/// A stored event that is worth a line.
struct Telling {
  std::string_view kind;
  Severity severity;
  std::string_view text;
};

constexpr std::array tellings{
    Telling{
        "conflict.detected",
        Severity::info,
        "a record was edited differently on both sides and waits for a decision"
    },
    Telling{"guard.raised", Severity::warning, "deletions are held back: they are more than max_delete"},
    Telling{"push.failed", Severity::warning, "a record cannot be sent to HubSpot"},
    Telling{"pull.failed", Severity::warning, "a record of HubSpot's cannot be taken over"},
    Telling{"queue.paused", Severity::info, "writes to HubSpot are held back until the queue is resumed"},
    Telling{"queue.resumed", Severity::info, "writes to HubSpot go on"},
};

/// What a member of a stored event is called in the log.
std::string field_name(std::string_view kind, std::string_view member) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 4> names{
      {{"type", "entity_type"},
       {"conflict", "conflict_id"},
       {"hubspotId", "hubspot_id"},
       {"correlationId", "correlation_id"}}
  };
  const auto found = std::ranges::find(names, member, &std::pair<std::string_view, std::string_view>::first);
  const bool guard = kind == "guard.raised" && member == "id";
  return std::string{guard ? "guard_id" : found == names.end() ? member : found->second};
}

/// Nothing for events that are not worth a line. None of them has a value of a record in it.
std::optional<Event> line_of(const StoredEvent& stored) {
  const auto telling = std::ranges::find(tellings, stored.kind, &Telling::kind);
  if (telling == tellings.end()) {
    return std::nullopt;
  }
  Event event{telling->severity, stored.kind, std::string{telling->text}};
  if (!stored.record.text.empty()) {
    event.fields.emplace_back("entity_id", stored.record.text);
  }
  if (const auto data = api::parse_object(stored.data)) {
    for (const api::Node& member : data->children) {
      event.fields.emplace_back(field_name(stored.kind, member.key), member.text);
    }
  }
  return event;
}

}  // namespace

Task<void> Chronicle::run() {
  std::optional<SteadyInstant> next_head;
  bool last = false;
  while (!last) {
    last = stopping_;
    const std::uint64_t generation = feed_.generation();
    try {
      if (!next_head) {
        told_ =
            (co_await store_.run([](Repository& repository) { return repository.events_after(0, 0); })).last;
      }
      if (!next_head || clock_.steady() >= *next_head) {
        co_await tell_audit_head();
        next_head = clock_.steady() + head_interval;
      }
      co_await tell_events();
    } catch (const StoreUnavailable&) {
      // The engine says so; what is committed is told later.
    } catch (const StoreCorrupt&) {
      co_return;  // The engine says that, too.
    }
    if (!stopping_) {
      co_await wait_until(stop_, clock_, clock_.steady() + rest);
    }
    if (!stopping_ && feed_.generation() == generation) {
      co_await feed_.wait(clock_, next_head.value_or(clock_.steady()));
    }
  }
}

void Chronicle::stop() {
  stopping_ = true;
  stop_.notify_all();
  feed_.changed();
}

Task<void> Chronicle::tell_audit_head() {
  const AuditHead head = co_await store_.run([](Repository& repository) { return repository.audit_head(); });
  if (head.entry > 0) {
    events_.emit(
        {Severity::info,
         "audit.head",
         "the audit trail ends here",
         {{"entry", std::to_string(head.entry)}, {"digest", head.digest}}}
    );
  }
}

Task<void> Chronicle::tell_events() {
  for (;;) {
    const EventPage page = co_await store_.run([told = told_](Repository& repository) {
      return repository.events_after(told, page_events);
    });
    for (const StoredEvent& event : page.events) {
      if (auto line = line_of(event)) {
        events_.emit(std::move(*line));
      }
      told_ = event.seq;
    }
    if (std::ssize(page.events) < page_events) {
      co_return;
    }
  }
}

}  // namespace hubsync
