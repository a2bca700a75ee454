// libcurl's multi interface driven by an Asio loop: sockets, timer, and the end of each transfer. Knows
// nothing of HTTP. Loop thread. libcurl owns the sockets; Asio only waits on them.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <curl/curl.h>

namespace hubsync {

class CurlMulti : public std::enable_shared_from_this<CurlMulti> {
 public:
  /// Called when a transfer has ended and left the multi handle, with libcurl off the stack. Must only hand
  /// the result on.
  using Done = std::function<void(CURLcode)>;

  /// `connections`: how many may be open at once; further transfers wait inside libcurl.
  [[nodiscard]] static std::shared_ptr<CurlMulti> make(
      boost::asio::any_io_executor executor, long connections
  );

  CurlMulti(const CurlMulti&) = delete;
  CurlMulti& operator=(const CurlMulti&) = delete;
  ~CurlMulti();

  /// Starts the transfer. The handle stays the caller's and must outlive it: until `done` or remove().
  [[nodiscard]] CURLMcode add(CURL* easy, Done done);

  /// Gives a transfer up without calling `done`; nothing happens when it has ended already.
  void remove(CURL* easy);

  /// Gives up every transfer, telling each CURLE_ABORTED_BY_CALLBACK, and closes the pool. Nothing may be
  /// added after.
  void stop();

 private:
  struct Watch;

  CurlMulti(boost::asio::any_io_executor executor, long connections);
  static int on_socket(CURL* easy, curl_socket_t socket, int what, void* self, void* watch);
  static int on_timer(CURLM* multi, long timeout_ms, void* self);
  void watch(curl_socket_t socket, int what);
  void wait(const std::shared_ptr<Watch>& watch, int direction);
  void set_timer(std::chrono::milliseconds delay);
  void act(curl_socket_t socket, int events);
  void collect();

  boost::asio::any_io_executor executor_;
  boost::asio::steady_timer timer_;
  std::uint64_t timer_generation_ = 0;
  CURLM* multi_;
  std::map<curl_socket_t, std::shared_ptr<Watch>> watches_;
  std::map<CURL*, Done> transfers_;
};

}  // namespace hubsync
