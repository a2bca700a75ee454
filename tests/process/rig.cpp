#include "tests/process/rig.hpp"

#include <signal.h>

#include <algorithm>
#include <stdexcept>

namespace hubsync::rig {
namespace {

std::vector<std::string> with_program(std::string_view name, const std::vector<std::string>& arguments) {
  std::vector<std::string> words{program(name)};
  words.insert(words.end(), arguments.begin(), arguments.end());
  return words;
}

std::string quoted(const std::string& text) {
  return "\"" + text + "\"";
}

void merge(Settings& into, const Settings& from) {
  for (const auto& [table, keys] : from) {
    for (const auto& [key, value] : keys) {
      into[table][key] = value;
    }
  }
}

std::string toml(const Settings& settings) {
  std::string text;
  for (const auto& [table, keys] : settings) {
    text += "[" + table + "]\n";
    for (const auto& [key, value] : keys) {
      text += value.empty() ? "" : key + " = " + value + "\n";
    }
  }
  return text;
}

std::int64_t sum(const Json& calls, const char* member) {
  std::int64_t total = 0;
  for (const auto& [kind, count] : calls.items()) {
    total += count.at(member).get<std::int64_t>();
  }
  return total;
}

using Rows = std::map<std::string, Json>;

/// The record that a contact's company is in HubSpot: the primary association, else the lowest id.
std::string remote_company(const Json& contact) {
  const Json associations = contact.at("associations").value("companies", Json::array());
  std::int64_t lowest = 0;
  for (const Json& edge : associations) {
    const Json& types = edge.at("types");
    if (std::ranges::find(types, Json(1)) != types.end()) {
      return edge.at("id");
    }
    const std::int64_t id = std::stoll(edge.at("id").get<std::string>());
    lowest = lowest == 0 ? id : std::min(lowest, id);
  }
  return lowest == 0 ? "" : std::to_string(lowest);
}

std::string text_of(const Json& object, const std::string& name) {
  const auto found = object.find(name);
  return found == object.end() || found->is_null() ? "" : found->get<std::string>();
}

/// One record of both sides, as lines of what differs.
class Comparison {
 public:
  Comparison(std::string type, const std::map<std::string, std::string>& hubspot_ids)
      : type_(std::move(type)), hubspot_ids_(hubspot_ids) {}

  void compare(const Json& local, const Json& remote, std::vector<std::string>& out) const {
    using Pairs = std::vector<std::pair<std::string, std::string>>;
    const bool contact = type_ == "contacts";
    const Pairs mapped =
        contact
            ? Pairs{{"email", "email"}, {"firstName", "firstname"}, {"lastName", "lastname"}, {"phone", "phone"}}
            : Pairs{{"name", "name"}, {"domain", "domain"}, {"industry", "industry"}};
    for (const auto& [field, property] : mapped) {
      differ(local, field, text_of(local, field), text_of(remote.at("properties"), property), out);
    }
    if (contact) {
      differ(
          local,
          "lifecycle",
          text_of(local.at("customFields"), "lifecycle"),
          text_of(remote.at("properties"), "lifecyclestage"),
          out
      );
      const auto company = hubspot_ids_.find(text_of(local, "company"));
      differ(
          local, "company", company == hubspot_ids_.end() ? "" : company->second, remote_company(remote), out
      );
    }
  }

 private:
  void differ(
      const Json& local,
      const std::string& field,
      const std::string& here,
      const std::string& there,
      std::vector<std::string>& out
  ) const {
    if (here != there) {
      out.push_back(
          type_ + " " + local.at("id").get<std::string>() + " " + field + ": here \"" + here +
          "\", in HubSpot \"" + there + "\""
      );
    }
  }

