// Brings the schema up to the program's, or refuses. Store thread, before anything else touches the database.
#pragma once

#include <vector>

#include "daemon/store/db.hpp"
#include "daemon/store/migrations.hpp"

namespace hubsync::store {

/// Applies what is missing, each step in its own transaction, after a backup `PATH.backup-vN` of a database
/// that holds an older schema (I37). Throws StoreRefused for a schema from the future, an applied step whose
/// text has changed since, or a database that is not ours.
void migrate(Db& db, const std::vector<Migration>& migrations = embedded_migrations());

}  // namespace hubsync::store
