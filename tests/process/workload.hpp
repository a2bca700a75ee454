// People at work on both sides, from a seed: creates, edits and links here, creates and edits in HubSpot, of
// fields that cannot conflict. Remembers what the daemon acknowledged. One thread.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/process/rig.hpp"
#include "tests/support/seeded_random.hpp"

namespace hubsync::rig {

class Workload {
 public:
  Workload(Rig& rig, std::uint64_t seed) : rig_(rig), seed_(seed), random_(seed) {}

  /// A request to the control API and what it stands for.
  struct Intention {
    Request request;
    std::string type;
    std::string id;  ///< Empty: a create.
    std::map<std::string, std::string> values;
  };

  /// What somebody here wants next.
  [[nodiscard]] Intention next();
  /// What became of it; status 0: nobody knows.
  void answered(const Intention& intention, const Reply& reply);
  /// Both in one.
  void act_here();
  /// Somebody in HubSpot creates or edits a contact.
  void act_in_hubspot();

  /// Acknowledged writes that the daemon does not hold, and answers that should not have come; none when all
  /// is well.
  [[nodiscard]] std::vector<std::string> losses();
  /// Unique values that HubSpot was told to create more than once.
  [[nodiscard]] std::vector<std::string> doubles();

  /// Uniform in [0, bound).
  std::int64_t below(std::int64_t bound) {
    return static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(bound)));
  }

 private:
  using Values = std::map<std::string, std::set<std::string>>;  ///< By field: what it may be now.

  Intention create_contact();
  Intention create_company();
  Intention edit(
      const std::string& type, const std::string& id, const std::string& field, const std::string& value
  );
  [[nodiscard]] std::string some_id(const std::string& type);

  Rig& rig_;
  std::uint64_t seed_;
  SeededRandom random_;
  int count_ = 0;
  std::map<std::string, std::map<std::string, Values>> records_;  ///< By type and id: what was acknowledged.
  std::map<std::string, std::vector<std::string>> ids_;
  std::vector<std::string> in_hubspot_;
  std::vector<std::string> unexpected_;
};

}  // namespace hubsync::rig
