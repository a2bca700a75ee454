// Answers of HubSpot's CRM API that the engine waits for, other than pages of records (record_page.hpp). Each
// takes a 2xx. Pure; any thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daemon/core/rules.hpp"
#include "daemon/hubspot/record_page.hpp"
#include "daemon/ports/hub_types.hpp"
#include "daemon/ports/transport.hpp"

namespace hubsync {

/// Which of the keys asked for a page of records answers. Records come in any order, and may have another id
/// than asked for after a merge; such a one is taken for the answer only when no more than one key was asked
/// for.
[[nodiscard]] std::vector<std::string> missing_keys(
    const std::vector<std::string>& asked, const RecordPage& page
);

/// One reply for each input, in input order: by trace id, else id, else unique value. An input that is named
/// neither among the results nor the errors has an unknown outcome: HubSpot answers 200 and does nothing now
/// and then (HUBSPOT.md §4.4).
[[nodiscard]] std::vector<Reply<RemoteRecord>> match_writes(
    const TypeRules& rules,
    const std::vector<const WriteInput*>& inputs,
    RecordPage page,
    const HttpReply& reply
);

using References = std::map<HubspotId, std::optional<HubspotId>>;
[[nodiscard]] Reply<References> read_references_reply(const TypeRules& rules, const HttpReply& reply);

/// One reply for each link, as match_writes() does.
[[nodiscard]] std::vector<Reply<void>> match_links(const std::vector<Link>& links, const HttpReply& reply);

/// One reply for each link of an archive call, which names only what went wrong.
[[nodiscard]] std::vector<Reply<void>> match_removed_links(
    const std::vector<Link>& links, const HttpReply& reply
);

/// Of a batch/archive: unknown ids are fine.
[[nodiscard]] Reply<void> archive_reply(const HttpReply& reply);

[[nodiscard]] Reply<Account> account_reply(const HttpReply& reply);
[[nodiscard]] Reply<std::vector<PropertyDefinition>> properties_reply(const HttpReply& reply);

}  // namespace hubsync
