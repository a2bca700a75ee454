#include "daemon/hubspot/client.hpp"

#include <algorithm>
#include <utility>

#include "common/assert.hpp"
#include "daemon/hubspot/json_guard.hpp"
#include "daemon/hubspot/replies.hpp"
#include "daemon/hubspot/requests.hpp"

namespace hubsync {

namespace {

constexpr std::size_t max_batch = 100;
constexpr std::size_t max_history_batch = 50;
constexpr std::size_t max_read_references = 1'000;
constexpr std::size_t max_links = 2'000;

/// The failure of a whole batch, as it is told to each of its inputs.
CallFailure for_each_of(CallFailure failure, std::size_t inputs) {
  failure.whole_batch = failure.outcome == Outcome::refused && inputs > 1;
  return failure;
}

CallFailure unsendable(std::string message) {
  return {.outcome = Outcome::refused, .category = "VALIDATION_ERROR", .message = std::move(message)};
}

/// Why an input can not be put into a request; nothing when it can.
std::optional<CallFailure> problem_of(const WriteInput& input, WriteKind kind) {
  if (kind == WriteKind::update && !input.id) {
    return unsendable("an update needs a HubSpot id");
  }
  if (kind == WriteKind::upsert && input.uid.empty()) {
    return unsendable("an upsert needs a value of hubsync_id");
  }
  for (const auto& [name, value] : input.fields) {
    if (!is_valid_utf8(value)) {
      return unsendable("the value of " + name + " is not valid UTF-8");
    }
  }
  return std::nullopt;
}

/// The only record that came is what the only id asked for resolves to now, also when it has another one.
void name_asked_id(RemoteRecord& record, const std::string& asked) {
  const auto id = parse_hubspot_id(asked);
  if (id && *id != record.id && std::ranges::find(record.former_ids, *id) == record.former_ids.end()) {
    record.former_ids.push_back(*id);
  }
}

/// HubSpot's own "no such record", in either form; a page of some proxy's is none (HUBSPOT.md §3.1).
bool is_no_such_record(const CallFailure& failure) {
  return failure.status == 404 &&
         (failure.category == "OBJECT_NOT_FOUND" || failure.message == "resource not found");
}

ReadResult to_read_result(RecordPage page, const std::vector<std::string>& asked) {
  ReadResult result;
  result.missing = missing_keys(asked, page);
  result.records = std::move(page.records);
  result.bad = std::move(page.bad);
  if (asked.size() == 1 && result.records.size() == 1) {
    name_asked_id(result.records.front(), asked.front());
  }
  return result;
}

}  // namespace

void HubspotClient::set_has_uid(std::string_view type, bool has_uid) {
  if (has_uid) {
    without_uid_.erase(std::string(type));
  } else {
    without_uid_.emplace(type);
  }
}

std::vector<std::string> HubspotClient::wanted(const TypeRules& rules) const {
  return wanted_properties(rules, !without_uid_.contains(rules.name));
}

Task<Reply<HttpReply>> HubspotClient::call(HttpRequest request, Effect effect, CallClass call_class) {
  request.call_class = call_class;
  auto sent = co_await transport_.send(std::move(request));
  if (!sent) {
    co_return std::unexpected(failure_of(sent.error(), effect));
  }
  if (!is_success(sent->status)) {
    co_return std::unexpected(failure_of(*sent, effect));
  }
  co_return std::move(*sent);
}

Task<Reply<RecordPage>> HubspotClient::read_page(
    HttpRequest request, const TypeRules& rules, RecordShape shape, CallClass call_class
) {
  auto reply = co_await call(std::move(request), Effect::read, call_class);
  if (!reply) {
    co_return std::unexpected(std::move(reply.error()));
  }
  auto page = read_record_page(std::move(reply->body), rules, shape);
  if (!page) {
    co_return std::unexpected(failure_of_shape(*reply, Effect::read, page.error()));
  }
  co_return std::move(*page);
}

Task<Reply<ListPage>> HubspotClient::list(
    const TypeRules& rules, std::optional<std::string> after, bool archived, CallClass call_class
) {
  auto properties = wanted(rules);
  ListPage result;
  result.narrow = is_too_wide_for_url(properties);
  if (result.narrow) {
    properties = {rules.modified_property, std::string(merged_property)};
  }
  const RecordShape shape{.associations = rules.reference() != nullptr};
  auto request = list_request(paths_, rules, properties, after, archived);
  auto page = co_await read_page(std::move(request), rules, shape, call_class);
  if (!page) {
    co_return std::unexpected(std::move(page.error()));
  }
  result.records = std::move(page->records);
  result.bad = std::move(page->bad);
  result.next = std::move(page->next);
  co_return result;
}

Task<Reply<ReadResult>> HubspotClient::read(
    const TypeRules& rules, std::vector<HubspotId> ids, bool archived, bool with_history, CallClass call_class
) {
  ASSERT(ids.size() <= (with_history ? max_history_batch : max_batch));
  if (ids.empty()) {
    co_return ReadResult{};
  }
  ReadSpec spec{.properties = wanted(rules), .keys = {}, .archived = archived, .with_history = with_history};
  for (const HubspotId id : ids) {
    spec.keys.push_back(to_string(id));
  }
  if (ids.size() == 1 && !is_too_wide_for_url(spec.properties)) {
    co_return co_await read_one(rules, std::move(spec), call_class);
  }
  auto request = read_request(paths_, rules, spec);
  auto page = co_await read_page(std::move(request), rules, RecordShape{}, call_class);
  if (!page) {
    co_return std::unexpected(std::move(page.error()));
  }
  co_return to_read_result(std::move(*page), spec.keys);
}

Task<Reply<ReadResult>> HubspotClient::read_one(const TypeRules& rules, ReadSpec spec, CallClass call_class) {
  auto request = get_request(paths_, rules, spec);
  auto reply = co_await call(std::move(request), Effect::read, call_class);
  if (!reply) {
    if (is_no_such_record(reply.error())) {
      co_return ReadResult{.records = {}, .bad = {}, .missing = std::move(spec.keys)};
    }
    co_return std::unexpected(std::move(reply.error()));
  }
  auto page = read_record_page(R"({"results":[)" + reply->body + "]}", rules, RecordShape{});
  const bool one = page && page->records.size() + page->bad.size() == 1;
  if (!one || (page->records.empty() && page->bad.front().id.empty())) {
    co_return std::unexpected(failure_of_shape(*reply, Effect::read, "it is no record"));
  }
  co_return to_read_result(std::move(*page), spec.keys);
}

Task<Reply<ReadResult>> HubspotClient::read_by(
    const TypeRules& rules, std::string property, std::vector<std::string> values, CallClass call_class
) {
  ASSERT(values.size() <= max_batch);
  if (values.empty()) {
    co_return ReadResult{};
  }
  ReadSpec spec{.properties = wanted(rules), .keys = std::move(values), .id_property = property};
  if (std::ranges::find(spec.properties, property) == spec.properties.end()) {
    spec.properties.push_back(property);
  }
  RecordShape shape{.associations = false, .key_property = std::move(property)};
  auto request = read_request(paths_, rules, spec);
  auto page = co_await read_page(std::move(request), rules, std::move(shape), call_class);
  if (!page) {
    co_return std::unexpected(std::move(page.error()));
  }
  co_return to_read_result(std::move(*page), spec.keys);
}

Task<Reply<SearchPage>> HubspotClient::search(
    const TypeRules& rules, SearchQuery query, CallClass call_class
) {
  auto request = search_request(paths_, rules, query);
  if (request.body.size() > max_search_body) {
    co_return std::unexpected(unsendable("the search is longer than HubSpot's limit of 3,000 characters"));
  }
  auto page = co_await read_page(std::move(request), rules, RecordShape{}, call_class);
  if (!page) {
    co_return std::unexpected(std::move(page.error()));
  }
  SearchPage result;
  result.next = std::move(page->next);
  result.total = page->total.value_or(static_cast<std::int64_t>(page->records.size()));
  for (const RemoteRecord& record : page->records) {
    result.hits.push_back({.id = record.id, .modified = record.modified});
  }
  // A hit is only an id to read again: one whose other parts can not be read is a hit all the same.
  for (const BadRecord& bad : page->bad) {
    if (const auto id = parse_hubspot_id(bad.id)) {
      result.hits.push_back({.id = *id, .modified = std::nullopt});
    }
  }
  co_return result;
}

Task<std::vector<Reply<RemoteRecord>>> HubspotClient::write(
    const TypeRules& rules, WriteKind kind, std::vector<WriteInput> inputs, CallClass call_class
) {
  ASSERT(inputs.size() <= max_batch);
  std::vector<std::optional<CallFailure>> problems;
  std::vector<const WriteInput*> sendable;
  for (const WriteInput& input : inputs) {
    problems.push_back(problem_of(input, kind));
    if (!problems.back()) {
      sendable.push_back(&input);
    }
  }
  std::vector<Reply<RemoteRecord>> sent;
  if (!sendable.empty()) {
    sent = co_await write_batch(rules, kind, std::move(sendable), call_class);
  }
  std::vector<Reply<RemoteRecord>> result;
  auto next = sent.begin();
  for (auto& problem : problems) {
    if (problem) {
      result.emplace_back(std::unexpected(std::move(*problem)));
    } else {
      result.push_back(std::move(*next++));
    }
  }
  co_return result;
}

Task<std::vector<Reply<RemoteRecord>>> HubspotClient::write_batch(
    const TypeRules& rules, WriteKind kind, std::vector<const WriteInput*> inputs, CallClass call_class
) {
  auto request = write_request(paths_, rules, kind, inputs);
  for (const WriteInput* const input : inputs) {
    request.decided.push_back(input->standing);
  }
  auto reply = co_await call(std::move(request), Effect::write, call_class);
  const auto all = [&](CallFailure failure) {
    return std::vector<Reply<RemoteRecord>>(
        inputs.size(), std::unexpected(for_each_of(std::move(failure), inputs.size()))
    );
  };
  if (!reply) {
    co_return all(std::move(reply.error()));
  }
  auto page = read_record_page(std::move(reply->body), rules, RecordShape{});
  if (!page) {
    co_return all(failure_of_shape(*reply, Effect::write, page.error()));
  }
  co_return match_writes(rules, inputs, std::move(*page), *reply);
}

Task<Reply<void>> HubspotClient::archive(
    const TypeRules& rules, std::vector<HubspotId> ids, CallClass call_class, std::vector<StandingPtr> decided
) {
  ASSERT(ids.size() <= max_batch);
  if (ids.empty()) {
    co_return Reply<void>{};
  }
  auto request = archive_request(paths_, rules, ids);
  request.decided = std::move(decided);
  auto reply = co_await call(std::move(request), Effect::write, call_class);
  if (!reply) {
    co_return std::unexpected(for_each_of(std::move(reply.error()), ids.size()));
  }
  co_return archive_reply(*reply);
}

Task<Reply<References>> HubspotClient::read_references(
    const TypeRules& rules, std::vector<HubspotId> ids, CallClass call_class
) {
  ASSERT(ids.size() <= max_read_references);
  if (ids.empty()) {
    co_return References{};
  }
  auto request = read_references_request(paths_, rules, ids);
  auto reply = co_await call(std::move(request), Effect::read, call_class);
  if (!reply) {
    co_return std::unexpected(std::move(reply.error()));
  }
  co_return read_references_reply(rules, *reply);
}

Task<std::vector<Reply<void>>> HubspotClient::associate(
    const TypeRules& rules, std::vector<Link> links, CallClass call_class
) {
  ASSERT(links.size() <= max_links);
  if (links.empty()) {
    co_return std::vector<Reply<void>>{};
  }
  auto request = associate_request(paths_, rules, links);
  auto reply = co_await call(std::move(request), Effect::write, call_class);
  if (!reply) {
    co_return std::vector<Reply<void>>(
        links.size(), std::unexpected(for_each_of(std::move(reply.error()), links.size()))
    );
  }
  co_return match_links(links, *reply);
}

Task<std::vector<Reply<void>>> HubspotClient::dissociate(
    const TypeRules& rules, std::vector<Link> links, CallClass call_class
) {
  ASSERT(links.size() <= max_links);
  if (links.empty()) {
    co_return std::vector<Reply<void>>{};
  }
  auto request = dissociate_request(paths_, rules, links);
  auto reply = co_await call(std::move(request), Effect::write, call_class);
  if (!reply) {
    co_return std::vector<Reply<void>>(
        links.size(), std::unexpected(for_each_of(std::move(reply.error()), links.size()))
    );
  }
  co_return match_removed_links(links, *reply);
}

Task<Reply<Account>> HubspotClient::account(CallClass call_class) {
  HttpRequest request{.method = "GET", .target = std::string(paths_.account)};
  auto reply = co_await call(std::move(request), Effect::read, call_class);
  if (!reply) {
    co_return std::unexpected(std::move(reply.error()));
  }
  co_return account_reply(*reply);
}

Task<Reply<std::vector<PropertyDefinition>>> HubspotClient::properties(
    const TypeRules& rules, CallClass call_class
) {
  HttpRequest request{.method = "GET", .target = paths_.property(path_name(rules))};
  auto reply = co_await call(std::move(request), Effect::read, call_class);
  if (!reply) {
    co_return std::unexpected(std::move(reply.error()));
  }
  co_return properties_reply(*reply);
}

Task<Reply<void>> HubspotClient::create_property(
    const TypeRules& rules, std::string name, std::string label, CallClass call_class
) {
  auto request = text_property_request(paths_, rules, name, label);
  auto reply = co_await call(std::move(request), Effect::write, call_class);
  if (!reply) {
    co_return std::unexpected(std::move(reply.error()));
  }
  co_return Reply<void>{};
}

Task<Reply<void>> HubspotClient::create_uid_property(const TypeRules& rules, CallClass call_class) {
  auto request = uid_property_request(paths_, rules);
  auto reply = co_await call(std::move(request), Effect::write, call_class);
  if (!reply) {
    co_return std::unexpected(std::move(reply.error()));
  }
  co_return Reply<void>{};
}

}  // namespace hubsync
