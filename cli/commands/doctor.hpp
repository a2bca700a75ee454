// `hubsync doctor`: each check with the fix. `hubsync setup`: makes HubSpot ready for the first sync.
#pragma once

#include "cli/commands/context.hpp"

namespace hubsync::cli {

struct SetupArgs {
  bool yes = false;      ///< Do not ask before something is created in HubSpot.
  bool no_plan = false;  ///< Leave the plan of the first sync out.
};

/// A check that fails exits 1; a refused token exits 5. Warnings do not.
ExitCode run_doctor(Context& context);
ExitCode run_setup(const SetupArgs& args, Context& context);

}  // namespace hubsync::cli
