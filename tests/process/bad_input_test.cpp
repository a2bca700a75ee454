// Every route of the control API with every kind of bad request: a 4xx in the one shape of errors, and
// nothing changed.
#include <regex>
#include <set>

#include <doctest/doctest.h>

#include "tests/process/rig.hpp"

using namespace hubsync::rig;

namespace {

struct Route {
  std::string method;
  std::string pattern;
};

/// The routes as the daemon's own table has them, so that a new one is tested from its first day.
std::vector<Route> all_routes() {
  const std::string source = read_file(HUBSYNC_SOURCE_DIR "/daemon/api/routes.cpp");
  const std::regex row{R"re(Route\{\s*"([A-Z]+)",\s*"([^"]+)")re"};
  std::vector<Route> routes;
  for (auto match = std::sregex_iterator(source.begin(), source.end(), row); match != std::sregex_iterator{};
       ++match) {
    routes.push_back({(*match)[1], (*match)[2]});
  }
  return routes;
}

/// Ids of things that exist.
struct Known {
  std::string contact;
  std::string company;
  std::string run;
};

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  const std::size_t at = text.find(what);
  return at == std::string::npos ? text : text.replace(at, what.size(), with);
}

/// A route's path with `id` in place of its last parameter.
std::string path_of(const Route& route, const std::string& records, const std::string& id) {
  std::string path = replaced(replaced(route.pattern, ":records", records), ":type", records);
  for (const char* const name : {":recordId", ":logId", ":id"}) {
    path = replaced(path, name, id);
  }
  return path;
}

bool has_id(const Route& route) {
  return path_of(route, "contacts", "X") != path_of(route, "contacts", "Y");
}

/// What is wrong with an answer that should be a refusal; empty when nothing is.
std::string fault_of(const Reply& reply, const std::set<int>& allowed) {
  if (!allowed.contains(reply.status)) {
    return "status " + std::to_string(reply.status) + ": " + reply.body.substr(0, 60);
  }
  const Json json = Json::parse(reply.body, nullptr, false);
  if (!json.is_object() || json.size() != 1 || !json.contains("error") || !json["error"].is_object()) {
    return "not the shape of an error: " + reply.body;
  }
  for (const auto& [name, value] : json["error"].items()) {
    const bool known = name == "code" || name == "message" || name == "hint" || name == "field";
    if (!known || !value.is_string() || value.get<std::string>().empty()) {
      return "a bad member `" + name + "`: " + reply.body;
    }
  }
  if (!json["error"].contains("code") || !json["error"].contains("message")) {
    return "no code or message: " + reply.body;
  }
  return reply.header("content-type") == "application/json" ? "" : "not sent as JSON";
}

const std::set<int> any_refusal{400, 404, 413, 414, 415, 422, 431};

/// Sends bad requests and remembers which of them were not refused as they should be.
class Prober {
 public:
  explicit Prober(Rig& rig) : rig_(rig) {}

  void expect(const std::set<int>& allowed, const std::string& what, const Request& request) {
    const std::string fault = fault_of(send({rig_.socket()}, request), allowed);
    if (!fault.empty()) {
      faults_.push_back(request.method + " " + request.target.substr(0, 50) + ", " + what + ": " + fault);
    }
    ++probes_;
  }

  [[nodiscard]] const std::vector<std::string>& faults() const { return faults_; }
  [[nodiscard]] int probes() const { return probes_; }

 private:
  Rig& rig_;
  std::vector<std::string> faults_;
  int probes_ = 0;
};

/// Everything that a request could have changed.
std::string state_of(Rig& rig) {
  Json all;
  for (const char* const path :
       {"/api/contacts",
        "/api/companies",
        "/api/contacts?deleted=true",
        "/api/sync/runs",
        "/api/sync/logs",
        "/api/conflicts",
        "/api/guards",
        "/api/queue"}) {
    all[path] = rig.get(path);
  }
  all["state"] = rig.get("/api/sync/status").at("state");
  all["mutations"] = rig.sim().admin("GET", "/_sim/counters").at("mutations");
  return all.dump(1);
}

Known synced_rig(Rig& rig) {
  rig.start();
  rig.full_sync();
  return {
      rig.local("contacts").at(0).at("id"),
      rig.local("companies").at(0).at("id"),
      rig.get("/api/sync/runs").at("items").at(0).at("id")
  };
}

RigOptions small_rig() {
  return {
      .sim = {"--contacts", "3", "--companies", "2"}, .settings = {{"sync", {{"full_interval", "\"0\""}}}}
  };
}

const std::vector<std::pair<std::string, std::string>> malformed_bodies{
    {"an open brace", "{"},
    {"a comma too many", R"({"email":"a@b.example",})"},
    {"a bare word", "nul"},
    {"two documents", "{}{}"},
    {"a comment", "{/*x*/}"},
    {"single quotes", "{'email':'a@b.example'}"},
    {"not a number", R"({"full":NaN})"},
    {"invalid UTF-8", "{\"email\":\"\xFF\xFE\"}"},
    {"an overlong form", "{\"email\":\"\xC0\xAF\"}"},
    {"half a surrogate pair", R"({"email":"\ud800"})"},
    {"a raw control character", "{\"email\":\"a\nb\"}"},
    {"a NUL", std::string("{}\0", 3)},
    {"a key twice", R"({"email":"a@b.example","email":"c@d.example"})"},
    {"an array", "[]"},
    {"a string", R"("email")"},
    {"a number", "5"},
    {"null", "null"},
    {"true", "true"},
    {"deep nesting", std::string(100'000, '[')},
    {"nested customFields", R"({"customFields":{"a":{"b":1}}})"},
    {"an unknown member", R"({"unheardOf":1})"},
    {"an unknown member with a hostile name", R"({"\u001b[2J":"x"})"},
};

}  // namespace

TEST_CASE("every route refuses methods it does not take, web pages, foreign hosts and oversized bodies") {
  Rig rig{small_rig()};
  const Known known = synced_rig(rig);
  const std::vector<Route> routes = all_routes();
  REQUIRE(routes.size() >= 26);
  std::map<std::string, std::set<std::string>> methods;
  for (const Route& route : routes) {
    methods[route.pattern].insert(route.method);
  }
  const std::string before = state_of(rig);
  Prober prober{rig};
  for (const Route& route : routes) {
    const Request plain{.method = route.method, .target = path_of(route, "contacts", known.contact)};
    const auto with = [&plain](const std::string& name, const std::string& value) {
      Request request = plain;
      request.headers.emplace_back(name, value);
      return request;
    };
    for (const std::string method : {"GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "BREW"}) {
      if (!methods[route.pattern].contains(method)) {
        Request request = plain;
        request.method = method;
        prober.expect({405}, "a method it does not take", request);
      }
    }
    prober.expect({403}, "an Origin", with("Origin", "http://localhost"));
    prober.expect({403}, "a foreign Referer", with("Referer", "https://evil.example/page"));
    prober.expect({403}, "a cross-site fetch", with("Sec-Fetch-Site", "cross-site"));
    Request foreign = plain;
    foreign.host = "evil.example";
    prober.expect({403}, "a foreign Host", foreign);
    Request huge = plain;
    huge.body = R"({"email":")" + std::string(1024UL * 1024, 'x') + R"("})";
    prober.expect({413}, "an oversized body", huge);
    Request text = with("Content-Type", "text/plain");
    text.body = R"({"email":"a@b.example"})";
    prober.expect({415}, "a body that is not called JSON", text);
    Request form = with("Content-Type", "application/x-www-form-urlencoded");
    form.body = "email=a@b.example";
    prober.expect({415}, "a form", form);
    for (const auto& [what, body] : malformed_bodies) {
      Request malformed = with("Content-Type", "application/json");
      malformed.body = body;
      prober.expect(any_refusal, what, malformed);
    }
  }
  CHECK(joined(prober.faults()) == "");
  CHECK(prober.probes() > 700);
  CHECK(state_of(rig) == before);
}

TEST_CASE("every route refuses ids that name nothing, however they are written") {
  Rig rig{small_rig()};
  synced_rig(rig);
  const std::string before = state_of(rig);
  Prober prober{rig};
  for (const Route& route : all_routes()) {
    if (!has_id(route)) {
      continue;
    }
    for (const std::string id :
         {"nope",
          "0",
          "-1",
          "99999999999999999999999999",
          "1e3",
          "0x1",
          "%00",
          "%FF",
          "%zz",
          "%",
          "..",
          "%2e%2e",
          "a%2Fb",
          "a%5Cb",
          "%E2%80%AE",
          "%1B[2J",
          "'%20OR%201=1",
          "null",
          "01928b1e-0000-7000-8000-000000000000"}) {
      const std::string body = route.method == "PUT" ? R"({"email":"a@b.example"})" : "";
      prober.expect(
          {400, 404},
          "a bad id",
          {.method = route.method, .target = path_of(route, "companies", id), .body = body}
      );
    }
    prober.expect(
        {400, 404, 414, 431},
        "a long id",
        {.method = route.method, .target = path_of(route, "contacts", std::string(9'000, 'a'))}
    );
  }
  prober.expect({404}, "a type there is not", {.target = "/api/deals"});
  prober.expect({404}, "a path there is not", {.target = "/api"});
  prober.expect({404}, "a path there is not", {.target = "/"});
  prober.expect({400, 404}, "a type there is not", {.method = "POST", .target = "/api/sync/entity/deals/1"});
  CHECK(joined(prober.faults()) == "");
  CHECK(state_of(rig) == before);
}

TEST_CASE("lists refuse query parameters that make no sense") {
  Rig rig{small_rig()};
  synced_rig(rig);
  Prober prober{rig};
  for (const Route& route : all_routes()) {
    const bool list = route.method == "GET" && !has_id(route) && route.pattern.starts_with("/api/") &&
                      route.pattern != "/api/sync/status" && route.pattern != "/api/config" &&
                      route.pattern != "/api/webhooks/subscriptions" && route.pattern != "/api/doctor" &&
                      route.pattern != "/api/setup" && route.pattern != "/api/db/check" &&
                      route.pattern != "/api/events";
    if (!list) {
      continue;
    }
    const std::string path = path_of(route, "contacts", "");
    for (const std::string query :
         {"page=0",
          "page=-1",
          "page=x",
          "page=",
          "page=1.5",
          "page=99999999999999999999",
          "limit=0",
          "limit=501",
          "limit=-5",
          "limit=all",
          "limit=%00",
          "limit=%zz",
          "page=%FF"}) {
      prober.expect({400}, query, {.target = path + "?" + query});
    }
  }
  for (const std::string query :
       {"syncStatus=bogus", "deleted=maybe", "search=%FF", "after=%FF", "after=zzzz"}) {
    prober.expect({400}, query, {.target = "/api/contacts?" + query});
  }
  for (const std::string query :
       {"status=bogus", "direction=sideways", "entityType=deals", "since=yesterday", "since=-5m"}) {
    prober.expect({400}, query, {.target = "/api/sync/logs?" + query});
  }
  CHECK(joined(prober.faults()) == "");
}

// lint:allow function-length: the table of bodies is the test.
TEST_CASE("records and triggers refuse values of the wrong type or size, and name the field") {
  Rig rig{small_rig()};
  const Known known = synced_rig(rig);
  struct Body {
    std::string text;
    std::string field;
  };
  const std::vector<Body> contact_bodies{
      {R"({"email":5})", "email"},
      {R"({"email":true})", "email"},
      {R"({"email":["a@b.example"]})", "email"},
      {R"({"email":{"value":"a@b.example"}})", "email"},
      {R"({"firstName":1.5})", "firstName"},
      {R"({"company":7})", "company"},
      {R"({"company":"no such company"})", "company"},
      {R"({"customFields":[]})", "customFields"},
      {R"({"customFields":"x"})", "customFields"},
      {R"({"customFields":{"lifecycle":{}}})", ""},
      {R"({"id":"x"})", "id"},
      {R"({"version":4})", "version"},
      {R"({"hubspotId":"1"})", "hubspotId"},
      {R"({"name":"a company's field"})", "name"},
      {R"({"lastName":")" + std::string(65'537, 'x') + R"("})", "lastName"},
      {R"({"lastName":"a\u0000b"})", "lastName"},
  };
  const std::string before = state_of(rig);
  Prober prober{rig};
  const auto field_of = [&rig](const Request& request) {
    return send({rig.socket()}, request).json().at("error").value("field", "");
  };
  for (const Body& body : contact_bodies) {
    for (const Request& request :
         {Request{.method = "POST", .target = "/api/contacts", .body = body.text},
          Request{.method = "PUT", .target = "/api/contacts/" + known.contact, .body = body.text}}) {
      prober.expect({400, 422}, body.text.substr(0, 60), request);
      if (!body.field.empty()) {
        CHECK_MESSAGE(
            field_of(request).ends_with(body.field), request.method << " " << body.text.substr(0, 60)
        );
      }
    }
  }
  prober.expect({400}, "an empty record", {.method = "POST", .target = "/api/contacts", .body = "{}"});
  prober.expect(
      {400}, "nothing but clears", {.method = "POST", .target = "/api/companies", .body = R"({"name":null})"}
  );
  for (const std::string body :
       {R"({"types":"contacts"})",
        R"({"types":[1]})",
        R"({"types":["deals"]})",
        R"({"full":"yes"})",
        R"({"full":1})",
        R"({"dryRun":null})",
        R"({"dry_run":true})"}) {
    prober.expect({400}, body, {.method = "POST", .target = "/api/sync/trigger", .body = body});
  }
  for (const std::string tag : {"abc", "3", "W/\"1\"", "\"1\", \"2\"", "\"x\"", "\"999\""}) {
    prober.expect(
        {400, 412},
        "If-Match " + tag,
        {.method = "PUT",
         .target = "/api/contacts/" + known.contact,
         .body = R"({"phone":"+49 1"})",
         .headers = {{"If-Match", tag}}}
    );
  }
  CHECK(joined(prober.faults()) == "");
  CHECK(state_of(rig) == before);
}

// lint:allow function-length: the table of bodies is the test.
TEST_CASE("every endpoint that takes a body refuses values of the wrong type, and names the field") {
  Rig rig{small_rig()};
  const Known known = synced_rig(rig);
  struct Body {
    std::string text;
    std::string field;
  };
  const std::map<std::string, std::vector<Body>> bodies{
      {"/api/:records", {{R"({"email":5})", "email"}}},
      {"/api/:records/:id", {{R"({"phone":[]})", "phone"}, {R"({"customFields":5})", "customFields"}}},
      {"/api/sync/trigger",
       {{R"({"types":null})", "types"},
        {R"({"types":[5]})", "types"},
        {R"({"full":1})", "full"},
        {R"({"dryRun":"no"})", "dryRun"}}},
      {"/api/conflicts/resolve",
       {{"{}", "items"},
        {R"({"items":5})", "items"},
        {R"({"items":[{"id":"1","resolution":"mine"}]})", "resolution"}}},
      {"/api/conflicts/:id/resolve",
       {{"{}", "resolution"},
        {R"({"resolution":5})", "resolution"},
        {R"({"resolution":"merged","fields":[]})", "fields"},
        {R"({"resolution":"merged","fields":{"phone":null}})", "phone"},
        {R"({"resolution":"merged","fields":{"phone":{"value":5}}})", "phone"},
        {R"({"resolution":"keep_local","partial":"yes"})", "partial"},
        {R"({"resolution":"keep_local","version":"1"})", "version"}}},
      {"/api/guards/:id/release", {{R"({"count":"12"})", "count"}, {R"({"count":1.5})", "count"}}},
      {"/api/db/backup",
       {{"{}", "path"},
        {R"({"path":5})", "path"},
        {R"({"path":"relative.db"})", "path"},
        {R"({"path":"/tmp/x.db","force":"yes"})", "force"}}},
      {"/api/sync/apply",
       {{R"({"portal":5})", "portal"},
        {R"({"actions":"x"})", "actions"},
        {R"({"actions":[5]})", "actions"},
        {R"({"check":1})", "check"}}},
  };
  const std::string source = read_file(HUBSYNC_SOURCE_DIR "/daemon/api/routes.cpp");
  const std::string before = state_of(rig);
  Prober prober{rig};
  for (const Route& route : all_routes()) {
    const std::string row = "\"" + route.method + "\", \"" + route.pattern + "\", ";
    const std::size_t at = source.find(row);
    REQUIRE(at != std::string::npos);
    if (!source.substr(at, source.find('\n', at) - at).contains("Body::json")) {
      continue;
    }
    const std::string id = route.pattern.starts_with("/api/:records") ? known.contact : "1";
    CAPTURE(route.pattern);
    REQUIRE(bodies.contains(route.pattern));
    for (const Body& body : bodies.at(route.pattern)) {
      const Request request{
          .method = route.method, .target = path_of(route, "contacts", id), .body = body.text
      };
      prober.expect({400}, body.text, request);
      CHECK_MESSAGE(
          send({rig.socket()}, request).json().at("error").value("field", "") == body.field, body.text
      );
    }
  }
  CHECK(joined(prober.faults()) == "");
  CHECK(state_of(rig) == before);
}
