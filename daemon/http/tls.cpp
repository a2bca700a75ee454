#include "daemon/http/tls.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <system_error>

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "daemon/http/tls_identity.hpp"

namespace hubsync::http {
namespace {

/// What OpenSSL says is for its developers: the file and our own words come first.
std::unexpected<Error> refuse(
    const std::string& file, const std::string& what, const boost::system::error_code& error = {}
) {
  return fail(ErrorCode::invalid, file + ": " + what + (error ? " (" + error.message() + ")" : ""));
}

Result<void> check_key_mode(const std::string& file) {
  struct stat status{};
  if (::stat(file.c_str(), &status) != 0) {
    return refuse(file, std::generic_category().message(errno));
  }
  if ((status.st_mode & S_IRWXO) != 0) {
    return fail(ErrorCode::forbidden, "others may read the key " + file, "chmod o= " + file);
  }
  return {};
}

Result<void> check_dates(SSL_CTX* context, const std::string& file) {
  const X509* const certificate = SSL_CTX_get0_certificate(context);
  if (certificate == nullptr || X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0) {
    return refuse(file, "the certificate is over");
  }
  return {};
}

}  // namespace

Result<std::shared_ptr<TlsIdentity>> load_tls_identity(
    const std::string& certificate_file, const std::string& key_file
) {
  if (const auto mode = check_key_mode(key_file); !mode) {
    return std::unexpected(mode.error());
  }
  auto identity = std::make_shared<TlsIdentity>();
  boost::asio::ssl::context& context = identity->context;
  SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.native_handle(), SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_session_cache_mode(context.native_handle(), SSL_SESS_CACHE_OFF);
  boost::system::error_code error;
  context.use_certificate_chain_file(certificate_file, error);
  if (error) {
    return refuse(certificate_file, "is no certificate in PEM form that can be read", error);
  }
  context.use_private_key_file(key_file, boost::asio::ssl::context::pem, error);
  if (error) {
    return refuse(
        key_file, "is no key in PEM form that can be read, or not the key of " + certificate_file, error
    );
  }
  if (SSL_CTX_check_private_key(context.native_handle()) != 1) {
    return refuse(key_file, "is not the key of " + certificate_file);
  }
  if (const auto dates = check_dates(context.native_handle(), certificate_file); !dates) {
    return std::unexpected(dates.error());
  }
  return identity;
}

}  // namespace hubsync::http
