// Commands with an Idempotency-Key: their answer is kept with their effect, and given again to who repeats
// them (I20). Refusals are not kept: they had no effect, and the same command may succeed later. Loop thread;
// what takes a Repository also runs on the store's.
#pragma once

#include <optional>

#include "common/result.hpp"
#include "daemon/http/message.hpp"
#include "daemon/ports/command.hpp"
#include "daemon/ports/repository.hpp"

namespace hubsync::api {

/// The command of a request; nothing when it has no key, or changes nothing.
[[nodiscard]] Result<std::optional<Command>> read_command(const http::Request& request);

/// What was answered to the command before, or the error that its key was given to another request.
[[nodiscard]] std::optional<Result<http::Response>> known_answer(
    Repository& repository, const Command& command, Instant now
);

/// Keeps an answer, to be called in the transaction of its effect. `record`: see Repository::keep_answer().
void keep_answer(
    Repository& repository,
    const Command& command,
    const LocalId& record,
    const http::Response& response,
    Instant now
);

}  // namespace hubsync::api
