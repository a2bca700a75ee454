-- Records of every type in one table; what a type means is configuration, not schema.
-- Times are epoch milliseconds. Presences: 0 absent, 1 live, 2 deleted.
CREATE TABLE records (
  id               TEXT NOT NULL PRIMARY KEY,
  type             TEXT NOT NULL,
  hubspot_id       INTEGER,
  uid              TEXT NOT NULL,
  key              TEXT NOT NULL DEFAULT '',
  key_hash         INTEGER,                     -- Of type and key, when there is a key.
  reference        TEXT NOT NULL DEFAULT '',
  unresolved       INTEGER,
  local            TEXT NOT NULL DEFAULT '{}',
  remote           TEXT NOT NULL DEFAULT '{}',  -- Where it differs from local.
  base             TEXT NOT NULL DEFAULT '{}',  -- Where it differs from remote on both sides.
  edited           TEXT NOT NULL DEFAULT '{}',
  lost             TEXT NOT NULL DEFAULT '{}',
  local_presence   INTEGER NOT NULL,
  remote_presence  INTEGER NOT NULL,
  base_presence    INTEGER NOT NULL,
  status           TEXT NOT NULL,
  direction        TEXT NOT NULL DEFAULT '',
  error            TEXT NOT NULL DEFAULT '',
  version          INTEGER NOT NULL,
  created_at       INTEGER NOT NULL,
  updated_at       INTEGER NOT NULL,
  local_modified   INTEGER,
  hubspot_modified INTEGER,
  synced_at        INTEGER
) STRICT;

CREATE UNIQUE INDEX records_link ON records (type, hubspot_id) WHERE hubspot_id IS NOT NULL;
CREATE UNIQUE INDEX records_new_uid ON records (uid) WHERE uid <> id;
-- By a hash, because keys come in no order: an index of the addresses themselves would be seven times as large, and a full
-- sync would write most of it with each of its transactions.
CREATE INDEX records_key ON records (key_hash) WHERE key_hash IS NOT NULL;
CREATE INDEX records_unlinked_key ON records (key_hash) WHERE key_hash IS NOT NULL AND hubspot_id IS NULL;
CREATE INDEX records_walk ON records (type, local_presence, id);
CREATE INDEX records_unsynced ON records (type, status, id) WHERE status <> 'synced';
CREATE INDEX records_reference ON records (reference) WHERE reference <> '';
CREATE INDEX records_unresolved ON records (unresolved) WHERE unresolved IS NOT NULL;

