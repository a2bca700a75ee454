// From the configuration's words to the options of the daemon's parts. Start-up and reload.
#pragma once

#include "daemon/engine/engine.hpp"
#include "daemon/engine/throttle.hpp"
#include "daemon/hubspot/curl_transport.hpp"
#include "daemon/os/config.hpp"

namespace hubsync {

[[nodiscard]] Engine::Options engine_options(const Config& config);
[[nodiscard]] Throttle::Options throttle_options(const Config& config);
[[nodiscard]] CurlOptions curl_options(const Config& config);

}  // namespace hubsync
