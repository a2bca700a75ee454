// Single-record endpoints and listing (HUBSPOT.md §4).
#include <algorithm>

#include "tests/hubspot_sim/handlers.hpp"
#include "tests/hubspot_sim/render.hpp"
#include "tests/hubspot_sim/write_request.hpp"
#include "tests/hubspot_sim/writes.hpp"

namespace hubspot_sim {
namespace {

constexpr std::int64_t default_limit = 10;
constexpr std::int64_t max_limit = 100;
constexpr std::int64_t max_limit_with_history = 50;

Expected<View> requested_view(const Call& call) {
  View view = read_view(call.portal, call.type(), call.list_param("properties"));
  view.history = find_all(call.portal.type(call.type()), call.list_param("propertiesWithHistory"));
  for (const auto& name : call.list_param("associations")) {
    const auto type = call.portal.schema.find_type(name);
    if (!type) {
      return Unexpected{validation_error("Unable to infer object type from: " + name)};
    }
    view.associations.push_back(*type);
  }
  return view;
}

struct ListPage {
  std::int64_t limit = default_limit;
  std::int64_t after = 0;  ///< The first id that may be shown.
};

Expected<ListPage> requested_page(const Call& call, const View& view) {
  ListPage page;
  if (const auto text = call.param("limit")) {
    page.limit = to_integer(*text).value_or(0);
  }
  const std::int64_t most = view.history.empty() ? max_limit : max_limit_with_history;
  if (page.limit < 1 || page.limit > most) {
    return Unexpected{validation_error("limit must be between 1 and " + std::to_string(most))};
  }
  if (const auto text = call.param("after"); text && !text->empty()) {
    const auto after = to_integer(*text);
    if (!after) {
      return Unexpected{validation_error("Invalid paging cursor: " + *text)};
    }
    page.after = *after;
  }
  return page;
}

void append_paging(std::string& out, const Call& call, std::int64_t next_id) {
  const std::string after = std::to_string(next_id);
  const auto& target = call.request.target;
  std::string link = "https://api.hubapi.com" + target.substr(0, target.find('?')) + "?after=" + after;
  for (const auto& [name, value] : call.query) {
    link += name == "after" ? "" : "&" + name + "=" + value;
  }
  out += ",\"paging\":{\"next\":{\"after\":";
  append_json_string(out, after);
  out += ",\"link\":";
  append_json_string(out, link);
  out += "}}";
}

/// The record that a path's id stands for, following merges; null when there is none to show.
Record* find_for_read(const Call& call) {
  auto& store = call.store();
  const auto property = call.param("idProperty");
  if (property && *property != "hs_object_id") {
    const auto prop = call.portal.type(call.type()).find(*property);
    const auto ids =
        prop ? store.find_by_value(*prop, trim(call.names.front())) : std::vector<std::int64_t>{};
    return ids.empty() ? nullptr : store.find(ids.front());
  }
  const auto id = store.resolve(call.id());
  return call.flag("archived") ? store.find_archived(id) : store.find(id);
}

}  // namespace

Response list_objects(Call& call) {
  const auto view = requested_view(call);
  if (!view) {
    return error_response(call, view.error());
  }
  const auto page = requested_page(call, *view);
  if (!page) {
    return error_response(call, page.error());
  }
  const auto& records = call.flag("archived") ? call.store().archived() : call.store().live();
  auto limit = page->limit;
  if (limit > 1 && call.portal.random.percent(call.portal.options.short_page_percent)) {
    limit = call.portal.random.between(1, limit - 1);
  }
  std::string out = "{\"results\":[";
  out.reserve(static_cast<std::size_t>(limit) * 512);
  auto it = records.lower_bound(page->after);
  for (; it != records.end() && limit > 0; ++it, --limit) {
    out += out.back() == '[' ? "" : ",";
    append_record(out, call.portal, *view, it->second);
  }
  out += ']';
  if (it != records.end()) {
    append_paging(out, call, it->first);
  }
  return json_response(200, std::move(out += '}'));
}

Response get_object(Call& call) {
  const auto view = requested_view(call);
  if (!view) {
    return error_response(call, view.error());
  }
  const Record* const record = find_for_read(call);
  if (record == nullptr) {
    return error_response(call, bare_not_found());
  }
  std::string out;
  append_record(out, call.portal, *view, *record);
  return json_response(200, std::move(out));
}

Response create_object(Call& call) {
  auto write = prepare_create(call, call.body);
  if (!write) {
    return error_response(call, write.error());
  }
  const Record& record = apply_create(call, *write);
  std::string out;
  append_record(out, call.portal, create_echo(call, *write), record);
  return json_response(201, std::move(out));
}

Response patch_object(Call& call) {
  Record* const record = find_for_read(call);
  if (record == nullptr || record->is_archived()) {
    return error_response(call, object_not_found());
  }
  auto write = prepare_update(call, *record, call.body);
  if (!write) {
    return error_response(call, write.error());
  }
  apply_update(call, *record, *write);
  std::string out;
  append_record(out, call.portal, update_echo(call, *write), *record);
  return json_response(200, std::move(out));
}

Response delete_object(Call& call) {
  const auto id = call.store().resolve(call.id());
  if (call.store().find(id) != nullptr) {
    archive_record(call.portal, call.type(), id, Source::integration);
    ++call.portal.counters.mutations;
  }
  return no_content();
}

Response merge_objects(Call& call) {
  const auto primary = to_integer(string_member(call.body, "primaryObjectId"));
  const auto loser = to_integer(string_member(call.body, "objectIdToMerge"));
  if (!primary || !loser) {
    return error_response(call, validation_error("primaryObjectId and objectIdToMerge must be given"));
  }
  const auto survivor = merge_records(call.portal, call.type(), *primary, *loser, Source::integration);
  if (!survivor) {
    return error_response(call, survivor.error());
  }
  ++call.portal.counters.mutations;
  std::string out;
  append_record(out, call.portal, read_view(call.portal, call.type(), {}), *call.store().find(*survivor));
  return json_response(200, std::move(out));
}

Response gdpr_delete(Call& call) {
  auto& store = call.store();
  const auto text = string_member(call.body, "objectId");
  const auto email = call.portal.type(call.type()).find("email");
  auto id = store.resolve(to_integer(text).value_or(0));
  if (email && string_member(call.body, "idProperty") == "email") {
    const auto ids = store.find_by_value(*email, trim(text));
    if (ids.empty() && call.portal.options.gdpr_blocklist) {
      store.blocked_emails.insert(lower(trim(text)));
    }
    id = ids.empty() ? 0 : ids.front();
  }
  purge_record(call.portal, call.type(), id, true);
  ++call.portal.counters.mutations;
  return no_content();
}

}  // namespace hubspot_sim
