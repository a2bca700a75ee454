// JSON for api.hpp, in both directions. Pure; any thread.
//
// Reading: nesting is capped before anything is built, bytes must be strict UTF-8, a key may stand only once,
// and a wrong type is an error. What the daemon answers is read leniently (unknown members are skipped,
// missing ones keep their default), so that client and daemon may differ in age; what a user sends is read
// strictly. Writing: members in the order of interface and struct; text that could act on a terminal is
// escaped.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "common/api.hpp"
#include "common/result.hpp"

namespace hubsync::api {

/// Nesting beyond this is refused.
inline constexpr int max_json_depth = 32;
/// A single value of a record may not be longer (bytes).
inline constexpr std::size_t max_value_bytes = 64 * 1024;
/// A record may not bring more customFields at once.
inline constexpr std::size_t max_custom_fields = 1'000;

/// The JSON of any struct of api.hpp, of Page<T> and WalkPage<T>.
template <class T>
[[nodiscard]] std::string encode(const T& value);

/// Reads an answer of the daemon.
template <class T>
[[nodiscard]] Result<T> decode(std::string_view json);

/// Reads what a user sent: a member that is not known is an error, whose hint tells those that are.
template <class T>
[[nodiscard]] Result<T> decode_request(std::string_view json, std::string_view known = {});

/// {"error":{"code","message","hint","field"}}; hint and field only when not empty.
[[nodiscard]] std::string encode_error(const Error& error);

/// The error in an answer's body; nothing when the body is something else.
[[nodiscard]] std::optional<Error> decode_error(std::string_view json);

/// The body of POST and PUT of a record: the names in `fields` and customFields, nothing else. A top-level
/// value is text or null; in customFields numbers and booleans become text as well. Error::field names the
/// culprit.
[[nodiscard]] Result<RecordInput> decode_record_input(
    std::span<const std::string_view> fields, std::string_view json
);

/// The body that asks for `input`: what is not in `fields` goes under customFields, "" becomes null.
[[nodiscard]] std::string encode_record_input(
    std::span<const std::string_view> fields, const RecordInput& input
);

/// The body of a trigger; an empty body asks for everything, incrementally. The types are checked and made
/// plural.
[[nodiscard]] Result<TriggerRequest> decode_trigger_request(std::string_view json);
/// An empty body is a request without conditions.
[[nodiscard]] Result<ReleaseRequest> decode_release_request(std::string_view json);

/// The body of a resolution: {"resolution":"merged","fields":{"phone":"local","email":{"value":"…"}}}, and
/// with it perhaps "partial" and "version". Error::field names the culprit.
[[nodiscard]] Result<ResolveRequest> decode_resolve_request(std::string_view json);
[[nodiscard]] std::string encode_resolve_request(const ResolveRequest& request);

/// {"items":[…]} of the same with an "id" each, at most max_resolutions.
[[nodiscard]] Result<std::vector<ResolveRequest>> decode_resolve_requests(std::string_view json);
[[nodiscard]] std::string encode_resolve_requests(const std::vector<ResolveRequest>& requests);

/// The error, and the conflict as it is now beside it.
[[nodiscard]] std::string encode_error_with(const Error& error, const Conflict& conflict);

}  // namespace hubsync::api
