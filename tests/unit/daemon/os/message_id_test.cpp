#include "daemon/os/message_id.hpp"

#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>

#include <doctest/doctest.h>

using namespace hubsync;

namespace {

/// What systemd/hubsync.catalog explains: the event named above each entry, by the entry's id.
std::map<std::string, std::string> catalog(std::set<std::string>& without_text) {
  std::ifstream file{HUBSYNC_SOURCE_DIR "/systemd/hubsync.catalog"};
  std::map<std::string, std::string> entries;
  std::string event;
  std::string id;
  bool text = false;
  const auto end_entry = [&] {
    if (!id.empty() && !text) {
      without_text.insert(id);
    }
  };
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("# ")) {
      event = line.substr(2);
    } else if (line.starts_with("-- ")) {
      end_entry();
      id = line.substr(3);
      text = false;
      CHECK_MESSAGE(entries.emplace(id, event).second, "explained twice: " << id);
    } else {
      text |= !line.empty() && !line.starts_with("Subject: ") && !line.starts_with("Defined-By: ") &&
              !line.starts_with("Support: ") && !line.starts_with("Documentation: ");
    }
  }
  end_entry();
  return entries;
}

}  // namespace

TEST_CASE("the journal's catalog explains each event that has a message id, and no other") {
  std::map<std::string, std::string> table;
  for (const MessageId& entry : message_ids()) {
    const std::string id{entry.id};
    CHECK(id.size() == 32);
    CHECK(id.find_first_not_of("0123456789abcdef") == std::string::npos);
    CHECK_MESSAGE(table.emplace(id, entry.event).second, "given twice: " << id);
  }
  std::set<std::string> without_text;
  CHECK(catalog(without_text) == table);
  CHECK(without_text.empty());
}

TEST_CASE("an event is found by its name, and one without an id has none") {
  CHECK(message_id("guard.raised") == "5af269075fdb40e38af89a95a14b3586");
  CHECK(message_id("guard") == "");
  CHECK(message_id("") == "");
}
