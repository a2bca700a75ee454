// A connection's bytes, bare or under TLS, behind one type, so that the session is compiled once. Loop
// thread. For session.cpp only: it brings Beast and OpenSSL with it. Deadlines count for either.
#pragma once

#include <memory>
#include <optional>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/basic_stream.hpp>

#include "daemon/http/tls_identity.hpp"

namespace hubsync::http {

class Wire {
 public:
  using Plain = boost::beast::basic_stream<boost::asio::generic::stream_protocol>;
  using executor_type = Plain::executor_type;

  /// Under TLS when there is an identity to show.
  Wire(boost::asio::generic::stream_protocol::socket socket, std::shared_ptr<TlsIdentity> identity)
      : plain_(std::move(socket)), identity_(std::move(identity)) {
    if (identity_) {
      tls_.emplace(plain_, identity_->context);
    }
  }

  executor_type get_executor() { return plain_.get_executor(); }
  [[nodiscard]] bool is_tls() const { return tls_.has_value(); }
  Plain& plain() { return plain_; }

  /// Agrees on keys; at once when there is nothing to agree on.
  boost::asio::awaitable<boost::system::error_code> handshake() {
    if (!tls_) {
      co_return boost::system::error_code{};
    }
    const auto [error] = co_await tls_->async_handshake(
        boost::asio::ssl::stream_base::server, boost::asio::as_tuple(boost::asio::use_awaitable)
    );
    co_return error;
  }

  /// Says that nothing more comes.
  boost::asio::awaitable<void> close_tls() {
    if (tls_) {
      static_cast<void>(co_await tls_->async_shutdown(boost::asio::as_tuple(boost::asio::use_awaitable)));
    }
  }

  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    if (tls_) {
      return tls_->async_read_some(buffers, std::forward<Token>(token));
    }
    return plain_.async_read_some(buffers, std::forward<Token>(token));
  }

  template <class Buffers, class Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    if (tls_) {
      return tls_->async_write_some(buffers, std::forward<Token>(token));
    }
    return plain_.async_write_some(buffers, std::forward<Token>(token));
  }

 private:
  Plain plain_;
  std::shared_ptr<TlsIdentity> identity_;
  std::optional<boost::asio::ssl::stream<Plain&>> tls_;
};

}  // namespace hubsync::http