-- How many records there are, so that nobody has to count a million rows. Who inserts counts, since a trigger on INSERT
-- has SQLite copy every page that the row touches; the rest is done by triggers. The same for log_counts.
CREATE TABLE record_counts (
  type     TEXT NOT NULL,
  presence INTEGER NOT NULL,
  status   TEXT NOT NULL,
  count    INTEGER NOT NULL,
  PRIMARY KEY (type, presence, status)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER records_counted_update AFTER UPDATE OF type, local_presence, status ON records
WHEN old.status <> new.status OR old.local_presence <> new.local_presence OR old.type <> new.type BEGIN
  UPDATE record_counts SET count = count - 1
    WHERE type = old.type AND presence = old.local_presence AND status = old.status;
  INSERT INTO record_counts VALUES (new.type, new.local_presence, new.status, 1)
    ON CONFLICT DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER records_counted_delete AFTER DELETE ON records BEGIN
  UPDATE record_counts SET count = count - 1
    WHERE type = old.type AND presence = old.local_presence AND status = old.status;
END;

-- HubSpot ids that a merge made an old name of a record.
CREATE TABLE aliases (
  type       TEXT NOT NULL,
  hubspot_id INTEGER NOT NULL,
  record     TEXT NOT NULL REFERENCES records (id),
  PRIMARY KEY (type, hubspot_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX aliases_record ON aliases (record);

-- Records that wait to be sent: one row for each, however many edits it stands for.
CREATE TABLE due (
  record         TEXT NOT NULL PRIMARY KEY REFERENCES records (id),
  type           TEXT NOT NULL,
  state          TEXT NOT NULL CHECK (state IN ('ready', 'waiting', 'failed')),
  priority       INTEGER NOT NULL,
  since          INTEGER NOT NULL,
  next_at        INTEGER NOT NULL,
  attempts       INTEGER NOT NULL DEFAULT 0,
  error          TEXT NOT NULL DEFAULT '',
  waiting_on     TEXT NOT NULL DEFAULT '',
  log_id         INTEGER NOT NULL,
  intent         TEXT NOT NULL DEFAULT '' CHECK (intent IN ('', 'create', 'update', 'archive')),
  intent_fields  TEXT NOT NULL DEFAULT '{}',
  intent_seen    TEXT NOT NULL DEFAULT '{}',
  unknown_create INTEGER NOT NULL DEFAULT 0,
  not_before     INTEGER NOT NULL DEFAULT 0,
  deaths         INTEGER NOT NULL DEFAULT 0     -- Of the process while it sent this; core/due.hpp.
) STRICT;
CREATE INDEX due_order ON due (type, state, priority DESC, since, record);
CREATE INDEX due_time ON due (type, state, next_at, since);
CREATE INDEX due_waiting ON due (waiting_on) WHERE waiting_on <> '';

-- Records that are being sent. What a start finds in here was on its way when the process before died.
CREATE TABLE claims (
  record TEXT NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- Records of which nothing newer may leave before then: an older write, of which their due row knows nothing
-- (any more), may still arrive in HubSpot.
CREATE TABLE held_back (
  record     TEXT NOT NULL PRIMARY KEY,
  until      INTEGER NOT NULL,
  everything INTEGER NOT NULL  -- store/due.hpp
) STRICT, WITHOUT ROWID;

-- One row for each piece of sync work, all its attempts included.
CREATE TABLE sync_log (
  id             INTEGER PRIMARY KEY,
  type           TEXT NOT NULL,
  record         TEXT NOT NULL DEFAULT '',
  hubspot_id     INTEGER,
  action         TEXT NOT NULL,
  direction      TEXT NOT NULL,
  status         TEXT NOT NULL,
  retry_count    INTEGER NOT NULL DEFAULT 0,
  next_retry_at  INTEGER,
  error          TEXT NOT NULL DEFAULT '',
  correlation_id TEXT NOT NULL DEFAULT '',
  duration_ms    INTEGER,
  created_at     INTEGER NOT NULL,
  completed_at   INTEGER,
  payload        TEXT NOT NULL DEFAULT '{}',
  response       TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX sync_log_record ON sync_log (record, id) WHERE record <> '';
CREATE INDEX sync_log_created ON sync_log (created_at);
CREATE INDEX sync_log_open ON sync_log (status, id) WHERE status <> 'success';
CREATE INDEX sync_log_unreadable ON sync_log (type, hubspot_id)
  WHERE status = 'failed' AND direction = 'from_hubspot';

CREATE TABLE log_counts (
  type      TEXT NOT NULL,
  direction TEXT NOT NULL,
  status    TEXT NOT NULL,
  count     INTEGER NOT NULL,
  PRIMARY KEY (type, direction, status)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER sync_log_counted_update AFTER UPDATE OF type, direction, status ON sync_log
WHEN old.status <> new.status OR old.direction <> new.direction OR old.type <> new.type BEGIN
  UPDATE log_counts SET count = count - 1
    WHERE type = old.type AND direction = old.direction AND status = old.status;
  INSERT INTO log_counts VALUES (new.type, new.direction, new.status, 1)
    ON CONFLICT DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER sync_log_counted_delete AFTER DELETE ON sync_log BEGIN
  UPDATE log_counts SET count = count - 1
    WHERE type = old.type AND direction = old.direction AND status = old.status;
END;

CREATE TABLE conflicts (
  id              INTEGER PRIMARY KEY,
  type            TEXT NOT NULL,
  record          TEXT NOT NULL REFERENCES records (id),
  hubspot_id      INTEGER,
  fields          TEXT NOT NULL,
  local_version   TEXT NOT NULL,
  hubspot_version TEXT NOT NULL,
  base_version    TEXT NOT NULL,
  local_at        INTEGER,
  hubspot_at      INTEGER,
  detected_at     INTEGER NOT NULL,
  resolved_at     INTEGER,
  resolution      TEXT NOT NULL,
  resolved_by     TEXT NOT NULL DEFAULT '',
  merged          TEXT NOT NULL DEFAULT '{}',
  decided         TEXT NOT NULL DEFAULT '{}',
  priority        INTEGER NOT NULL,
  version         INTEGER NOT NULL,
  events          TEXT NOT NULL,
  changes         TEXT NOT NULL DEFAULT '[]',
  history_wanted  INTEGER NOT NULL,
  undo_version    INTEGER
) STRICT;
CREATE UNIQUE INDEX conflicts_open ON conflicts (record) WHERE resolved_at IS NULL;
CREATE INDEX conflicts_order ON conflicts (priority DESC, id) WHERE resolved_at IS NULL;
CREATE INDEX conflicts_resolved ON conflicts (resolved_at, id) WHERE resolved_at IS NOT NULL;
CREATE INDEX conflicts_record ON conflicts (record, id);
CREATE INDEX conflicts_unexplained ON conflicts (type, id) WHERE resolved_at IS NULL AND history_wanted;

-- Writes of ours that HubSpot's history has not confirmed yet: somebody may have written between our read and them.
CREATE TABLE unverified (
  record     TEXT NOT NULL PRIMARY KEY REFERENCES records (id),
  type       TEXT NOT NULL,
  hubspot_id INTEGER NOT NULL,
  since      INTEGER NOT NULL,
  fields     TEXT NOT NULL
) STRICT;
CREATE INDEX unverified_order ON unverified (type, since);
CREATE INDEX unverified_link ON unverified (hubspot_id);

-- Deletions held back until a person releases them (max_delete). One guard is open for each type and direction at most;
-- a member is a record whose deletion is held, or released and still to be carried out.
CREATE TABLE guards (
  id           INTEGER PRIMARY KEY,
  type         TEXT NOT NULL,
  direction    TEXT NOT NULL,
  delete_limit INTEGER NOT NULL,
  created_at   INTEGER NOT NULL,
  closed_at    INTEGER,
  released_by  TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE UNIQUE INDEX guards_open ON guards (type, direction) WHERE closed_at IS NULL;

CREATE TABLE guard_members (
  record TEXT NOT NULL PRIMARY KEY REFERENCES records (id),
  guard  INTEGER NOT NULL REFERENCES guards (id)
) STRICT, WITHOUT ROWID;
CREATE INDEX guard_members_guard ON guard_members (guard, record);

-- Deletions that were carried out within max_delete, for an hour.
CREATE TABLE carried_deletions (
  type      TEXT NOT NULL,
  direction TEXT NOT NULL,
  at        INTEGER NOT NULL,
  count     INTEGER NOT NULL,
  PRIMARY KEY (type, direction, at)
) STRICT, WITHOUT ROWID;

-- Who did what. Append-only and chained; the values themselves stand beside it, so that they can be erased
-- (with their salt) while the chain still verifies.
CREATE TABLE audit (
  id           INTEGER PRIMARY KEY,
  at           INTEGER NOT NULL,
  actor        TEXT NOT NULL,
  action       TEXT NOT NULL,
  type         TEXT NOT NULL,
  record       TEXT NOT NULL,
  fields       TEXT NOT NULL,
  value_digest BLOB NOT NULL,
  digest       BLOB NOT NULL
) STRICT;
CREATE INDEX audit_record ON audit (record, id);
CREATE TRIGGER audit_never_updated BEFORE UPDATE ON audit BEGIN
  SELECT RAISE(ABORT, 'the audit trail is append-only');
END;
CREATE TRIGGER audit_never_deleted BEFORE DELETE ON audit BEGIN
  SELECT RAISE(ABORT, 'the audit trail is append-only');
END;

CREATE TABLE audit_values (
  audit INTEGER PRIMARY KEY REFERENCES audit (id),
  salt  BLOB NOT NULL,
  value TEXT NOT NULL
) STRICT;

CREATE TABLE cursors (
  name  TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE facts (
  name  TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE runs (
  id             TEXT NOT NULL PRIMARY KEY,
  kind           TEXT NOT NULL,
  types          TEXT NOT NULL,
  dry_run        INTEGER NOT NULL,
  state          TEXT NOT NULL,
  started_at     INTEGER NOT NULL,
  finished_at    INTEGER,
  progress       TEXT NOT NULL DEFAULT '{}',
  api_calls      INTEGER NOT NULL DEFAULT 0,
  error          TEXT NOT NULL DEFAULT '',
  error_code     TEXT NOT NULL DEFAULT '',
  error_hint     TEXT NOT NULL DEFAULT '',
  guards         TEXT NOT NULL DEFAULT '[]',
  to_created     INTEGER NOT NULL DEFAULT 0,
  to_updated     INTEGER NOT NULL DEFAULT 0,
  to_deleted     INTEGER NOT NULL DEFAULT 0,
  to_unchanged   INTEGER NOT NULL DEFAULT 0,
  to_conflicts   INTEGER NOT NULL DEFAULT 0,
  to_failed      INTEGER NOT NULL DEFAULT 0,
  from_created   INTEGER NOT NULL DEFAULT 0,
  from_updated   INTEGER NOT NULL DEFAULT 0,
  from_deleted   INTEGER NOT NULL DEFAULT 0,
  from_unchanged INTEGER NOT NULL DEFAULT 0,
  from_conflicts INTEGER NOT NULL DEFAULT 0,
  from_failed    INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX runs_started ON runs (started_at, id);
CREATE INDEX runs_unfinished ON runs (id) WHERE state = 'running';

-- The event stream. The newest row is never removed, so that seq never starts again.
CREATE TABLE events (
  seq    INTEGER PRIMARY KEY,
  at     INTEGER NOT NULL,
  kind   TEXT NOT NULL,
  record TEXT NOT NULL,
  data   TEXT NOT NULL
) STRICT;

-- Webhook events: hints which records to read. No value of a record is in here. `key` is the digest of what makes two
-- deliveries the same event; `others` are further records it names; `wish` is what to find out (1 reference, 2 gone,
-- 4 merged, 8 privacy).
CREATE TABLE inbox (
  id           INTEGER PRIMARY KEY,
  key          BLOB NOT NULL UNIQUE,
  state        TEXT NOT NULL CHECK (state IN ('pending', 'done', 'ignored', 'failed')),
  portal       INTEGER NOT NULL,
  event        INTEGER NOT NULL,
  subscription TEXT NOT NULL,
  property     TEXT NOT NULL,
  occurred_at  INTEGER NOT NULL,
  received_at  INTEGER NOT NULL,
  type         TEXT NOT NULL,
  object       INTEGER,
  others       TEXT NOT NULL DEFAULT '',
  wish         INTEGER NOT NULL,
  attempts     INTEGER NOT NULL DEFAULT 0,
  next_at      INTEGER NOT NULL,
  done_at      INTEGER,
  error        TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX inbox_pending ON inbox (id) WHERE state = 'pending';
CREATE INDEX inbox_object ON inbox (type, object, id) WHERE state = 'pending';
CREATE INDEX inbox_finished ON inbox (done_at) WHERE state <> 'pending';

CREATE TABLE inbox_counts (
  state TEXT NOT NULL PRIMARY KEY,
  count INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER inbox_counted_insert AFTER INSERT ON inbox BEGIN
  INSERT INTO inbox_counts VALUES (new.state, 1) ON CONFLICT DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER inbox_counted_update AFTER UPDATE OF state ON inbox WHEN old.state <> new.state BEGIN
  UPDATE inbox_counts SET count = count - 1 WHERE state = old.state;
  INSERT INTO inbox_counts VALUES (new.state, 1) ON CONFLICT DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER inbox_counted_delete AFTER DELETE ON inbox BEGIN
  UPDATE inbox_counts SET count = count - 1 WHERE state = old.state;
END;

-- Commands that took effect and may be repeated: digests of the sender's key and of the request, and the answer. `record`
-- is the only one whose values are in the answer; '' may be anybody's.
CREATE TABLE commands (
  id       INTEGER PRIMARY KEY,
  key      BLOB NOT NULL UNIQUE,
  request  BLOB NOT NULL,
  record   TEXT NOT NULL,
  at       INTEGER NOT NULL,
  status   INTEGER NOT NULL,
  location TEXT NOT NULL,
  etag     TEXT NOT NULL,
  body     TEXT NOT NULL
) STRICT;
CREATE INDEX commands_at ON commands (at);
CREATE INDEX commands_record ON commands (record);

-- People erased for privacy: keyed digests of the ids and addresses that must not come back.
CREATE TABLE erased (
  digest BLOB NOT NULL PRIMARY KEY,
  at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- For people with a SQL prompt.
CREATE VIEW contacts AS
SELECT id, hubspot_id, json_extract(local, '$.email') AS email, json_extract(local, '$.firstName') AS first_name,
       json_extract(local, '$.lastName') AS last_name, json_extract(local, '$.phone') AS phone, nullif(reference, '') AS company,
       status AS sync_status, version, local_presence = 2 AS deleted, created_at, updated_at, synced_at
FROM records WHERE type = 'contacts' AND local_presence > 0;

CREATE VIEW companies AS
SELECT id, hubspot_id, json_extract(local, '$.name') AS name, json_extract(local, '$.domain') AS domain,
       json_extract(local, '$.industry') AS industry,
       status AS sync_status, version, local_presence = 2 AS deleted, created_at, updated_at, synced_at
FROM records WHERE type = 'companies' AND local_presence > 0;
