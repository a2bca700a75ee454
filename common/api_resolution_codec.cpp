// The bodies that resolve conflicts; see api_codec.hpp.
#include <algorithm>
#include <array>
#include <utility>

#include "common/api_codec.hpp"
#include "common/api_reader.hpp"
#include "common/api_tree.hpp"
#include "common/text.hpp"

namespace hubsync::api {
namespace {

/// "local", "hubspot" or {"value":"…"}.
Result<FieldChoice> read_choice(const Node& node) {
  constexpr std::string_view wanted = R"("local", "hubspot" or {"value":"…"})";
  FieldChoice choice{.field = node.key};
  if (node.kind == Node::Kind::text && (node.text == "local" || node.text == "hubspot")) {
    choice.take = node.text;
    return choice;
  }
  const bool one_value =
      node.kind == Node::Kind::object && node.children.size() == 1 && node.children.front().key == "value";
  if (!one_value) {
    return std::unexpected(wrong_type(node.key, wanted));
  }
  const auto value = field_value(node.children.front(), node.key, false);
  if (!value) {
    return std::unexpected(value.error());
  }
  choice.take = "value";
  choice.value = value->empty() ? std::nullopt : std::optional{*value};
  return choice;
}

Result<void> read_choices(const Node& node, ResolveRequest& request) {
  if (node.kind != Node::Kind::object) {
    return std::unexpected(wrong_type("fields", "an object"));
  }
  for (const Node& child : node.children) {
    auto choice = read_choice(child);
    if (!choice) {
      return std::unexpected(choice.error());
    }
    request.fields.push_back(std::move(*choice));
  }
  return {};
}

/// What does not depend on the conflict itself.
std::optional<Error> problem_of(const ResolveRequest& request, bool with_id) {
  constexpr std::array<std::string_view, 3> known{"keep_local", "keep_hubspot", "merged"};
  if (std::ranges::find(known, request.resolution) == known.end()) {
    return Error{
        ErrorCode::invalid, "`resolution` is not known", "keep_local, keep_hubspot or merged", "resolution"
    };
  }
  const bool merged = request.resolution == "merged";
  if (merged == request.fields.empty()) {
    return Error{
        ErrorCode::invalid,
        merged ? "`merged` needs `fields`" : "`fields` goes with `merged` only",
        R"(such as {"resolution":"merged","fields":{"phone":"local"}})",
        "fields"
    };
  }
  if (with_id && request.id.empty()) {
    return Error{ErrorCode::invalid, "a resolution in `items` needs an `id`", "", "id"};
  }
  return std::nullopt;
}

Result<ResolveRequest> read_resolution(const Node& object, bool with_id) {
  ResolveRequest request;
  std::optional<Error> error;
  Reader reader{object, error};
  if (with_id) {
    reader("id", request.id);
  }
  reader("resolution", request.resolution);
  reader("partial", request.partial);
  reader("version", request.version);
  for (const Node& child : object.children) {
    if (child.key != "fields" || error) {
      continue;
    }
    if (const auto read = read_choices(child, request); !read) {
      error = read.error();
    }
  }
  const auto unknown = reader.unknown_member();
  if (unknown && *unknown != "fields" && !error) {
    error = Error{
        ErrorCode::invalid, "unknown member in the resolution", "resolution and fields are known", *unknown
    };
  }
  if (!error) {
    error = problem_of(request, with_id);
  }
  return error ? Result<ResolveRequest>{std::unexpected(*error)} : request;
}

}  // namespace

Result<ResolveRequest> decode_resolve_request(std::string_view json) {
  const auto root = parse_object(json);
  return root ? read_resolution(*root, false) : std::unexpected(root.error());
}

Result<std::vector<ResolveRequest>> decode_resolve_requests(std::string_view json) {
  const auto root = parse_object(json);
  if (!root) {
    return std::unexpected(root.error());
  }
  const bool only_items = root->children.size() == 1 && root->children.front().key == "items";
  if (!only_items || root->children.front().kind != Node::Kind::array) {
    return fail(ErrorCode::invalid, "the body needs `items`, a list, and nothing else", "", "items");
  }
  const std::vector<Node>& items = root->children.front().children;
  if (items.empty() || items.size() > max_resolutions) {
    return fail(ErrorCode::invalid, "`items` holds 1 to 500 resolutions", "send fewer at once", "items");
  }
  std::vector<ResolveRequest> requests;
  for (const Node& item : items) {
    auto request = item.kind == Node::Kind::object
                       ? read_resolution(item, true)
                       : Result<ResolveRequest>{std::unexpected(wrong_type("items", "a list of objects"))};
    if (!request) {
      return std::unexpected(request.error());
    }
    requests.push_back(std::move(*request));
  }
  return requests;
}

std::string encode_resolve_request(const ResolveRequest& request) {
  std::string body = "{";
  body += request.id.empty() ? "" : "\"id\":" + json_quote(request.id) + ",";
  body += "\"resolution\":" + json_quote(request.resolution);
  if (!request.fields.empty()) {
    body += ",\"fields\":{";
    for (const FieldChoice& choice : request.fields) {
      body += (body.ends_with('{') ? "" : ",") + json_quote(choice.field) + ":";
      body += choice.take == "value"
                  ? "{\"value\":" + (choice.value ? json_quote(*choice.value) : "null") + "}"
                  : json_quote(choice.take);
    }
    body += "}";
  }
  body += request.partial ? ",\"partial\":true" : "";
  body += request.version ? ",\"version\":" + std::to_string(*request.version) : "";
  return body + "}";
}

std::string encode_resolve_requests(const std::vector<ResolveRequest>& requests) {
  std::string body = "{\"items\":[";
  for (const ResolveRequest& request : requests) {
    body += (body.ends_with('[') ? "" : ",") + encode_resolve_request(request);
  }
  return body + "]}";
}

std::string encode_error_with(const Error& error, const Conflict& conflict) {
  return "{\"error\":" + encode(error) + ",\"conflict\":" + encode(conflict) + "}";
}

}  // namespace hubsync::api
