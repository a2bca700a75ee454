// What happened, for the log and the event stream. The engine tells; it never logs. Loop thread.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace hubsync {

enum class Severity : std::uint8_t { debug, info, warning, error };

struct Event {
  Severity severity = Severity::info;
  std::string kind;  ///< Stable name: "run.started", "push.failed", "hubspot.denied".
  std::string text;  ///< A sentence for people.
  std::vector<std::pair<std::string, std::string>> fields = {};
};

class Events {
 public:
  virtual ~Events() = default;
  virtual void emit(Event event) = 0;
};

}  // namespace hubsync
