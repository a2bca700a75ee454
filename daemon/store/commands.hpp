// Answers to commands that their senders may repeat (I20): for a day, and the newest ten thousand (I35). Only
// commands that took effect are in here, so forgetting one means that its repetition is carried out again.
// Store thread.
#pragma once

#include <optional>

#include "common/time.hpp"
#include "daemon/core/record.hpp"
#include "daemon/ports/command.hpp"
#include "daemon/store/db.hpp"

namespace hubsync::store {

inline constexpr Duration command_retention{24 * 3'600'000};
inline constexpr std::int64_t kept_commands = 10'000;

class CommandTable {
 public:
  explicit CommandTable(Db& db) : db_(db) {}

  [[nodiscard]] std::optional<KnownCommand> find(const Command& command, Instant now);
  /// `record`: the only one whose values are in the answer; empty when it may hold anybody's.
  void add(const Command& command, const LocalId& record, const CommandAnswer& answer, Instant now);
  /// Of a person erased for privacy: whatever may hold a value of theirs (I14).
  void erase(const LocalId& record);

 private:
  Db& db_;
};

}  // namespace hubsync::store
