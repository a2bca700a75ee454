#include "cli/commands/plan.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <utility>

#include "common/api_codec.hpp"
#include "common/text.hpp"

namespace hubsync::cli {
namespace {

/// What the daemon reads in one call to HubSpot, and well below the largest body it takes.
constexpr std::size_t part_records = 100;
constexpr std::size_t part_bytes = 512UL * 1024;

CallError file_error(const std::string& file, const std::string& why) {
  return {Error{ErrorCode::invalid, file + ": " + why, "", ""}, ExitCode::failed};
}

/// What tells a record of the plan: its id in HubSpot, or ours where it is not there yet.
std::string record_of(const api::PlannedChange& change) {
  return change.hubspot_id ? "hubspot " + *change.hubspot_id : change.id.value_or("");
}

std::expected<api::SavedPlan, CallError> read_plan(const std::string& file) {
  std::ifstream input{file, std::ios::binary};
  if (!input) {
    return std::unexpected(file_error(file, std::strerror(errno)));
  }
  const std::string text{std::istreambuf_iterator<char>{input}, {}};
  auto plan = api::decode<api::SavedPlan>(text);
  if (!plan || plan->portal.empty()) {
    return std::unexpected(file_error(file, "is no plan of `hubsync sync --dry-run -o FILE`"));
  }
  if (plan->hubsync_plan != 1) {
    return std::unexpected(file_error(file, "was saved by a newer hubsync"));
  }
  return std::move(*plan);
}

void add(api::EffectCounts& sum, const api::EffectCounts& counts) {
  sum.created += counts.created;
  sum.updated += counts.updated;
  sum.deleted += counts.deleted;
  sum.unchanged += counts.unchanged;
  sum.conflicts += counts.conflicts;
  sum.failed += counts.failed;
}

ExitCode report_stopped(const CallError& error, std::int64_t done, Context& context) {
  CallError told = error;
  if (done > 0) {
    told.error.message += "; " + counted(done, "action") + " had been carried out before";
  }
  return report(context.out, told);
}

std::string words_of(const api::ApplyResult& result) {
  const auto& [to, from] = result.counts;
  return "carried out " + counted(result.actions, "action") + ": " +
         std::to_string(to.created + to.updated + to.deleted) + " to HubSpot, " +
         std::to_string(from.created + from.updated + from.deleted) + " from HubSpot, " +
         counted(to.conflicts + from.conflicts, "conflict") + " opened, " +
         std::to_string(to.failed + from.failed) + " failed";
}

}  // namespace

std::expected<void, CallError> save_plan(const api::Run& run, const std::string& file, Context& context) {
  const auto status = context.client.status();
  if (!status) {
    return std::unexpected(status.error());
  }
  api::SavedPlan plan{
      .portal = status->value.portal_id.value_or(""),
      .run_id = run.id,
      .types = run.types,
      .created_at = run.finished_at.value_or(context.clock.now()),
      .actions = run.plan.value_or(std::vector<api::PlannedChange>{})
  };
  const std::string text = api::encode(plan) + "\n";
  const std::string partial = file + ".partial";
  const int fd = ::open(partial.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0) {
    return std::unexpected(file_error(partial, std::strerror(errno)));
  }
  std::size_t written = 0;
  while (written < text.size()) {
    const ssize_t count = ::write(fd, text.data() + written, text.size() - written);
    if (count < 0 && errno != EINTR) {
      break;
    }
    written += count > 0 ? static_cast<std::size_t>(count) : 0;
  }
  const bool complete = written == text.size() && ::fsync(fd) == 0;
  const std::string why = std::strerror(errno);
  ::close(fd);
  if (!complete || std::rename(partial.c_str(), file.c_str()) != 0) {
    ::unlink(partial.c_str());
    return std::unexpected(file_error(file, complete ? std::strerror(errno) : why));
  }
  context.out.note(
      "saved to " + terminal_safe(file) + "; `hubsync apply " + terminal_safe(file) + "` carries it out"
  );
  return {};
}

std::vector<api::ApplyRequest> parts_of(const api::SavedPlan& plan) {
  std::vector<std::string> types = plan.types;
  std::map<std::string, std::map<std::string, std::vector<api::PlannedChange>>> records;
  for (const api::PlannedChange& change : plan.actions) {
    records[change.type][record_of(change)].push_back(change);
    if (std::ranges::find(types, change.type) == types.end()) {
      types.push_back(change.type);
    }
  }
  std::vector<api::ApplyRequest> parts;
  for (const std::string& type : types) {
    std::size_t bytes = part_bytes;
    std::size_t count = part_records;
    for (const auto& [record, changes] : records[type]) {
      std::size_t more = 0;
      for (const api::PlannedChange& change : changes) {
        more += api::encode(change).size() + 1;
      }
      if (count + changes.size() > part_records || bytes + more > part_bytes) {
        parts.push_back({.portal = plan.portal, .type = type});
        bytes = count = 0;
      }
      bytes += more;
      count += changes.size();
      std::ranges::copy(changes, std::back_inserter(parts.back().actions));
    }
  }
  return parts;
}

ExitCode run_apply(const ApplyArgs& args, Context& context) {
  const auto plan = read_plan(args.file);
  if (!plan) {
    return report(context.out, plan.error());
  }
  std::vector<api::ApplyRequest> parts = parts_of(*plan);
  for (api::ApplyRequest& part : parts) {
    part.check = true;
    if (const auto checked = context.client.apply(part); !checked) {
      return report_stopped(checked.error(), 0, context);
    }
    part.check = false;
  }
  api::ApplyResult total;
  for (const api::ApplyRequest& part : parts) {
    const auto done = context.client.apply(part);
    if (!done) {
      return report_stopped(done.error(), total.actions, context);
    }
    total.actions += done->value.actions;
    add(total.counts.to_hubspot, done->value.counts.to_hubspot);
    add(total.counts.from_hubspot, done->value.counts.from_hubspot);
  }
  if (context.out.json()) {
    context.out.json_line(api::encode(total));
  } else if (!context.out.quiet()) {
    context.out.line(total.actions == 0 ? "the plan is empty: nothing to do" : words_of(total));
  }
  return total.counts.to_hubspot.failed + total.counts.from_hubspot.failed > 0 ? ExitCode::some_failed
                                                                               : ExitCode::done;
}

}  // namespace hubsync::cli
