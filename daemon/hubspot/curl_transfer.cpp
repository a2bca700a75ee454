#include "daemon/hubspot/curl_transfer.hpp"

#include <string.h>

#include <algorithm>
#include <cctype>
#include <cstring>
#include <new>
#include <string_view>
#include <utility>

#include "common/assert.hpp"

namespace hubsync {

namespace {

constexpr std::size_t max_header_bytes = 256U * 1024;

void append_header(curl_slist*& list, const std::string& line) {
  curl_slist* longer = curl_slist_append(list, line.c_str());
  if (longer == nullptr) {
    throw std::bad_alloc();
  }
  list = longer;
}

/// libcurl can not have written a byte of the request when it ends this way.
bool ends_before_sending(CURLcode code) {
  switch (code) {
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_FAILED_INIT:
    case CURLE_URL_MALFORMAT:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_ENGINE_INITFAILED:
    case CURLE_OPERATION_TIMEDOUT:
      return true;
    default:
      return false;
  }
}

}  // namespace

CurlTransfer::CurlTransfer(
    std::shared_ptr<const CurlOptions> options, HttpRequest request, const TokenSource& token
)
    : options_(std::move(options)), request_(std::move(request)), easy_(curl_easy_init()) {
  if (easy_ == nullptr) {
    throw std::bad_alloc();
  }
  url_ = options_->base_url + request_.target;
  set(CURLOPT_URL, url_.c_str());
  set(CURLOPT_PATH_AS_IS, 1L);
  set(CURLOPT_ERRORBUFFER, error_.data());
  set(CURLOPT_HEADERFUNCTION, &CurlTransfer::on_header);
  set(CURLOPT_HEADERDATA, static_cast<void*>(this));
  set(CURLOPT_WRITEFUNCTION, &CurlTransfer::on_body);
  set(CURLOPT_WRITEDATA, static_cast<void*>(this));
  // Verbose only so that on_debug() sees each header block leave; it prints nothing.
  set(CURLOPT_VERBOSE, 1L);
  set(CURLOPT_DEBUGFUNCTION, &CurlTransfer::on_debug);
  set(CURLOPT_DEBUGDATA, static_cast<void*>(this));
  set_headers(token);
  set_method();
  set_limits();
  set_security();
}

CurlTransfer::~CurlTransfer() {
  curl_easy_cleanup(easy_);
  if (request_.grant) {
    explicit_bzero(request_.body.data(), request_.body.size());
  }
  for (curl_slist* line = headers_; line != nullptr; line = line->next) {
    explicit_bzero(line->data, std::strlen(line->data));
  }
  curl_slist_free_all(headers_);
}

template <class Value>
void CurlTransfer::set(CURLoption option, Value value) {
  // An option that this libcurl does not know would silently weaken a promise: stop instead.
  ASSERT(curl_easy_setopt(easy_, option, value) == CURLE_OK);
}

void CurlTransfer::set_headers(const TokenSource& token) {
  if (!request_.grant) {
    std::string authorization;
    authorization.reserve(1024);  // No reallocation, which would leave copies of the token behind.
    authorization = "Authorization: Bearer ";
    token.append_token(authorization);
    append_header(headers_, authorization);
    explicit_bzero(authorization.data(), authorization.size());
  }
  append_header(headers_, "Accept: application/json");
  append_header(headers_, "Expect:");
  if (!request_.body.empty()) {
    append_header(headers_, "Content-Type: " + request_.content_type);
  }
  set(CURLOPT_HTTPHEADER, headers_);
  set(CURLOPT_USERAGENT, "hubsync/" HUBSYNC_VERSION);
  set(CURLOPT_ACCEPT_ENCODING, "gzip");
}

void CurlTransfer::set_method() {
  if (request_.body.empty()) {
    if (request_.method == "GET") {
      set(CURLOPT_HTTPGET, 1L);
      return;
    }
    // Without a body nothing keeps libcurl from repeating it on a dead pooled connection; a new one is never
    // repeated on.
    set(CURLOPT_CUSTOMREQUEST, request_.method.c_str());
    set(CURLOPT_FRESH_CONNECT, 1L);
    return;
  }
  // The body comes from a reader that refuses to rewind. libcurl repeats a request when a pooled connection
  // closes without an answer, though the server may have applied it; it must rewind the body for that, and so
  // fails instead (I7).
  set(CURLOPT_POST, 1L);
  set(CURLOPT_CUSTOMREQUEST, request_.method.c_str());
  set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
  set(CURLOPT_READFUNCTION, &CurlTransfer::on_read);
  set(CURLOPT_READDATA, static_cast<void*>(this));
  set(CURLOPT_SEEKFUNCTION, &CurlTransfer::on_seek);
  set(CURLOPT_SEEKDATA, static_cast<void*>(this));
}

void CurlTransfer::set_limits() {
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_QUICK_EXIT, 1L);  // Giving up on a slow resolver must not wait for its thread.
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(options_->request_timeout.count()));
  set(CURLOPT_CONNECTTIMEOUT_MS,
      static_cast<long>(std::min(options_->connect_timeout, options_->request_timeout).count()));
  set(CURLOPT_LOW_SPEED_LIMIT, options_->low_speed_bytes);
  set(CURLOPT_LOW_SPEED_TIME, static_cast<long>(options_->low_speed_time.count()));
  set(CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(options_->max_reply));
  set(CURLOPT_MAXAGE_CONN,
      60L);  // A connection idle for longer is likely dead, and a write on it ends as unknown.
  set(CURLOPT_TCP_KEEPALIVE, 1L);
}