  std::string type_;
  const std::map<std::string, std::string>& hubspot_ids_;
};

}  // namespace

Sim::Sim(const std::string& log, const std::vector<std::string>& options)
    : process_(log, {.words = with_program("hubspot-sim", options)}),
      url_(process_.wait_for_line("listening on ")) {}

Json Sim::admin(const std::string& method, const std::string& path, const Json& body) {
  const Reply reply =
      send(address(), {.method = method, .target = path, .body = body.is_null() ? "" : body.dump()});
  if (reply.status < 200 || reply.status > 299) {
    throw std::runtime_error(method + " " + path + ": " + std::to_string(reply.status) + " " + reply.body);
  }
  return reply.body.empty() ? Json() : reply.json();
}

std::vector<Json> Sim::dump(const std::string& type) {
  const Reply reply = send(address(), {.target = "/_sim/dump/" + type});
  std::vector<Json> records;
  std::size_t at = 0;
  while (at < reply.body.size()) {
    const std::size_t end = reply.body.find('\n', at);
    records.push_back(Json::parse(reply.body.substr(at, end - at)));
    at = end + 1;
  }
  return records;
}

std::string Sim::value(const std::string& type, const std::string& id, const std::string& property) {
  return text_of(admin("GET", "/_sim/objects/" + type + "/" + id).at("properties"), property);
}

std::int64_t Sim::calls() {
  return sum(admin("GET", "/_sim/counters").at("calls"), "calls");
}

std::int64_t Sim::throttled() {
  return sum(admin("GET", "/_sim/counters").at("calls"), "throttled");
}

Rig::Rig(const RigOptions& options) : sim_(log_name("hubspot-sim"), options.sim) {
  settings_ = {
      {"hubspot", {{"base_url", quoted(sim_.url())}, {"access_token_file", quoted(directory_ / "token")}}},
      {"store", {{"path", quoted(database())}}},
      {"control", {{"socket", quoted(socket())}}},
      {"webhooks", {{"listen", "\"\""}}},
      // The simulator tells the real interval with its first answer; until then a restart waits for no more
      // than this.
      {"rate_limit", {{"interval", "\"1s\""}}},
      {"retry", {{"base", "\"50ms\""}, {"max_delay", "\"200ms\""}}},
      {"log", {{"level", "\"debug\""}}},
  };
  write_file(directory_ / "token", options.token + "\n");
  configure(options.settings);
}

void Rig::configure(const Settings& settings) {
  merge(settings_, settings);
  write_file(config_file(), toml(settings_));
}

std::unique_ptr<Process> Rig::launch_daemon(
    const std::vector<std::string>& arguments, const Environment& environment
) {
  return std::make_unique<Process>(
      log_name("hubsyncd"), Launch{.words = with_program("hubsyncd", arguments), .environment = environment}
  );
}

Process& Rig::start(const Environment& environment) {
  daemon_.reset();
  daemon_ = launch_daemon({"--config", config_file()}, environment);
  const auto answers = [this] { return send({socket()}, {.target = "/healthz"}).status == 200; };
  if (!daemon_->wait_until(answers)) {
    throw std::runtime_error("the daemon did not come up: " + daemon_->errors());
  }
  return *daemon_;
}

int Rig::stop() {
  daemon_->signal(SIGTERM);
  const auto code = daemon_->wait();
  if (!code) {
    throw std::runtime_error("the daemon did not stop: " + daemon_->errors());
  }
  return *code;
}

Finished Rig::cli(const std::vector<std::string>& arguments, const std::string& input) {
  return run(
      log_name("hubsync"),
      {.words = with_program("hubsync", arguments),
       .environment = {{"HUBSYNC_SOCKET", socket()}},
       .input = input}
  );
}

Json Rig::cli_json(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "--json");
  const Finished finished = cli(arguments);
  if (finished.code != 0) {
    throw std::runtime_error("exit " + std::to_string(finished.code) + ": " + finished.err);
  }
  return Json::parse(finished.out);
}

Reply Rig::api(
    const std::string& method,
    const std::string& target,
    const std::string& body,
    const std::vector<std::pair<std::string, std::string>>& headers
) {
  return send({socket()}, {.method = method, .target = target, .body = body, .headers = headers});
}

Json Rig::get(const std::string& target) {
  const Reply reply = api("GET", target);
  if (reply.status != 200) {
    throw std::runtime_error("GET " + target + ": " + std::to_string(reply.status) + " " + reply.body);
  }
  return reply.json();
}

std::vector<Json> Rig::local(const std::string& type) {
  std::vector<Json> records;
  std::string after;
  while (true) {
    const Json page = get("/api/" + type + "?limit=500&after=" + after);
    records.insert(records.end(), page.at("items").begin(), page.at("items").end());
    if (page.at("next").is_null()) {
      return records;
    }
    after = page.at("next");
  }
}

void Rig::settle() {
  const Finished waited = cli({"wait", "--for", "synced", "--timeout", "60s"});
  if (waited.code != 0 && waited.code != 6) {
    throw std::runtime_error("never synced: " + waited.err + cli({"status"}).out + daemon_->errors());
  }
}

void Rig::full_sync() {
  const Finished synced = cli({"sync", "--full", "--wait", "--timeout", "60s"});
  if (synced.code != 0 && synced.code != 6) {
    throw std::runtime_error("exit " + std::to_string(synced.code) + " of the full sync: " + synced.err);
  }
  settle();
}

std::vector<std::string> Rig::differences() {
  std::vector<std::string> out;
  std::map<std::string, std::string> hubspot_ids;
  for (const std::string type : {"companies", "contacts"}) {
    Rows remote;
    for (Json& record : sim_.dump(type)) {
      if (!record.at("archived").get<bool>()) {
        remote.emplace(record.at("id"), std::move(record));
      }
    }
    const Comparison comparison{type, hubspot_ids};
    std::map<std::string, std::string> of_this_type;
    for (const Json& record : local(type)) {
      const std::string hubspot_id = text_of(record, "hubspotId");
      const auto found = remote.extract(hubspot_id);
      if (found.empty()) {
        out.push_back(type + " only here (or twice): " + record.dump());
      } else {
        comparison.compare(record, found.mapped(), out);
      }
      of_this_type[record.at("id")] = hubspot_id;
    }
    for (const auto& [id, record] : remote) {
      out.push_back(type + " only in HubSpot: " + record.dump());
    }
    hubspot_ids.merge(of_this_type);
  }
  return out;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) {
    text += line + "\n";
  }
  return text;
}

}  // namespace hubsync::rig
