// Every table of one database, for the parts of the repository that work across them. Store thread.
#pragma once

#include "daemon/core/rules.hpp"
#include "daemon/store/audit.hpp"
#include "daemon/store/commands.hpp"
#include "daemon/store/conflicts.hpp"
#include "daemon/store/db.hpp"
#include "daemon/store/due.hpp"
#include "daemon/store/erasure.hpp"
#include "daemon/store/events.hpp"
#include "daemon/store/facts.hpp"
#include "daemon/store/guards.hpp"
#include "daemon/store/inbox.hpp"
#include "daemon/store/log.hpp"
#include "daemon/store/records.hpp"
#include "daemon/store/runs.hpp"
#include "daemon/store/unverified.hpp"

namespace hubsync::store {

struct Tables {
  Tables(Db& database, RandomBytes random_bytes)
      : db(database),
        records(database),
        due(database),
        log(database),
        commands(database),
        conflicts(database),
        audit(database, random_bytes),
        events(database),
        facts(database),
        guards(database),
        inbox(database),
        erased(database, facts, random_bytes),
        runs(database),
        unverified(database),
        random(std::move(random_bytes)) {}

  Db& db;
  RecordTable records;
  DueTable due;
  LogTable log;
  CommandTable commands;
  ConflictTable conflicts;
  AuditTable audit;
  EventTable events;
  FactTable facts;
  GuardTable guards;
  InboxTable inbox;
  ErasureTable erased;
  RunTable runs;
  UnverifiedTable unverified;
  RandomBytes random;
};

/// The actor of what no person did.
inline constexpr const char* automatic_actor = "hubsync";

/// Whether writes to HubSpot are held back.
[[nodiscard]] bool is_paused(Tables& tables);

/// What of `push` can be sent now: not the reference to a record that HubSpot does not have yet.
[[nodiscard]] Fields sendable(Tables& tables, const TypeRules& rules, Fields push);

}  // namespace hubsync::store
