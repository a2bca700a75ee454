#include "tests/hubspot_sim/seed_data.hpp"

#include <algorithm>
#include <cmath>

#include "common/assert.hpp"
#include "tests/hubspot_sim/seed_names.hpp"
#include "tests/hubspot_sim/text.hpp"

namespace hubspot_sim {
namespace {

constexpr TypeIndex contact_type = 0;
constexpr TypeIndex company_type = 1;
constexpr TypeIndex deal_type = 2;
constexpr auto history = std::chrono::days{730};

/// Sets seeded values straight into the store: a million records must not take minutes.
class Seeder {
 public:
  Seeder(Portal& portal, std::size_t total)
      : portal_(portal), random_(mix(portal.options.seed) ^ 0x5eedU), total_(total) {}

  void company();
  void contact();
  void deal();

 private:
  std::string_view pick(std::span<const std::string_view> words) {
    return words[random_.below(words.size())];
  }

  std::string phone(std::string_view form) {
    std::string out{form};
    for (char& c : out) {
      c = c == '#' ? static_cast<char>('0' + random_.below(10)) : c;
    }
    return out;
  }

  /// The next record, created a little later than the one before.
  Record& next(TypeIndex type) {
    const auto at = portal_.now - history +
                    history * static_cast<std::int64_t>(made_) / static_cast<std::int64_t>(total_ + 1);
    ++made_;
    const auto created =
        std::chrono::floor<std::chrono::milliseconds>(at) + hubsync::Duration{random_.between(0, 899)};
    Record& record = portal_.store(type).create(
        static_cast<std::int64_t>(random_.below(3)),
        created,
        random_.percent(30) ? Source::import_file : Source::crm_ui
    );
    return record;
  }

  void set(TypeIndex type, Record& record, std::string_view name, std::string text) {
    if (!text.empty()) {
      const auto prop = portal_.type(type).find(name);
      ASSERT(prop);
      portal_.store(type).set_value(record, *prop, std::move(text), record.created, record.created_by);
    }
  }

  /// Some records have been edited since.
  void touch(TypeIndex type, Record& record) {
    if (random_.percent(40)) {
      const auto age = (portal_.now - record.created).count();
      portal_.store(type).set_modified(
          record, record.created + hubsync::Duration{random_.between(1, std::max<std::int64_t>(age - 1, 1))}
      );
    }
  }

  std::string option(TypeIndex type, std::string_view name) {
    const auto& options = portal_.type(type).properties[*portal_.type(type).find(name)].options;
    return options[random_.below(options.size())].value;
  }

  std::string long_text();
  std::string email_of(const Language& language, const Record* company);
  void join_company(TypeIndex type, Record& record, std::int64_t company);

