// Every handler of the control API, named after what it answers. Loop thread. `services` outlives the call.
#pragma once

#include "daemon/api/call.hpp"

namespace hubsync::api {

// records.cpp: all types alike; the first parameter is the type.
Answer list_records(Services& services, Call call);
Answer create_record(Services& services, Call call);
Answer show_record(Services& services, Call call);
Answer update_record(Services& services, Call call);
Answer delete_record(Services& services, Call call);
Answer restore_record(Services& services, Call call);

// sync.cpp
[[nodiscard]] Task<Status> current_status(Services& services);
Answer show_status(Services& services, Call call);
Answer trigger_sync(Services& services, Call call);
Answer list_runs(Services& services, Call call);
Answer show_run(Services& services, Call call);
Answer sync_entity(Services& services, Call call);

// logs.cpp
Answer list_logs(Services& services, Call call);
Answer show_log(Services& services, Call call);
Answer retry_log(Services& services, Call call);
Answer retry_all(Services& services, Call call);

// conflicts.cpp
Answer list_open_conflicts(Services& services, Call call);
Answer list_resolved_conflicts(Services& services, Call call);
Answer show_conflict(Services& services, Call call);
Answer resolve_conflict(Services& services, Call call);
Answer undo_conflict(Services& services, Call call);
Answer resolve_many(Services& services, Call call);

// explain.cpp
Answer explain_record(Services& services, Call call);

// guards.cpp
Answer list_guards(Services& services, Call call);
Answer release_guard(Services& services, Call call);

// queue.cpp
Answer list_queue(Services& services, Call call);
Answer pause_queue(Services& services, Call call);
Answer resume_queue(Services& services, Call call);
Answer cancel_queued(Services& services, Call call);

// webhooks.cpp
Answer list_webhooks(Services& services, Call call);
Answer show_webhook(Services& services, Call call);
Answer replay_webhook(Services& services, Call call);
Answer test_webhooks(Services& services, Call call);
Answer show_webhook_setup(Services& services, Call call);

// db.cpp
Answer backup_database(Services& services, Call call);
Answer check_database(Services& services, Call call);

// compare.cpp
Answer verify_sides(Services& services, Call call);
Answer apply_plan(Services& services, Call call);

// doctor.cpp
Answer show_diagnosis(Services& services, Call call);

// setup.cpp
Answer show_setup(Services& services, Call call);
Answer make_setup(Services& services, Call call);

// health.cpp
Answer require_websocket(Services& services, Call call);
Answer show_config(Services& services, Call call);
Answer show_health(Services& services, Call call);

// metrics.cpp
Answer show_metrics(Services& services, Call call);

}  // namespace hubsync::api
