// Records of every type: one code path, the type is data.
#include <utility>

#include "common/api_codec.hpp"
#include "common/uuid.hpp"
#include "daemon/api/command.hpp"
#include "daemon/api/convert.hpp"
#include "daemon/api/handlers.hpp"

namespace hubsync::api {
namespace {

/// One of the store's edits; all have this shape.
using Edit = Result<hubsync::Record> (Repository::*)(const LocalEdit&, Instant);

http::Response record_response(const hubsync::Record& record, bool is_new = false) {
  http::Response response = json(encode(to_api(record)), is_new ? 201 : 200);
  response.headers.emplace_back("ETag", "\"" + std::to_string(record.version) + "\"");
  if (is_new) {
    response.headers.emplace_back("Location", "/api/" + record.type + "/" + record.id.text);
  }
  return response;
}

Result<RecordQuery> read_query(const Call& call) {
  const http::Request& request = call.request;
  const auto page = read_page(request);
  if (!page) {
    return std::unexpected(page.error());
  }
  const auto status =
      read_word<SyncStatus>(request, "syncStatus", parse_sync_status, "synced, pending, conflict, error");
  if (!status) {
    return std::unexpected(status.error());
  }
  const auto deleted = read_flag(request, "deleted");
  if (!deleted) {
    return std::unexpected(deleted.error());
  }
  RecordQuery query{
      .type = call.parameters.at(0),
      .page = page->page,
      .limit = page->limit,
      .search = std::string{request.query_value("search").value_or("")},
      .status = *status,
      .deleted = *deleted
  };
  if (const auto after = request.query_value("after")) {
    if (!after->empty() && !is_uuid(*after)) {
      return fail(
          ErrorCode::invalid,
          "`after` must be an id",
          "empty to begin, then `next` of the answer before",
          "after"
      );
    }
    query.after = std::string{*after};
  }
  return query;
}

/// What an edit names beside its fields: type, id, version, actor.
Result<LocalEdit> read_edit(const Call& call) {
  const auto version = read_if_match(call.request);
  if (!version) {
    return std::unexpected(version.error());
  }
  LocalEdit edit{.type = call.parameters.at(0), .if_version = *version, .actor = actor_of(call.request.peer)};
  if (call.parameters.size() > 1) {
    edit.id = {call.parameters[1]};
  }
  return edit;
}

Result<LocalEdit> read_edit_with_fields(const Call& call) {
  auto input = decode_record_input(top_level_fields(call.parameters.at(0)), call.request.body);
  if (!input) {
    return std::unexpected(input.error());
  }
  auto edit = read_edit(call);
  if (edit) {
    edit->fields = std::move(input->fields);
  }
  return edit;
}

/// An edit to the end. The answer is kept with it, where it may be asked for again.
Answer carry_out(Services& services, Edit operation, Result<LocalEdit> edit, std::optional<Command> command) {
  if (!edit) {
    co_return std::unexpected(edit.error());
  }
  const Instant now = services.clock.now();
  auto response = co_await services.store.run(
      [operation, edit = std::move(*edit), command = std::move(command), now](Repository& repository
      ) -> Result<http::Response> {
        if (auto known = command ? known_answer(repository, *command, now) : std::nullopt) {
          return std::move(*known);
        }
        const auto record = (repository.*operation)(edit, now);
        if (!record) {
          return std::unexpected(record.error());
        }
        http::Response answer = record_response(*record, edit.id.text.empty());
        if (command) {
          keep_answer(repository, *command, record->id, answer, now);
        }
        return answer;
      }
  );
  if (response) {
    services.engine.local_edits();
  }
  co_return response;
}

/// One more than asked for was read: it tells whether there is a next page.
std::string encode_walk(const hubsync::Page<hubsync::Record>& found, std::int64_t limit) {
  WalkPage<Record> walk;
  for (const hubsync::Record& record : found.items) {
    if (std::ssize(walk.items) == limit) {
      walk.next = walk.items.back().id;
      break;
    }
    walk.items.push_back(to_api(record));
  }
  return encode(walk);
}

}  // namespace

Answer list_records(Services& services, Call call) {
  auto query = read_query(call);
  if (!query) {
    co_return std::unexpected(query.error());
  }
  const std::int64_t page = query->page;
  const std::int64_t limit = query->limit;
  const bool walk = query->after.has_value();
  query->limit += walk ? 1 : 0;
  const auto found = co_await services.store.run([query = std::move(*query)](Repository& repository) {
    return repository.list_records(query);
  });
  if (walk) {
    co_return json(encode_walk(found, limit));
  }
  co_return json(encode(to_page(found, page, limit, [](const hubsync::Record& record) {
    return to_api(record);
  })));
}

Answer create_record(Services& services, Call call) {
  auto edit = read_edit_with_fields(call);
  if (!edit) {
    co_return std::unexpected(edit.error());
  }
  std::erase_if(edit->fields, [](const auto& field) { return field.second.empty(); });
  if (edit->fields.empty()) {
    co_return fail(ErrorCode::invalid, "a new record needs at least one value", "such as its e-mail or name");
  }
  edit->if_version.reset();
  co_return co_await carry_out(
      services, &Repository::create_record, std::move(edit), std::move(call.command)
  );
}

Answer show_record(Services& services, Call call) {
  const auto record = co_await services.store.run([type = call.parameters.at(0),
                                                   id = LocalId{call.parameters.at(1)}](Repository& repository
                                                  ) { return repository.find_record(type, id); });
  if (!record) {
    co_return std::unexpected(record.error());
  }
  co_return record_response(*record);
}

Answer update_record(Services& services, Call call) {
  auto edit = read_edit_with_fields(call);
  co_return co_await carry_out(
      services, &Repository::update_record, std::move(edit), std::move(call.command)
  );
}

Answer delete_record(Services& services, Call call) {
  auto edit = read_edit(call);
  co_return co_await carry_out(
      services, &Repository::delete_record, std::move(edit), std::move(call.command)
  );
}

Answer restore_record(Services& services, Call call) {
  auto edit = read_edit(call);
  co_return co_await carry_out(
      services, &Repository::restore_record, std::move(edit), std::move(call.command)
  );
}

}  // namespace hubsync::api
