#include "daemon/hubspot/curl_multi.hpp"

#include <utility>
#include <vector>

#include <boost/system/error_code.hpp>

#include "common/assert.hpp"

namespace hubsync {

namespace asio = boost::asio;

/// One socket of libcurl's and the directions it wants to hear about. Handlers share it, so that one which
/// was already queued when libcurl let the socket go finds `open` false instead of a reused file descriptor.
struct CurlMulti::Watch {
  Watch(const asio::any_io_executor& executor, curl_socket_t socket_)
      : socket(socket_), descriptor(executor, socket_) {}

  curl_socket_t socket;
  asio::posix::stream_descriptor descriptor;
  int wanted = CURL_POLL_NONE;
  int pending = CURL_POLL_NONE;  ///< At most one wait for each direction.
  bool open = true;
};

std::shared_ptr<CurlMulti> CurlMulti::make(asio::any_io_executor executor, long connections) {
  return std::shared_ptr<CurlMulti>(new CurlMulti(std::move(executor), connections));
}

CurlMulti::CurlMulti(asio::any_io_executor executor, long connections)
    : executor_(std::move(executor)), timer_(executor_), multi_(curl_multi_init()) {
  ASSERT(multi_ != nullptr);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &CurlMulti::on_socket);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &CurlMulti::on_timer);
  curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_MAX_TOTAL_CONNECTIONS, connections);
  curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, connections);
  curl_multi_setopt(multi_, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
}

CurlMulti::~CurlMulti() {
  stop();
}

CURLMcode CurlMulti::add(CURL* easy, Done done) {
  if (multi_ == nullptr) {
    return CURLM_BAD_HANDLE;
  }
  const CURLMcode code = curl_multi_add_handle(multi_, easy);
  if (code == CURLM_OK) {
    transfers_.emplace(easy, std::move(done));
  }
  return code;
}

void CurlMulti::remove(CURL* easy) {
  const auto found = transfers_.find(easy);
  if (found != transfers_.end()) {
    curl_multi_remove_handle(multi_, easy);
    transfers_.erase(found);
  }
}

void CurlMulti::stop() {
  if (multi_ == nullptr) {
    return;
  }
  auto ended = std::exchange(transfers_, {});
  for (auto& [easy, done] : ended) {
    curl_multi_remove_handle(multi_, easy);
    done(CURLE_ABORTED_BY_CALLBACK);
  }
  // The pool closes its connections here and reports each socket to on_socket(), so *this is still whole.
  curl_multi_cleanup(multi_);
  multi_ = nullptr;
  for (auto& [socket, watch] : watches_) {
    watch->open = false;
    watch->descriptor.release();
  }
  watches_.clear();
  ++timer_generation_;
  timer_.cancel();
}

int CurlMulti::on_socket(CURL*, curl_socket_t socket, int what, void* self, void*) {
  static_cast<CurlMulti*>(self)->watch(socket, what);
  return 0;
}

int CurlMulti::on_timer(CURLM*, long timeout_ms, void* self) {
  auto* multi = static_cast<CurlMulti*>(self);
  if (timeout_ms < 0) {
    ++multi->timer_generation_;
    multi->timer_.cancel();
  } else {
    // Also for 0: acting at once would enter libcurl from its own callback.
    multi->set_timer(std::chrono::milliseconds(timeout_ms));
  }
  return 0;
}

void CurlMulti::watch(curl_socket_t socket, int what) {
  const auto found = watches_.find(socket);
  if (what == CURL_POLL_REMOVE) {
    if (found != watches_.end()) {
      found->second->open = false;
      found->second->descriptor.release();
      watches_.erase(found);
    }
    return;
  }
  auto watch = found != watches_.end()
                   ? found->second
                   : watches_.emplace(socket, std::make_shared<Watch>(executor_, socket)).first->second;
  watch->wanted = what;
  wait(watch, CURL_POLL_IN);
  wait(watch, CURL_POLL_OUT);
}

void CurlMulti::wait(const std::shared_ptr<Watch>& watch, int direction) {
  if ((watch->wanted & direction) == 0 || (watch->pending & direction) != 0) {
    return;
  }
  watch->pending |= direction;
  const auto kind = direction == CURL_POLL_IN ? asio::posix::descriptor_base::wait_read
                                              : asio::posix::descriptor_base::wait_write;
  watch->descriptor.async_wait(
      kind,
      [weak = weak_from_this(), watch, direction](boost::system::error_code error) {
        watch->pending &= ~direction;
        const auto self = weak.lock();
        if (!self || !watch->open || error == asio::error::operation_aborted) {
          return;
        }
        if ((watch->wanted & direction) != 0) {
          const int ready = direction == CURL_POLL_IN ? CURL_CSELECT_IN : CURL_CSELECT_OUT;
          self->act(watch->socket, error ? CURL_CSELECT_ERR : ready);
        }
        if (watch->open) {
          self->wait(watch, direction);
        }
      }
  );
}

void CurlMulti::set_timer(std::chrono::milliseconds delay) {
  // A handler that is already queued can not be cancelled; the generation makes it harmless.
  const std::uint64_t generation = ++timer_generation_;
  timer_.expires_after(delay);
  timer_.async_wait([weak = weak_from_this(), generation](boost::system::error_code error) {
    const auto self = weak.lock();
    if (self && !error && self->timer_generation_ == generation) {
      self->act(CURL_SOCKET_TIMEOUT, 0);
    }
  });
}

void CurlMulti::act(curl_socket_t socket, int events) {
  if (multi_ == nullptr) {
    return;
  }
  int running = 0;
  curl_multi_socket_action(multi_, socket, events, &running);
  collect();
}

void CurlMulti::collect() {
  std::vector<std::pair<Done, CURLcode>> ended;
  int left = 0;
  while (CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) {
      continue;
    }
    CURL* easy = message->easy_handle;
    const CURLcode code = message->data.result;  // The message dies with the removal below.
    const auto found = transfers_.find(easy);
    if (found != transfers_.end()) {
      ended.emplace_back(std::move(found->second), code);
      transfers_.erase(found);
    }
    curl_multi_remove_handle(multi_, easy);
  }
  for (auto& [done, code] : ended) {
    done(code);
  }
}

}  // namespace hubsync
