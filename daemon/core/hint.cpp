#include "daemon/core/hint.hpp"

#include <algorithm>

#include "daemon/core/names.hpp"

namespace hubsync {
namespace {

constexpr Names<InboxState, 4> state_names{
    {{InboxState::pending, "pending"},
     {InboxState::done, "done"},
     {InboxState::ignored, "ignored"},
     {InboxState::failed, "failed"}}
};

/// Fewer are no burst. As many in the time that a few are collected are more than a person makes, and reading
/// what is there at once would read the same records again for the rest of their events.
constexpr std::int64_t burst_events = 300;
constexpr Duration few_collecting{75};
/// A call reads 100 records and HubSpot allows about ten a second, so a record takes a millisecond.
constexpr Duration most_collecting{20'000};

bool equals_upper(std::string_view upper, std::string_view lower) {
  return std::ranges::equal(upper, lower, [](char left, char right) {
    return left == (right >= 'a' && right <= 'z' ? static_cast<char>(right - 'a' + 'A') : right);
  });
}

const TypeRules* by_type_id(const Rules& rules, std::string_view id) {
  const auto found = std::ranges::find(rules.types, id, &TypeRules::object_type_id);
  return found == rules.types.end() ? nullptr : &*found;
}

const TypeRules* by_upper_name(const Rules& rules, std::string_view name) {
  const auto found = std::ranges::find_if(rules.types, [name](const TypeRules& type) {
    return equals_upper(name, type.singular);
  });
  return found == rules.types.end() ? nullptr : &*found;
}

Hint nothing(std::string why) {
  return {.type = {}, .ids = {}, .wish = {}, .why_not = std::move(why)};
}

/// The end of an association that has the reference field; the other end has nothing to read.
Hint association_hint(const WebhookEvent& event, const Rules& rules) {
  constexpr std::string_view middle = "_TO_";
  const std::string_view name = event.association_type;
  const std::size_t at = name.find(middle);
  const bool named = at != std::string_view::npos;
  const TypeRules* from =
      named ? by_upper_name(rules, name.substr(0, at)) : by_type_id(rules, event.from_type_id);
  const TypeRules* to =
      named ? by_upper_name(rules, name.substr(at + middle.size())) : by_type_id(rules, event.to_type_id);
  const auto refers = [](const TypeRules* type, const TypeRules* target) {
    return type != nullptr && target != nullptr && type->reference() != nullptr &&
           type->reference()->target == target->name;
  };
  const bool forward = refers(from, to);
  if (!forward && !refers(to, from)) {
    return nothing("an association that is not synchronised");
  }
  const auto& end = forward ? event.from : event.to;
  if (!end) {
    return nothing("the event names no record");
  }
  return {.type = (forward ? from : to)->name, .ids = {*end}, .wish = {.reference = true}, .why_not = {}};
}

}  // namespace

std::string_view to_string(InboxState state) {
  return name_of(state_names, state);
}

std::optional<InboxState> parse_inbox_state(std::string_view text) {
  return value_of(state_names, text);
}

ReadWish& ReadWish::operator|=(const ReadWish& other) {
  reference |= other.reference;
  gone |= other.gone;
  merged |= other.merged;
  privacy |= other.privacy;
  return *this;
}

Hint hint_of(const WebhookEvent& event, const Rules& rules) {
  const std::string_view kind = event.subscription_type;
  const std::size_t dot = std::min(kind.find('.'), kind.size());
  const std::string_view verb = kind.substr(std::min(dot + 1, kind.size()));
  if (verb == "associationChange") {
    return association_hint(event, rules);
  }
  const std::string_view object = kind.substr(0, dot);
  const TypeRules* const type =
      object == "object" ? by_type_id(rules, event.object_type_id) : rules.find(object);
  if (type == nullptr) {
    return nothing("an object type that is not synchronised");
  }
  Hint hint{.type = type->name, .ids = event.merged, .wish = {}, .why_not = {}};
  if (event.object) {
    hint.ids.insert(hint.ids.begin(), *event.object);
  }
  if (event.survivor) {
    hint.ids.insert(hint.ids.begin(), *event.survivor);
  }
  std::ranges::sort(hint.ids);
  const auto repeated = std::ranges::unique(hint.ids);
  hint.ids.erase(repeated.begin(), repeated.end());
  if (hint.ids.empty()) {
    return nothing("the event names no record");
  }
  const bool refers = type->reference() != nullptr;
  if (verb == "creation" || verb == "restore") {
    hint.wish.reference = refers;
  } else if (verb == "deletion") {
    hint.wish.gone = true;
  } else if (verb == "privacyDeletion") {
    hint.wish.gone = true;
    hint.wish.privacy = true;
  } else if (verb == "merge") {
    hint.wish = {.reference = refers, .merged = true};
  } else if (verb != "propertyChange") {
    return nothing("an event that is not known");
  }
  return hint;
}

bool is_burst(std::int64_t waiting) {
  return waiting >= burst_events;
}

Duration collecting_time(std::int64_t waiting) {
  if (!is_burst(waiting)) {
    return few_collecting;
  }
  return std::min(Duration{waiting}, most_collecting);
}

}  // namespace hubsync
