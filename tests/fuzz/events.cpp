// The event decoder: whatever a body says, what comes out is bounded, printable and the same every time.
#include <algorithm>

#include "common/text.hpp"
#include "daemon/webhook/decode.hpp"
#include "tests/fuzz/check.hpp"
#include "tests/support/records.hpp"

namespace hubsync::fuzz {
namespace {

void check_event(const InboxEvent& event, const Rules& rules) {
  ASSERT(event.key.size() == 16);
  ASSERT(event.subscription_type.size() <= 200 && event.property.size() <= 200);
  ASSERT(terminal_safe(event.subscription_type) == event.subscription_type);
  ASSERT(terminal_safe(event.property) == event.property);
  ASSERT(to_ms(event.occurred_at) >= 0 && to_ms(event.occurred_at) < 253'402'300'800'000);
  const Hint& hint = event.hint;
  if (hint.type.empty()) {
    ASSERT(hint.ids.empty() && !hint.why_not.empty());
    return;
  }
  ASSERT(rules.find(hint.type) != nullptr && rules.find(hint.type)->name == hint.type);
  ASSERT(!hint.ids.empty() && hint.ids.size() <= 253);
  ASSERT(std::ranges::all_of(hint.ids, [](HubspotId id) { return id.number > 0; }));
}

}  // namespace
}  // namespace hubsync::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hubsync;
  static const Rules rules = test::default_rules();
  const std::string_view body = fuzz::text_of(data, size);
  const auto events = webhook::decode_events(body, rules);
  if (!events) {
    ASSERT(!events.error().message.empty());
    return 0;
  }
  ASSERT(is_valid_utf8(body) && events->size() <= webhook::max_events);
  for (const InboxEvent& event : *events) {
    fuzz::check_event(event, rules);
  }
  const auto again = webhook::decode_events(body, rules);
  ASSERT(again && std::ranges::equal(*events, *again, {}, &InboxEvent::key, &InboxEvent::key));
  return 0;
}
