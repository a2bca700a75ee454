// Which JSON members each struct of api_operate.hpp has; see api_members.hpp. For the codec only.
#pragma once

#include "common/api_members.hpp"
#include "common/api_operate.hpp"

namespace hubsync::api {

void members(auto& io, Like<BackupRequest> auto& v) {
  io("path", v.path);
  io("force", v.force);
}

void members(auto& io, Like<BackupDone> auto& v) {
  io("path", v.path);
  io("bytes", v.bytes);
  io("durationMs", v.duration_ms);
}

void members(auto& io, Like<DbCheck> auto& v) {
  io("ok", v.ok);
  io("problems", v.problems);
  io("rows", v.rows);
  io("bytes", v.bytes);
}

void members(auto& io, Like<Difference> auto& v) {
  io("type", v.type);
  io("id", v.id);
  io("hubspotId", v.hubspot_id);
  io("kind", v.kind);
  io("field", v.field);
  io("local", v.local);
  io("hubspot", v.hubspot);
  io("syncStatus", v.sync_status);
}

void members(auto& io, Like<VerifyPart> auto& v) {
  io("items", v.items);
  io("compared", v.compared);
  io("next", v.next);
}

void members(auto& io, Like<SavedPlan> auto& v) {
  io("hubsyncPlan", v.hubsync_plan);
  io("portal", v.portal);
  io("runId", v.run_id);
  io("types", v.types);
  io("createdAt", v.created_at);
  io("actions", v.actions);
}

void members(auto& io, Like<ApplyRequest> auto& v) {
  io("portal", v.portal);
  io("type", v.type);
  io("check", v.check);
  io("actions", v.actions);
}

void members(auto& io, Like<ApplyResult> auto& v) {
  io("actions", v.actions);
  io("counts", v.counts);
}

void members(auto& io, Like<Check> auto& v) {
  io("name", v.name);
  io("status", v.status);
  io("message", v.message);
  io("fix", v.fix);
}

void members(auto& io, Like<Diagnosis> auto& v) {
  io("result", v.result);
  io("refused", v.refused);
  io("checks", v.checks);
}

void members(auto& io, Like<SetupProperty> auto& v) {
  io("field", v.field);
  io("property", v.property);
  io("state", v.state);
  io("message", v.message);
}

void members(auto& io, Like<SetupType> auto& v) {
  io("type", v.type);
  io("properties", v.properties);
}

void members(auto& io, Like<Setup> auto& v) {
  io("portal", v.portal);
  io("pinnedPortal", v.pinned_portal);
  io("timeZone", v.time_zone);
  io("types", v.types);
  io("ready", v.ready);
}

}  // namespace hubsync::api
