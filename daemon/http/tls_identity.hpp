// What a TlsIdentity is made of, for tls.cpp and session.cpp only: the header is heavy. Loop thread.
#pragma once

#include <boost/asio/ssl/context.hpp>

#include "daemon/http/tls.hpp"

namespace hubsync::http {

struct TlsIdentity {
  boost::asio::ssl::context context{boost::asio::ssl::context::tls_server};
};

}  // namespace hubsync::http
