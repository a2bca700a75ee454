#include "cli/commands/version.hpp"

#include "common/text.hpp"

namespace hubsync::cli {

ExitCode run_version(Context& context) {
  const auto status = context.client.status();
  const std::string client = HUBSYNC_VERSION;
  if (context.out.json()) {
    const std::string daemon = status ? json_quote(status->value.version) : "null";
    context.out.json_line("{\"client\":" + json_quote(client) + ",\"daemon\":" + daemon + "}");
    return ExitCode::done;
  }
  context.out.line("hubsync " + client);
  if (status) {
    context.out.line("hubsyncd " + terminal_safe(status->value.version));
    if (status->value.version != client) {
      context.out.note("hubsync: client and daemon differ; restart hubsyncd after an upgrade");
    }
  } else {
    context.out.note("hubsyncd: " + terminal_safe(status.error().error.message));
  }
  return ExitCode::done;
}

}  // namespace hubsync::cli
