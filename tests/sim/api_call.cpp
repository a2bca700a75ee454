#include "tests/sim/api_call.hpp"

#include <array>
#include <utility>

#include <nlohmann/json.hpp>

namespace hubsync::sim {
namespace {

using nlohmann::json;
using Kind = ApiCall::Kind;

constexpr std::array<std::string_view, 8> kind_names{
    "other", "read", "create", "update", "upsert", "archive", "associate", "dissociate"
};

constexpr std::array<std::pair<std::string_view, Kind>, 5> record_verbs{
    {{"/batch/read", Kind::read},
     {"/batch/create", Kind::create},
     {"/batch/update", Kind::update},
     {"/batch/upsert", Kind::upsert},
     {"/batch/archive", Kind::archive}}
};
constexpr std::array<std::pair<std::string_view, Kind>, 2> link_verbs{
    {{"/batch/create", Kind::associate}, {"/batch/archive", Kind::dissociate}}
};

template <std::size_t N>
Kind verb_of(std::string_view path, const std::array<std::pair<std::string_view, Kind>, N>& verbs) {
  for (const auto& [ending, kind] : verbs) {
    if (path.ends_with(ending)) {
      return kind;
    }
  }
  return Kind::other;
}

std::string key_of(const json& input, Kind kind) {
  if (kind == Kind::associate || kind == Kind::dissociate) {
    return input.at("from").at("id").get<std::string>();
  }
  if (kind == Kind::create) {
    return input.at("properties").value(std::string{uid_property}, std::string{});
  }
  return input.at("id").get<std::string>();
}

void read_inputs(const json& body, ApiCall& call) {
  for (const json& input : body.at("inputs")) {
    ApiCall::Input read{.key = key_of(input, call.kind)};
    if (const auto properties = input.find("properties"); properties != input.end()) {
      for (const auto& [name, value] : properties->items()) {
        read.properties[name] = value.get<std::string>();
      }
    }
    if (call.key_property.empty()) {
      call.key_property = input.value("idProperty", std::string{});
    }
    call.inputs.push_back(std::move(read));
  }
}

/// GET …/objects/…/contacts/123?…
std::string single_id(std::string_view path, const std::string& type) {
  const std::size_t at = path.rfind("/" + type + "/");
  return at == std::string_view::npos ? std::string{} : std::string{path.substr(at + type.size() + 2)};
}

}  // namespace

std::string_view name_of(Kind kind) {
  return kind_names[static_cast<std::size_t>(kind)];
}

ApiCall read_call(const HttpRequest& request, const Rules& rules) {
  ApiCall call;
  const std::string_view path = std::string_view{request.target}.substr(0, request.target.find('?'));
  const bool about_links = path.contains("/associations/");
  for (const TypeRules& type : rules.types) {
    const bool first =
        about_links ? path.contains("/" + type.name + "/companies/") : path.contains("/" + type.name);
    if (first && path.contains(about_links ? "/associations/" : "/objects/")) {
      call.type = type.name;
    }
  }
  if (call.type.empty()) {
    return call;
  }
  if (request.method == "GET" && !about_links) {
    if (std::string id = single_id(path, call.type); !id.empty()) {
      call.kind = Kind::read;
      call.with_history = request.target.contains("propertiesWithHistory");
      call.inputs.push_back({.key = std::move(id)});
    }
    return call;
  }
  call.kind = about_links ? verb_of(path, link_verbs) : verb_of(path, record_verbs);
  if (call.kind != Kind::other) {
    const json body = json::parse(request.body);
    call.key_property = body.value("idProperty", std::string{});
    call.with_history = !body.value("propertiesWithHistory", json::array()).empty();
    read_inputs(body, call);
    if (call.kind == Kind::create) {
      call.key_property = uid_property;
    }
  }
  return call;
}

}  // namespace hubsync::sim
