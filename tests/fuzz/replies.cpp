// HubSpot's answers: the guard before the JSON parser, and the readers behind it.
#include "daemon/hubspot/replies.hpp"

#include <algorithm>
#include <string>

#include <nlohmann/json.hpp>

#include "common/text.hpp"
#include "daemon/hubspot/json_guard.hpp"
#include "daemon/hubspot/outcome.hpp"
#include "daemon/hubspot/record_page.hpp"
#include "tests/fuzz/check.hpp"
#include "tests/support/records.hpp"

namespace hubsync::fuzz {
namespace {

int depth_of(const nlohmann::json& json) {
  int deepest = 0;
  if (json.is_structured()) {
    for (const auto& child : json) {
      deepest = std::max(deepest, depth_of(child));
    }
    ++deepest;
  }
  return deepest;
}

void check_guard(std::string_view body) {
  std::string guarded{body};
  const JsonGuard verdict = guard_json(guarded);
  const bool accepted = nlohmann::json::accept(body);
  if (verdict == JsonGuard::clean) {
    ASSERT(guarded == body);
  }
  const auto parsed = parse_json(std::string{body});
  ASSERT(!parsed || verdict != JsonGuard::too_deep);
  ASSERT(!parsed || depth_of(*parsed) <= max_json_depth);
  // What is JSON as it stands is not lost to the guard unless it is too deep for it.
  ASSERT(!accepted || verdict == JsonGuard::too_deep || parsed);
}

void check_page(std::string_view body, const TypeRules& rules) {
  for (const bool associations : {false, true}) {
    const auto page = read_record_page(
        std::string{body},
        rules,
        {.associations = associations, .key_property = rules.fields.front().property}
    );
    if (!page) {
      ASSERT(!page.error().empty());
      continue;
    }
    ASSERT(page->keys.size() == page->records.size());
    ASSERT(std::ranges::all_of(page->records, [](const RemoteRecord& record) { return record.id.number > 0; })
    );
  }
}

void check_failure(std::string_view body) {
  for (const int status : {207, 400, 429, 502}) {
    const HttpReply reply{.status = status, .body = std::string{body}};
    ASSERT(is_valid_utf8(failure_of(reply, Effect::write).message));
  }
}

}  // namespace
}  // namespace hubsync::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hubsync;
  static const Rules rules = test::default_rules();
  const std::string_view body = fuzz::text_of(data, size);
  fuzz::check_guard(body);
  for (const TypeRules& type : rules.types) {
    fuzz::check_page(body, type);
  }
  fuzz::check_failure(body);
  const HttpReply reply{.status = 200, .body = std::string{body}};
  static_cast<void>(read_references_reply(*rules.find("contacts"), reply));
  static_cast<void>(match_links({}, reply));
  static_cast<void>(match_removed_links({}, reply));
  static_cast<void>(archive_reply(reply));
  static_cast<void>(account_reply(reply));
  static_cast<void>(properties_reply(reply));
  return 0;
}
