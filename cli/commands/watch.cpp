#include "cli/commands/watch.hpp"

#include "common/api_tree.hpp"
#include "common/text.hpp"

namespace hubsync::cli {
namespace {

std::string text_of(const api::Node& event, std::string_view name) {
  const api::Node* const member = event.find(name);
  return member == nullptr ? std::string{} : member->text;
}

/// The event on one line: time, kind, record, and the rest as NAME=VALUE.
std::string line_of(const api::Node& event) {
  std::string line = text_of(event, "at") + "  " + text_of(event, "type");
  for (const char* name : {"entityType", "entityId"}) {
    if (const std::string text = text_of(event, name); !text.empty()) {
      line += "  " + text;
    }
  }
  for (const api::Node& member : event.children) {
    const bool shown = member.key == "seq" || member.key == "at" || member.key == "type" ||
                       member.key == "entityType" || member.key == "entityId";
    if (!shown) {
      line += "  " + member.key + "=" + member.text;
    }
  }
  return terminal_safe(line);
}

void print(const std::string& text, Context& context) {
  if (context.out.json()) {
    context.out.json_line(text);
    return;
  }
  const auto event = api::parse_object(text);
  if (event) {
    context.out.line(context.out.quiet() ? text_of(*event, "seq") : line_of(*event));
  }
}

}  // namespace

ExitCode run_watch(const WatchArgs& args, Context& context) {
  std::int64_t printed = 0;
  const auto ended = context.client.follow_events(args.since, [&](const std::string& text) {
    print(text, context);
    context.out.flush();
    return ++printed != args.count;
  });
  return ended ? ExitCode::done : report(context.out, ended.error());
}

}  // namespace hubsync::cli
