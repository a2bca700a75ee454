// One transfer of CurlTransport: an easy handle with every option set, what it collected, and how it ended.
// Loop thread.
#pragma once

#include <array>
#include <cstddef>
#include <expected>
#include <memory>
#include <string>

#include <curl/curl.h>

#include "daemon/hubspot/curl_transport.hpp"
#include "daemon/ports/transport.hpp"

namespace hubsync {

class CurlTransfer {
 public:
  CurlTransfer(std::shared_ptr<const CurlOptions> options, HttpRequest request, const TokenSource& token);
  CurlTransfer(const CurlTransfer&) = delete;
  CurlTransfer& operator=(const CurlTransfer&) = delete;
  /// The handle must have left its multi handle. Wipes the token.
  ~CurlTransfer();

  [[nodiscard]] CURL* handle() const { return easy_; }

  /// What the caller gets, once libcurl has said how the transfer ended.
  [[nodiscard]] std::expected<HttpReply, TransportFailure> result(CURLcode code);

 private:
  template <class Value>
  void set(CURLoption option, Value value);
  void set_headers(const TokenSource& token);
  void set_method();
  void set_limits();
  void set_security();
  [[nodiscard]] TransportFailure failure(CURLcode code) const;

  static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t on_read(char* buffer, std::size_t size, std::size_t count, void* self);
  static int on_seek(void* self, curl_off_t offset, int origin);
  static int on_debug(CURL* easy, curl_infotype type, char* data, std::size_t size, void* self);

  std::shared_ptr<const CurlOptions> options_;
  HttpRequest request_;
  std::string url_;
  CURL* easy_;
  curl_slist* headers_ = nullptr;
  std::size_t body_sent_ = 0;
  std::size_t header_bytes_ = 0;
  int sends_ = 0;
  bool too_large_ = false;
  HttpReply reply_;
  std::array<char, CURL_ERROR_SIZE> error_{};
};

}  // namespace hubsync
