#include "tests/hubspot_sim/admin.hpp"

namespace hubspot_sim {

std::string_view admin_help() {
  return R"(The simulator's own endpoint, /_sim/…: what a person does in HubSpot's user interface, what an operator or the
network does to it, and a look behind the API. JSON in and out; no token, no limits, not counted. {t} is a type.

  POST   /_sim/objects/{t}               {"properties":{…},"associations":[{"type":"companies","id":1}]}, or
                                         {"records":[…of these]}, or {"count":N,"properties":{…}} → {"ids":[…]}
  GET    /_sim/objects/{t}/{id}          full state: every value, history, edges, archived, mergedIds
  PATCH  /_sim/objects/{t}/{id}          {"properties":{…}} as a person; read-only stored values are allowed
  DELETE /_sim/objects/{t}/{id}          to the recycle bin
  POST   /_sim/objects/{t}/{id}/restore  out of it
  POST   /_sim/objects/{t}/{id}/purge    {"privacy":true|false}: gone without trace
  POST   /_sim/objects/{t}/merge         {"primary":1,"loser":2} → {"id":3}
  POST   /_sim/objects/{t}/bulk-edit     {"ids":[…]} or {"count":N,"skip":M}, "properties":{…} → {"edited":N}
  POST   /_sim/objects/{t}/bulk-delete   {"ids":[…]} or {"count":N,"skip":M} → {"deleted":N}
         In bulk values and in creates by count, {n} stands for a running number and {id} for the record's id.
  GET    /_sim/dump/{t}                  JSON lines by id, archived ones last: {"id","archived","properties",
                                         "associations":{t:[{"id","types":[…]}]}}; only set, stored values
  POST   /_sim/associations              {"from":"contacts","fromId":1,"to":"companies","toId":2,"typeId":279,
                                         "remove":false}
  GET    /_sim/counters                  calls by kind, 429s, window maxima, creates by unique key, mutations
  DELETE /_sim/counters                  back to zero
  GET    /_sim/options                   options by name
  PATCH  /_sim/options                   {"search_lag":"4s","limits":false,…}
  GET POST DELETE /_sim/faults           POST {"method":"POST","path":"/crm/","action":"answer","status":502,
                                         "body":"html","count":3,"skip":0,"percent":100,"delay":"2s",
                                         "retry_after":"60","custom_body":"…"} → {"id":1}; count −1 = without end
  DELETE /_sim/faults/{id}
  POST   /_sim/tokens                    {"token":"t","scopes":[…],"revoked":false,"expires":"2026-…"}, or
                                         {"oauth":true}: no access token granted so far is accepted any more
  POST   /_sim/rival                     {"calls":80,"burst":true}: another app uses the limits
  POST   /_sim/seed                      {"contacts":N,"companies":M,"deals":K}
  GET    /_sim/events                    takes the change events recorded so far (option record_events);
                                         with the option webhook_url they are sent there, see the counters
)";
}

}  // namespace hubspot_sim
