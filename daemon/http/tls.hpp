// The certificate and key that a listener shows: TLS 1.2 and later, nothing older. Loop thread. Asks no
// client for a certificate.
#pragma once

#include <memory>
#include <string>

#include "common/result.hpp"

namespace hubsync::http {

/// Opaque: session.cpp knows what is in it.
struct TlsIdentity;

/// Reads a certificate with its chain and its key, both PEM. An error names the file, and what is wrong with
/// it: others may read the key, the key is another one's, the certificate is over.
[[nodiscard]] Result<std::shared_ptr<TlsIdentity>> load_tls_identity(
    const std::string& certificate_file, const std::string& key_file
);

}  // namespace hubsync::http