  Portal& portal_;
  Random random_;
  std::size_t total_;
  std::size_t made_ = 0;
  std::size_t serial_ = 0;
  std::string last_domain_;
  std::vector<std::int64_t> companies_;
};

std::string Seeder::long_text() {
  std::string text;
  const std::size_t paragraphs = 1 + random_.below(random_.percent(2) ? 60 : 4);
  for (std::size_t i = 0; i < paragraphs; ++i) {
    const auto& language = languages()[random_.below(languages().size())];
    text += "Met " + std::string{pick(language.first_names)} + " at \"" +
            std::string{pick(language.companies)} + "\" in " + std::string{language.city} +
            ";\ncall back on " + phone(language.phone) + " — 100 % sure? ";
  }
  return text;
}

void Seeder::company() {
  const auto& language = languages()[random_.below(languages().size())];
  Record& record = next(company_type);
  const std::string number = std::to_string(++serial_);
  set(company_type,
      record,
      "name",
      std::string{pick(language.companies)} + " " + number + " " + std::string{language.suffix});
  // One in twelve has no domain, one in fifteen shares the one of the company before.
  if (!random_.percent(8)) {
    if (last_domain_.empty() || !random_.percent(7)) {
      last_domain_ = "company" + number + "." + std::string{language.top_level};
    }
    set(company_type, record, "domain", last_domain_);
    set(company_type,
        record,
        "website",
        random_.percent(70) ? last_domain_ : "https://www." + last_domain_ + "/en?a=1");
  }
  set(company_type, record, "industry", random_.percent(60) ? option(company_type, "industry") : "");
  set(company_type, record, "city", random_.percent(70) ? std::string{language.city} : "");
  set(company_type, record, "country", random_.percent(50) ? std::string{language.country} : "");
  set(company_type, record, "phone", random_.percent(65) ? phone(language.phone) : "");
  set(company_type,
      record,
      "numberofemployees",
      random_.percent(40) ? std::to_string(random_.below(20'000)) : "");
  set(company_type,
      record,
      "lifecyclestage",
      random_.percent(80) ? option(company_type, "lifecyclestage") : "");
  set(company_type, record, "description", random_.percent(10) ? long_text() : "");
  touch(company_type, record);
  companies_.push_back(record.id);
}

std::string Seeder::email_of(const Language& language, const Record* company) {
  if (random_.percent(7)) {
    return {};
  }
  std::string host = random_.percent(50) ? "gmail.com" : "mail." + std::string{language.top_level};
  if (company != nullptr) {
    const auto domain = company->text(*portal_.type(company_type).find("domain"));
    host = domain.empty() ? host : std::string{domain};
  }
  const std::string number = std::to_string(++serial_);
  return (random_.percent(10) ? "first.last+tag" : "person.") + number + "@" + host;
}

void Seeder::join_company(TypeIndex type, Record& record, std::int64_t company) {
  const std::uint32_t primary = 2;
  record.link(company_type, company, 1U | primary);
  portal_.store(company_type).find(company)->link(type, record.id, 1U | primary);
}

void Seeder::contact() {
  const auto& language = languages()[random_.below(languages().size())];
  // A power law: a few companies have very many contacts, most a handful.
  const double place = std::pow(static_cast<double>(random_.below(1'000'000)) / 1e6, 2.0);
  const bool member = !companies_.empty() && random_.percent(85);
  const std::int64_t company =
      member ? companies_[static_cast<std::size_t>(place * static_cast<double>(companies_.size()))] : 0;
  Record& record = next(contact_type);
  const bool named = random_.percent(96);
  std::string email = email_of(language, portal_.store(company_type).find(company));
  if (!named && email.empty()) {
    email = "unnamed" + std::to_string(++serial_) + "@example.org";
  }
  set(contact_type, record, "firstname", named ? std::string{pick(language.first_names)} : "");
  set(contact_type, record, "lastname", random_.percent(90) ? std::string{pick(language.last_names)} : "");
  set(contact_type, record, "email", std::move(email));
  set(contact_type, record, "phone", random_.percent(60) ? phone(language.phone) : "");
  set(contact_type,
      record,
      "lifecyclestage",
      random_.percent(85) ? option(contact_type, "lifecyclestage") : "");
  set(contact_type,
      record,
      "jobtitle",
      random_.percent(30) ? "Head of " + std::string{pick(language.companies)} : "");
  set(contact_type, record, "city", random_.percent(30) ? std::string{language.city} : "");
  set(contact_type, record, "message", random_.percent(2) ? long_text() : "");
  touch(contact_type, record);
  if (member) {
    join_company(contact_type, record, company);
  }
}

void Seeder::deal() {
  const auto& language = languages()[random_.below(languages().size())];
  Record& record = next(deal_type);
  const std::string number = std::to_string(++serial_);
  set(deal_type, record, "dealname", std::string{pick(language.companies)} + " renewal " + number);
  set(deal_type, record, "amount", random_.percent(90) ? std::to_string(random_.between(5, 900) * 100) : "");
  set(deal_type, record, "pipeline", "default");
  set(deal_type, record, "dealstage", option(deal_type, "dealstage"));
  set(deal_type, record, "dealtype", random_.percent(60) ? option(deal_type, "dealtype") : "");
  const auto close = std::chrono::floor<std::chrono::days>(record.created) +
                     std::chrono::days{static_cast<int>(random_.between(7, 200))};
  set(deal_type, record, "closedate", random_.percent(80) ? time_text(hubsync::Instant{close}) : "");
  set(deal_type, record, "description", random_.percent(10) ? long_text() : "");
  touch(deal_type, record);
  if (!companies_.empty()) {
    join_company(deal_type, record, companies_[random_.below(companies_.size())]);
  }
}

}  // namespace

void seed_portal(Portal& portal, const SeedCounts& counts) {
  Seeder seeder{portal, counts.contacts + counts.companies + counts.deals};
  for (std::size_t i = 0; i < counts.companies; ++i) {
    seeder.company();
  }
  for (std::size_t i = 0; i < counts.contacts; ++i) {
    seeder.contact();
  }
  for (std::size_t i = 0; i < counts.deals; ++i) {
    seeder.deal();
  }
}

}  // namespace hubspot_sim
