// The API's handlers, one function an endpoint; router.cpp maps paths to them. Each gets a call whose token,
// scope, limits and JSON have been checked; grant_token() needs no token and has a form instead of JSON.
#pragma once

#include "tests/hubspot_sim/call.hpp"

namespace hubspot_sim {

// objects.cpp
Response list_objects(Call& call);
Response get_object(Call& call);
Response create_object(Call& call);
Response patch_object(Call& call);
Response delete_object(Call& call);
Response merge_objects(Call& call);
Response gdpr_delete(Call& call);

// batch.cpp, batch_write.cpp
Response batch_read(Call& call);
Response batch_archive(Call& call);
Response batch_create(Call& call);
Response batch_update(Call& call);
Response batch_upsert(Call& call);

// search.cpp
Response search_objects(Call& call);

// associations.cpp
Response list_associations(Call& call);
Response put_association(Call& call);
Response put_default_association(Call& call);
Response delete_association(Call& call);
Response association_labels(Call& call);
Response batch_read_associations(Call& call);
Response batch_create_associations(Call& call);
Response batch_default_associations(Call& call);
Response batch_archive_associations(Call& call);
Response batch_archive_labels(Call& call);

// properties.cpp
Response list_properties(Call& call);
Response get_property(Call& call);
Response create_property(Call& call);
Response patch_property(Call& call);
Response delete_property(Call& call);
Response batch_read_properties(Call& call);
Response batch_create_properties(Call& call);
Response batch_archive_properties(Call& call);
Response list_groups(Call& call);
Response get_group(Call& call);
Response create_group(Call& call);

// oauth.cpp
Response grant_token(Call& call);

// account.cpp
Response account_details(Call& call);
Response daily_usage(Call& call);

}  // namespace hubspot_sim
