#include "daemon/http/server.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <exception>
#include <list>
#include <map>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "daemon/http/error.hpp"
#include "daemon/http/session.hpp"

namespace hubsync::http {
namespace {

namespace asio = boost::asio;

/// How long accepting rests when the process or the machine is out of descriptors or memory.
constexpr auto exhausted_pause = std::chrono::milliseconds{100};
/// How long a cancelled session may take to unwind.
constexpr auto unwind_time = std::chrono::seconds{1};

/// Best effort, without waiting: a flood of connections must not cost coroutines.
void send_unavailable(asio::generic::stream_protocol::socket& socket, const Response& response) {
  const std::string text =
      "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Type: " + response.content_type +
      "\r\nContent-Length: " + std::to_string(response.body.size()) + "\r\n\r\n" + response.body;
  if (::send(socket.native_handle(), text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT) > 0) {
    ::shutdown(socket.native_handle(), SHUT_WR);
  }
}

}  // namespace

struct Server::State : std::enable_shared_from_this<Server::State> {
  struct Connection {
    explicit Connection(std::string address) : peer(std::move(address)) {}

    std::string peer;
    std::shared_ptr<SessionControl> control = std::make_shared<SessionControl>();
    asio::cancellation_signal cancel;

    void abort() {
      cancel.emit(asio::cancellation_type::terminal);
      if (control->abort) {
        control->abort();
      }
    }
  };

  State(asio::any_io_executor used, Service service, Limits limits)
      : executor(std::move(used)),
        shared(std::make_shared<SessionShared>(std::move(service), limits)),
        changed(executor, asio::steady_timer::time_point::max()) {}

  asio::awaitable<void> accept_loop(std::shared_ptr<Listener> listener);
  void admit(Accepted accepted);
  void finished(std::list<Connection>::iterator connection, const std::exception_ptr& error);
  void close_listeners();

  asio::any_io_executor executor;
  std::shared_ptr<SessionShared> shared;
  asio::steady_timer
      changed;  ///< Never expires; cancelled when a connection has ended, to wake who waits for that.
  std::list<Connection> connections;
  std::map<std::string, std::size_t> per_peer;
  std::list<std::shared_ptr<Listener>> listeners;
};

Server::Server(asio::any_io_executor executor, Service service, Limits limits)
    : state_(std::make_shared<State>(std::move(executor), std::move(service), limits)) {}

Server::~Server() {
  state_->close_listeners();
  for (State::Connection& connection : state_->connections) {
    connection.abort();
  }
}

void Server::serve(Listener listener) {
  auto shared = std::make_shared<Listener>(std::move(listener));
  state_->listeners.push_back(shared);
  // The completion handler holds the state, so that the coroutine does not outlive it.
  asio::co_spawn(
      state_->executor,
      state_->accept_loop(std::move(shared)),
      [state = state_](const std::exception_ptr& error) {
        if (error) {
          std::rethrow_exception(error);
        }
      }
  );
}

asio::awaitable<void> Server::stop(Duration grace) {
  const auto state = state_;
  state->close_listeners();
  for (State::Connection& connection : state->connections) {
    if (connection.control->idle) {
      connection.abort();
    }
  }
  asio::steady_timer deadline(state->executor, grace);
  const auto drain = [](std::shared_ptr<State> of, asio::steady_timer& until) -> asio::awaitable<void> {
    while (!of->connections.empty() && until.expiry() > asio::steady_timer::clock_type::now()) {
      co_await of->changed.async_wait(asio::as_tuple(asio::use_awaitable));
    }
  };
  const auto wake = [state](boost::system::error_code) { state->changed.cancel(); };
  deadline.async_wait(wake);
  co_await drain(state, deadline);
  for (State::Connection& connection : state->connections) {
    connection.abort();
  }
  deadline.expires_after(unwind_time);
  deadline.async_wait(wake);
  co_await drain(state, deadline);
}

void Server::set_tls(std::shared_ptr<TlsIdentity> identity) {
  state_->shared->tls = std::move(identity);
}

void Server::set_tcp_token(std::string token) {
  state_->shared->service.tcp_token = std::move(token);
}

std::size_t Server::connections() const {
  return state_->connections.size();
}

asio::awaitable<void> Server::State::accept_loop(std::shared_ptr<Listener> listener) {
  asio::steady_timer pause(executor);
  while (!shared->stopping) {
    if (connections.size() >= shared->limits.connections) {
      co_await changed.async_wait(asio::as_tuple(asio::use_awaitable));
      continue;
    }
    auto accepted = co_await listener->accept();
    if (shared->stopping) {
      co_return;
    }
    if (accepted) {
      admit(*std::move(accepted));
      continue;
    }
    // Out of descriptors the connection stays in the queue and the listener stays readable: without a rest
    // this spins.
    pause.expires_after(exhausted_pause);
    co_await pause.async_wait(asio::as_tuple(asio::use_awaitable));
  }
}

void Server::State::admit(Accepted accepted) {
  const auto known = per_peer.find(accepted.peer.address);
  const std::size_t of_peer = known == per_peer.end() ? 0 : known->second;
  if (of_peer >= shared->limits.connections_per_peer || connections.size() >= shared->limits.connections) {
    if (shared->service.on_refused) {
      shared->service.on_refused(accepted.peer, 503);
    }
    const Error error{ErrorCode::unavailable, "too many connections", "close some and try again"};
    const auto& render = shared->service.render_error;
    send_unavailable(accepted.socket, render ? render(503, error) : error_response(503, error));
    return;
  }
  ++per_peer[accepted.peer.address];
  const auto connection = connections.emplace(connections.end(), accepted.peer.address);
  asio::co_spawn(
      executor,
      run_session(std::move(accepted), shared, connection->control),
      asio::bind_cancellation_slot(
          connection->cancel.slot(),
          [self = shared_from_this(), connection](const std::exception_ptr& error) {
            self->finished(connection, error);
          }
      )
  );
}

void Server::State::finished(std::list<Connection>::iterator connection, const std::exception_ptr& error) {
  const auto peer = per_peer.find(connection->peer);
  if (--peer->second == 0) {
    per_peer.erase(peer);
  }
  connections.erase(connection);
  changed.cancel();
  if (!error) {
    return;
  }
  try {
    std::rethrow_exception(error);
  } catch (const boost::system::system_error& system) {
    if (system.code() != asio::error::operation_aborted) {
      throw;
    }
  }
}

void Server::State::close_listeners() {
  shared->stopping = true;
  for (const auto& listener : listeners) {
    listener->close();
  }
  listeners.clear();
  changed.cancel();
}

}  // namespace hubsync::http
