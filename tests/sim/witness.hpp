// Watches the wire between the daemon and HubSpot, and what the daemon's database says at that moment: intent
// before effect (I21), one effect at a time (I24), nothing repeated blindly (I23), nothing archived or made
// without cause (I8, I9). One thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "daemon/ports/transport.hpp"
#include "daemon/store/tables.hpp"
#include "tests/sim/api_call.hpp"
#include "tests/sim/crm.hpp"
#include "tests/sim/ledger.hpp"
#include "tests/sim/timeline.hpp"
#include "tests/sim/verdict.hpp"

namespace hubsync::sim {

class Witness {
 public:
  Witness(const Setup& setup, const Timeline& timeline, Crm& crm, Ledger& ledger, Verdict& verdict)
      : setup_(setup), timeline_(timeline), crm_(crm), ledger_(ledger), verdict_(verdict) {}

  /// A request is about to leave the daemon whose database this is.
  void leaving(const ApiCall& call, store::Tables& tables);
  /// HubSpot is about to carry it out.
  void arriving(const ApiCall& call);
  /// What an answer, or its absence, lets the daemon know.
  enum class Known : std::uint8_t { done, not_done, nothing };
  /// The daemon has the answer, or knows that none will come. `carried_out`: when HubSpot did it.
  void answered(const ApiCall& call, Known known, std::optional<Instant> carried_out);
  /// The daemon is gone: nobody waits for an answer any more.
  void daemon_died() { under_way_.clear(); }
  /// The daemon starts again, and finds in its database what it was sending when it died.
  void starting_over(store::Tables& tables);
  /// How often it died while it was sending this.
  [[nodiscard]] int deaths_over(const LocalId& record) const {
    const auto found = deaths_.find(record);
    return found == deaths_.end() ? 0 : found->second;
  }

  /// Values of records that HubSpot took and told us so, one for each input.
  [[nodiscard]] std::int64_t writes_told() const { return writes_told_; }

  /// Writes of HubSpot's users that were overwritten between our reading and our writing: HubSpot has no
  /// conditional write, so they can only be found and kept afterwards (I6).
  [[nodiscard]] const std::set<std::string>& overtaken() const { return overtaken_; }
  /// Those that were read by then, though not for the decision to write: HubSpot's history has to tell.
  [[nodiscard]] const std::set<std::string>& covered() const { return covered_; }

 private:
  using Key = std::pair<std::string, std::string>;  ///< Type and HubSpot id or uid.

  void check_intent(const ApiCall& call, const ApiCall::Input& input, store::Tables& tables);
  void check_dispute(
      const ApiCall& call, const ApiCall::Input& input, const Record& record, store::Tables& tables
  );
  static bool is_recorded(const LocalId& record, const std::string& field, store::Tables& tables);
  void check_cause(const ApiCall& call, const Record& record, const store::DueRow& row);
  void forget_writes_before(const ApiCall& call, const ApiCall::Input& input);
  void note_overtaken(const ApiCall& call, const ApiCall::Input& input);

  const Setup& setup_;
  const Timeline& timeline_;
  Crm& crm_;
  Ledger& ledger_;
  Verdict& verdict_;
  std::set<Key> under_way_;
  std::set<Key> written_since_read_;  ///< An attempt to write was made, and no read answered after it.
  std::map<Key, Instant> decided_;    ///< When the write that left last was decided.
  std::map<Key, Instant> shown_;     ///< When HubSpot read what the daemon knows of the record, to decide by.
  std::set<std::string> overtaken_;  ///< Values in canonical form.
  std::set<std::string> covered_;
  std::int64_t writes_told_ = 0;
  std::map<LocalId, int> deaths_;
};

}  // namespace hubsync::sim
