#include "daemon/store/commands.hpp"

#include "daemon/store/hmac.hpp"
#include "daemon/store/repository.hpp"

namespace hubsync::store {
namespace {

/// The key of a command is the key here too: without it nobody can try values against what is kept.
std::vector<unsigned char> key_digest(const Command& command) {
  return hmac_sha256(command.key, command.sender);
}

std::vector<unsigned char> request_digest(const Command& command) {
  return hmac_sha256(command.key, command.request);
}

}  // namespace

std::optional<KnownCommand> CommandTable::find(const Command& command, Instant now) {
  Query query{
      db_,
      "SELECT request, status, location, etag, body FROM commands WHERE key = ? AND at > ?",
      key_digest(command),
      now - command_retention
  };
  if (!query.next()) {
    return std::nullopt;
  }
  const auto request = query.blob(0);
  return KnownCommand{
      .same_request = std::ranges::equal(request, request_digest(command)),
      .answer =
          {.status = static_cast<int>(query.integer(1)),
           .location = query.text(2),
           .etag = query.text(3),
           .body = query.text(4)}
  };
}

void CommandTable::add(
    const Command& command, const LocalId& record, const CommandAnswer& answer, Instant now
) {
  Query{db_, "DELETE FROM commands WHERE at <= ?", now - command_retention}.run();
  Query{
      db_,
      "INSERT INTO commands (key, request, record, at, status, location, etag, body) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
      key_digest(command),
      request_digest(command),
      record,
      now,
      answer.status,
      answer.location,
      answer.etag,
      answer.body
  }
      .run();
  Query{db_, "DELETE FROM commands WHERE id <= (SELECT max(id) FROM commands) - ?", kept_commands}.run();
}

void CommandTable::erase(const LocalId& record) {
  Query{db_, "DELETE FROM commands WHERE record IN (?, '')", record}.run();
}

std::optional<KnownCommand> SqliteRepository::find_command(const Command& command, Instant now) {
  return tables_.commands.find(command, now);
}

void SqliteRepository::keep_answer(
    const Command& command, const LocalId& record, const CommandAnswer& answer, Instant now
) {
  tables_.commands.add(command, record, answer, now);
}

}  // namespace hubsync::store
