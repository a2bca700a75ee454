#include "common/api_codec.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "common/api_members.hpp"
#include "common/api_operate_members.hpp"
#include "common/api_reader.hpp"
#include "common/api_writer.hpp"
#include "common/text.hpp"

namespace hubsync::api {
namespace {

/// What a name at the top of a record's body may be mistaken for.
std::string hint_for_unknown(std::string_view name) {
  constexpr std::array<std::string_view, 13> kept{
      "id",
      "hubspotId",
      "syncStatus",
      "syncDirection",
      "lastModifiedLocal",
      "lastModifiedHubspot",
      "lastSyncedAt",
      "version",
      "deleted",
      "createdAt",
      "updatedAt",
      "errorMessage",
      "type"
  };
  if (std::ranges::find(kept, name) != kept.end()) {
    return "hubsync keeps this itself; leave it out";
  }
  return "other mapped fields go into customFields";
}

bool is_field_name(std::string_view name) {
  return !name.empty() && name.size() <= 200 && terminal_safe(name) == name;
}

Result<void> read_custom_fields(
    const Node& node, std::span<const std::string_view> fields, RecordInput& input
) {
  if (node.kind != Node::Kind::object) {
    return std::unexpected(wrong_type("customFields", "an object"));
  }
  if (node.children.size() > max_custom_fields) {
    return fail(ErrorCode::invalid, "more than 1000 customFields", "send fewer at once", "customFields");
  }
  for (const Node& child : node.children) {
    const std::string path = "customFields." + child.key;
    if (!is_field_name(child.key)) {
      return fail(
          ErrorCode::invalid,
          "a name in customFields is not usable",
          "1 to 200 printable bytes",
          "customFields"
      );
    }
    if (std::ranges::find(fields, child.key) != fields.end()) {
      return fail(ErrorCode::invalid, "`" + child.key + "` stands at the top, not in customFields", "", path);
    }
    const auto value = field_value(child, path, true);
    if (!value) {
      return std::unexpected(value.error());
    }
    input.fields[child.key] = *value;
  }
  return {};
}

Result<void> read_record_member(
    const Node& node, std::span<const std::string_view> fields, RecordInput& input
) {
  if (node.key == "customFields") {
    return read_custom_fields(node, fields, input);
  }
  if (std::ranges::find(fields, node.key) == fields.end()) {
    const std::string shown = truncate_to_width(terminal_safe(node.key), 60);
    return fail(
        ErrorCode::invalid, "`" + shown + "` is not a field here", hint_for_unknown(node.key), node.key
    );
  }
  const auto value = field_value(node, node.key, false);
  if (!value) {
    return std::unexpected(value.error());
  }
  input.fields[node.key] = *value;
  return {};
}

}  // namespace

template <class T>
std::string encode(const T& value) {
  Writer writer;
  writer.value(value);
  return writer.take();
}

template <class T>
Result<T> decode(std::string_view json) {
  const auto root = parse_object(json);
  if (!root) {
    return std::unexpected(root.error());
  }
  std::optional<Error> error;
  T result;
  Reader{*root, error}.value(*root, result);
  if (error) {
    return std::unexpected(*error);
  }
  return result;
}

std::string encode_error(const Error& error) {
  return "{\"error\":" + encode(error) + "}";
}

std::optional<Error> decode_error(std::string_view json) {
  const auto root = parse_object(json);
  if (!root) {
    return std::nullopt;
  }
  std::optional<Error> problem;
  std::optional<Error> result;
  Reader{*root, problem}("error", result);
  return problem ? std::nullopt : result;
}

Result<RecordInput> decode_record_input(std::span<const std::string_view> fields, std::string_view json) {
  const auto root = parse_object(json);
  if (!root) {
    return std::unexpected(root.error());
  }
  RecordInput input;
  for (const Node& node : root->children) {
    if (const auto read = read_record_member(node, fields, input); !read) {
      return std::unexpected(read.error());
    }
  }
  return input;
}

std::string encode_record_input(std::span<const std::string_view> fields, const RecordInput& input) {
  FieldList top;
  FieldList custom;
  for (const auto& [name, value] : input.fields) {
    const bool at_top = std::ranges::find(fields, name) != fields.end();
    (at_top ? top : custom).push_back({name, value.empty() ? std::nullopt : std::optional{value}});
  }
  std::string body = encode(top);
  if (!custom.empty()) {
    body.pop_back();
    body += std::string{top.empty() ? "" : ","} + "\"customFields\":" + encode(custom) + "}";
  }
  return body;
}

template <class T>
Result<T> decode_request(std::string_view json, std::string_view known) {
  const auto root = parse_object(json);
  if (!root) {
    return std::unexpected(root.error());
  }
  std::optional<Error> error;
  T request;
  Reader reader{*root, error};
  members(reader, request);
  if (const auto name = reader.unknown_member(); name && !error) {
    error = Error{ErrorCode::invalid, "unknown member in the body", std::string{known}, *name};
  }
  return error ? Result<T>{std::unexpected(*error)} : request;
}

Result<ReleaseRequest> decode_release_request(std::string_view json) {
  return json.empty() ? ReleaseRequest{} : decode_request<ReleaseRequest>(json, "count is known");
}

Result<TriggerRequest> decode_trigger_request(std::string_view json) {
  if (json.empty()) {
    return TriggerRequest{};
  }
  return decode_request<TriggerRequest>(json, "types, full and dryRun are known");
}

template std::string encode(const Error&);
template std::string encode(const FieldList&);

template std::string encode(const Record&);
template Result<Record> decode<Record>(std::string_view);
template std::string encode(const SyncLog&);
template Result<SyncLog> decode<SyncLog>(std::string_view);
template std::string encode(const Conflict&);
template Result<Conflict> decode<Conflict>(std::string_view);
template std::string encode(const Explanation&);
template Result<Explanation> decode<Explanation>(std::string_view);
template std::string encode(const ResolveResult&);
template std::string encode(const ResolveResults&);
template Result<ResolveResults> decode<ResolveResults>(std::string_view);
template std::string encode(const Guard&);
template Result<Guard> decode<Guard>(std::string_view);
template std::string encode(const Run&);
template Result<Run> decode<Run>(std::string_view);
template std::string encode(const Status&);
template Result<Status> decode<Status>(std::string_view);
template std::string encode(const DueItem&);
template Result<DueItem> decode<DueItem>(std::string_view);
template std::string encode(const TriggerRequest&);
template Result<TriggerRequest> decode<TriggerRequest>(std::string_view);
template std::string encode(const Triggered&);
template Result<Triggered> decode<Triggered>(std::string_view);
template std::string encode(const QueuePaused&);
template Result<QueuePaused> decode<QueuePaused>(std::string_view);
template std::string encode(const Retried&);
template Result<Retried> decode<Retried>(std::string_view);
template std::string encode(const ConfigText&);
template Result<ConfigText> decode<ConfigText>(std::string_view);
template std::string encode(const PlannedChange&);
template Result<PlannedChange> decode<PlannedChange>(std::string_view);
template std::string encode(const Page<Record>&);
template Result<Page<Record>> decode<Page<Record>>(std::string_view);
template std::string encode(const Page<SyncLog>&);
template Result<Page<SyncLog>> decode<Page<SyncLog>>(std::string_view);
template std::string encode(const Page<Conflict>&);
template Result<Page<Conflict>> decode<Page<Conflict>>(std::string_view);
template std::string encode(const Page<Guard>&);
template Result<Page<Guard>> decode<Page<Guard>>(std::string_view);
template std::string encode(const Page<Run>&);
template Result<Page<Run>> decode<Page<Run>>(std::string_view);
template std::string encode(const Page<DueItem>&);
template Result<Page<DueItem>> decode<Page<DueItem>>(std::string_view);
template std::string encode(const WebhookItem&);
template Result<WebhookItem> decode<WebhookItem>(std::string_view);
template std::string encode(const WebhookSetup&);
template Result<WebhookSetup> decode<WebhookSetup>(std::string_view);
template std::string encode(const WebhookTest&);
template Result<WebhookTest> decode<WebhookTest>(std::string_view);
template std::string encode(const Page<WebhookItem>&);
template Result<Page<WebhookItem>> decode<Page<WebhookItem>>(std::string_view);
template std::string encode(const WalkPage<Record>&);
template Result<WalkPage<Record>> decode<WalkPage<Record>>(std::string_view);

template std::string encode(const BackupRequest&);
template Result<BackupRequest> decode<BackupRequest>(std::string_view);
template std::string encode(const BackupDone&);
template Result<BackupDone> decode<BackupDone>(std::string_view);
template std::string encode(const DbCheck&);
template Result<DbCheck> decode<DbCheck>(std::string_view);
template std::string encode(const VerifyPart&);
template Result<VerifyPart> decode<VerifyPart>(std::string_view);
template std::string encode(const SavedPlan&);
template Result<SavedPlan> decode<SavedPlan>(std::string_view);
template std::string encode(const ApplyRequest&);
template Result<ApplyRequest> decode<ApplyRequest>(std::string_view);
template std::string encode(const ApplyResult&);
template Result<ApplyResult> decode<ApplyResult>(std::string_view);
template std::string encode(const Diagnosis&);
template Result<Diagnosis> decode<Diagnosis>(std::string_view);
template std::string encode(const Setup&);
template Result<Setup> decode<Setup>(std::string_view);
template Result<BackupRequest> decode_request<BackupRequest>(std::string_view, std::string_view);
template Result<ApplyRequest> decode_request<ApplyRequest>(std::string_view, std::string_view);
template std::string encode(const Difference&);

}  // namespace hubsync::api
