#include "tests/process/workload.hpp"

namespace hubsync::rig {
namespace {

/// Beyond this many the people only edit.
constexpr std::size_t enough = 200;

std::string text_of(const Json& record, const std::string& field) {
  const Json value = record.value(field, Json());
  return value.is_string() ? value.get<std::string>() : "";
}

}  // namespace

Workload::Intention Workload::next() {
  const std::size_t contacts = ids_["contacts"].size();
  const std::int64_t dice = below(100);
  if (contacts < 3 || (dice < 30 && contacts < enough)) {
    return create_contact();
  }
  if (ids_["companies"].empty() || (dice < 35 && ids_["companies"].size() < enough / 10)) {
    return create_company();
  }
  const std::string value = std::to_string(++count_);
  if (dice < 50) {
    return edit("contacts", some_id("contacts"), "company", some_id("companies"));
  }
  if (dice < 60) {
    return edit("companies", some_id("companies"), "name", "Company " + value);
  }
  return edit("contacts", some_id("contacts"), dice < 80 ? "phone" : "lastName", "+49 30 " + value);
}

Workload::Intention Workload::create_contact() {
  const std::string number = std::to_string(++count_);
  const std::map<std::string, std::string> values{
      {"email", "here" + std::to_string(seed_) + "." + number + "@example.com"},
      {"lastName", "Here " + number}
  };
  return {{.method = "POST", .target = "/api/contacts", .body = Json(values).dump()}, "contacts", "", values};
}

Workload::Intention Workload::create_company() {
  const std::string number = std::to_string(++count_);
  const std::map<std::string, std::string> values{
      {"name", "Company " + number}, {"domain", "c" + std::to_string(seed_) + "-" + number + ".example"}
  };
  return {
      {.method = "POST", .target = "/api/companies", .body = Json(values).dump()}, "companies", "", values
  };
}

Workload::Intention Workload::edit(
    const std::string& type, const std::string& id, const std::string& field, const std::string& value
) {
  const std::map<std::string, std::string> values{{field, value}};
  return {
      {.method = "PUT", .target = "/api/" + type + "/" + id, .body = Json(values).dump()}, type, id, values
  };
}

std::string Workload::some_id(const std::string& type) {
  const std::vector<std::string>& ids = ids_[type];
  return ids[static_cast<std::size_t>(below(static_cast<std::int64_t>(ids.size())))];
}

void Workload::answered(const Intention& intention, const Reply& reply) {
  const bool acknowledged = reply.status == 200 || reply.status == 201;
  if (!acknowledged && reply.status != 0) {
    unexpected_.push_back(intention.request.target + ": " + std::to_string(reply.status) + " " + reply.body);
    return;
  }
  std::string id = intention.id;
  if (id.empty()) {
    if (!acknowledged) {
      return;
    }
    id = reply.json().at("id");
    ids_[intention.type].push_back(id);
  }
  Values& values = records_[intention.type][id];
  for (const auto& [field, value] : intention.values) {
    if (acknowledged) {
      values[field] = {value};
    } else {
      if (values[field].empty()) {
        values[field].insert("");
      }
      values[field].insert(value);
    }
  }
}

void Workload::act_here() {
  const Intention intention = next();
  answered(intention, send({rig_.socket()}, intention.request));
}

void Workload::act_in_hubspot() {
  const std::string number = std::to_string(++count_);
  Sim& sim = rig_.sim();
  if (in_hubspot_.size() < enough / 4 && (in_hubspot_.empty() || below(2) == 0)) {
    const Json properties{{"email", "there" + number + "@example.com"}, {"firstname", "There " + number}};
    in_hubspot_.push_back(
        sim.admin("POST", "/_sim/objects/contacts", {{"properties", properties}}).at("ids").at(0)
    );
    return;
  }
  const std::string id =
      in_hubspot_[static_cast<std::size_t>(below(static_cast<std::int64_t>(in_hubspot_.size())))];
  sim.admin("PATCH", "/_sim/objects/contacts/" + id, {{"properties", {{"firstname", "There " + number}}}});
}

std::vector<std::string> Workload::losses() {
  std::vector<std::string> lost = unexpected_;
  for (const auto& [type, records] : records_) {
    std::map<std::string, Json> found;
    for (Json& record : rig_.local(type)) {
      found.emplace(record.at("id"), std::move(record));
    }
    for (const auto& [id, fields] : records) {
      const auto record = found.find(id);
      if (record == found.end()) {
        lost.push_back(type + " " + id + " is gone");
        continue;
      }
      for (const auto& [field, values] : fields) {
        if (!values.contains(text_of(record->second, field))) {
          lost.push_back(type + " " + id + " " + field + " is not " + *values.begin());
        }
      }
    }
  }
  return lost;
}

std::vector<std::string> Workload::doubles() {
  std::vector<std::string> doubles;
  for (const auto& [key, count] : rig_.sim().admin("GET", "/_sim/counters").at("createsByKey").items()) {
    if (count != 1) {
      doubles.push_back(key + ": " + count.dump() + " creates");
    }
  }
  return doubles;
}

}  // namespace hubsync::rig
