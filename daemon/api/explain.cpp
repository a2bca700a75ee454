// Why a record is as it is.
#include <algorithm>
#include <utility>

#include "common/api_codec.hpp"
#include "daemon/api/convert.hpp"
#include "daemon/api/handlers.hpp"

namespace hubsync::api {
namespace {

std::optional<std::string> non_empty(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional{text};
}

std::optional<std::string> non_empty(const std::optional<std::string>& text) {
  return text ? non_empty(*text) : std::nullopt;
}

ExplainedField explained(
    const FieldExplanation& field, const hubsync::Explanation& known, const Histories& histories
) {
  ExplainedField result{
      .field = field.field, .property = non_empty(field.property), .rule = non_empty(field.rule)
  };
  result.local = non_empty(field.local);
  result.hubspot = non_empty(field.remote);
  if (field.base) {
    result.base = non_empty(field.base->local);
    result.base_hubspot = non_empty(field.base->remote);
  }
  result.state = field.state;
  result.why = non_empty(field.why);
  if (const auto writer = known.writers.find(field.field); writer != known.writers.end()) {
    result.last_local = LastWriter{
        .timestamp = writer->second.at, .user = writer->second.actor, .source = writer->second.action
    };
  }
  if (const auto history = histories.find(field.field);
      history != histories.end() && !history->second.empty()) {
    const PropertyVersion& version = history->second.front();
    result.last_hubspot = LastWriter{
        .timestamp = version.at, .user = non_empty(version.user), .source = non_empty(version.source)
    };
  }
  return result;
}

Explanation explained(const hubsync::Explanation& known, const Histories& histories, int max_retries) {
  const hubsync::Record& record = known.record;
  Explanation result{.type = record.type, .id = record.id.text, .summary = known.plan.summary};
  result.hubspot_id =
      record.hubspot_id ? std::optional{hubsync::to_string(*record.hubspot_id)} : std::nullopt;
  result.uid = record.uid;
  for (const HubspotId alias : known.aliases) {
    result.former_hubspot_ids.push_back(hubsync::to_string(alias));
  }
  result.local_presence = to_string(record.local_presence);
  result.hubspot_presence = to_string(record.remote_presence);
  result.base_presence = to_string(record.base_presence);
  result.sync_status = hubsync::to_string(record.status);
  result.version = record.version;
  result.last_synced_at = record.synced_at;
  result.error_message = non_empty(record.error);
  for (const FieldExplanation& field : known.plan.fields) {
    result.fields.push_back(explained(field, known, histories));
  }
  if (known.due) {
    result.pending = to_api(*known.due);
  }
  result.waiting_on = non_empty(known.waiting_on.text);
  if (known.conflict) {
    result.conflict = to_api(*known.conflict);
  }
  for (const LogEntry& entry : known.logs) {
    result.recent_logs.push_back(to_api(entry, max_retries, false));
  }
  return result;
}

}  // namespace

Answer explain_record(Services& services, Call call) {
  const auto type = read_type(services.engine.rules(), call.parameters.at(0), "type");
  if (!type) {
    co_return std::unexpected(type.error());
  }
  const LocalId id{call.parameters.at(1)};
  const auto known = co_await services.store.run([type = *type, id](Repository& repository) {
    return repository.explain(type, id);
  });
  if (!known) {
    co_return std::unexpected(known.error());
  }
  Histories histories;
  if (known->record.hubspot_id && known->record.remote_presence == Presence::live) {
    histories = co_await services.engine.histories(*type, *known->record.hubspot_id);
  }
  co_return json(encode(explained(*known, histories, services.max_retries)));
}

}  // namespace hubsync::api