void CurlTransfer::set_security() {
  const bool plain = options_->base_url.starts_with("http:");
  set(CURLOPT_PROTOCOLS_STR, plain ? "http" : "https");
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_REDIR_PROTOCOLS_STR, "https");
  set(CURLOPT_PROXY, "");  // "" and not null: also none from the environment.
  set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  set(CURLOPT_SSL_VERIFYPEER, 1L);
  set(CURLOPT_SSL_VERIFYHOST, 2L);
  set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set(CURLOPT_HTTP_VERSION, static_cast<long>(plain ? CURL_HTTP_VERSION_1_1 : CURL_HTTP_VERSION_2TLS));
  if (!options_->ca_file.empty()) {
    // Takes the place of the system's bundle file; its directory of single certificates (CAPATH) stays
    // trusted.
    set(CURLOPT_CAINFO, options_->ca_file.c_str());
  }
}

std::expected<HttpReply, TransportFailure> CurlTransfer::result(CURLcode code) {
  if (code != CURLE_OK) {
    return std::unexpected(failure(code));
  }
  long status = 0;
  curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
  reply_.status = static_cast<int>(status);
  reply_.sends = sends_;
  return std::move(reply_);
}

TransportFailure CurlTransfer::failure(CURLcode code) const {
  TransportFailure failure;
  failure.sends = sends_;
  failure.surely_not_sent = sends_ == 0 && ends_before_sending(code);
  if (too_large_ || code == CURLE_FILESIZE_EXCEEDED) {
    failure.message =
        "HubSpot's answer is over the limit of " + std::to_string(options_->max_reply) + " bytes";
  } else if (code == CURLE_SEND_FAIL_REWIND) {
    failure.message = "HubSpot closed the connection without an answer";
  } else if (code == CURLE_ABORTED_BY_CALLBACK) {
    failure.message = "given up: hubsync is stopping";
  } else {
    failure.message = error_[0] != '\0' ? error_.data() : curl_easy_strerror(code);
  }
  return failure;
}

std::size_t CurlTransfer::on_header(char* data, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<CurlTransfer*>(self);
  std::string_view line(data, size * count);
  transfer.header_bytes_ += line.size();
  if (transfer.header_bytes_ > max_header_bytes) {
    transfer.too_large_ = true;
    return 0;
  }
  while (!line.empty() && (line.back() == '\r' || line.back() == '\n' || line.back() == ' ')) {
    line.remove_suffix(1);
  }
  if (line.starts_with("HTTP/")) {
    transfer.reply_.headers.clear();  // A further answer: what came before was an interim one.
    return size * count;
  }
  const auto colon = line.find(':');
  if (colon != std::string_view::npos) {
    std::string name(line.substr(0, colon));
    std::ranges::transform(name, name.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    line.remove_prefix(colon + 1);
    while (line.starts_with(' ') || line.starts_with('\t')) {
      line.remove_prefix(1);
    }
    transfer.reply_.headers.insert_or_assign(std::move(name), std::string(line));
  }
  return size * count;
}

std::size_t CurlTransfer::on_body(char* data, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<CurlTransfer*>(self);
  const std::size_t bytes = size * count;
  if (transfer.reply_.body.size() + bytes > transfer.options_->max_reply) {
    transfer.too_large_ = true;
    return bytes == 0 ? 1 : 0;
  }
  transfer.reply_.body.append(data, bytes);
  return bytes;
}

std::size_t CurlTransfer::on_read(char* buffer, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<CurlTransfer*>(self);
  const std::string& body = transfer.request_.body;
  const std::size_t bytes = std::min(size * count, body.size() - transfer.body_sent_);
  std::copy_n(body.data() + transfer.body_sent_, bytes, buffer);
  transfer.body_sent_ += bytes;
  return bytes;
}

int CurlTransfer::on_seek(void*, curl_off_t, int) {
  return CURL_SEEKFUNC_FAIL;
}

int CurlTransfer::on_debug(CURL*, curl_infotype type, char* data, std::size_t size, void* self) {
  auto& transfer = *static_cast<CurlTransfer*>(self);
  // A header block that leaves in pieces is seen once for each piece; only the first begins with the method.
  if (type == CURLINFO_HEADER_OUT && std::string_view(data, size).starts_with(transfer.request_.method)) {
    ++transfer.sends_;
  }
  return 0;
}

}  // namespace hubsync
