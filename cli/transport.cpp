#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <curl/curl.h>

#include "cli/client.hpp"
#include "cli/stream.hpp"

namespace hubsync::cli {
namespace {

/// A list of 500 records of 64 KiB values stays below this.
constexpr std::size_t max_reply_bytes = 512UL * 1024 * 1024;

std::size_t take_body(char* data, std::size_t, std::size_t bytes, void* reply) {
  auto& body = static_cast<HttpReply*>(reply)->body;
  if (body.size() + bytes > max_reply_bytes) {
    return 0;
  }
  body.append(data, bytes);
  return bytes;
}

CallError cannot_connect(const std::string& socket, long system_error) {
  if (system_error == EACCES || system_error == EPERM) {
    return {
        Error{
            ErrorCode::forbidden,
            "no permission to use the socket " + socket,
            "become a member of the group hubsync, or use sudo",
            ""
        },
        api::ExitCode::unreachable
    };
  }
  return {
      Error{
          ErrorCode::unavailable,
          "no daemon answers on " + socket,
          "is hubsyncd running? `systemctl status hubsyncd`; another socket: --socket or HUBSYNC_SOCKET",
          ""
      },
      api::ExitCode::unreachable
  };
}

CallError call_failed(const std::string& socket, CURLcode code, long system_error) {
  if (code == CURLE_COULDNT_CONNECT) {
    return cannot_connect(socket, system_error);
  }
  if (code == CURLE_OPERATION_TIMEDOUT) {
    return {
        Error{
            ErrorCode::unavailable,
            "the daemon did not answer in time",
            "it may still do what was asked; look at `hubsync status` before you repeat it",
            ""
        },
        api::ExitCode::timed_out
    };
  }
  return {
      Error{
          ErrorCode::unavailable,
          std::string{"the connection to the daemon broke: "} + curl_easy_strerror(code),
          "look into its log: journalctl -u hubsyncd",
          ""
      },
      api::ExitCode::unreachable
  };
}

class Headers {
 public:
  Headers() = default;
  Headers(const Headers&) = delete;
  Headers& operator=(const Headers&) = delete;
  ~Headers() { curl_slist_free_all(list_); }

  void add(const std::string& line) {
    if (curl_slist* longer = curl_slist_append(list_, line.c_str())) {
      list_ = longer;
    }
  }

  [[nodiscard]] curl_slist* get() const { return list_; }

 private:
  curl_slist* list_ = nullptr;
};

class UnixSocketTransport : public Transport {
 public:
  explicit UnixSocketTransport(std::string socket) : socket_(std::move(socket)) {}

  std::expected<HttpReply, CallError> send(const HttpRequest& request) override {
    const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl{curl_easy_init(), &curl_easy_cleanup};
    if (!curl) {
      return std::unexpected(call_failed(socket_, CURLE_OUT_OF_MEMORY, 0));
    }
    HttpReply reply;
    Headers headers;
    set_connection(curl.get());
    set_request(curl.get(), request, headers);
    curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &reply);
    const CURLcode code = curl_easy_perform(curl.get());
    long number = 0;
    if (code != CURLE_OK) {
      curl_easy_getinfo(curl.get(), CURLINFO_OS_ERRNO, &number);
      return std::unexpected(call_failed(socket_, code, number));
    }
    curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &number);
    reply.status = static_cast<int>(number);
    return reply;
  }

  std::expected<void, CallError> stream(
      const std::string& target, const std::function<bool(const std::string&)>& on_text
  ) override {
    return read_stream(socket_, target, on_text);
  }

 private:
  /// A handle of its own for each call means a fresh connection: libcurl sends a POST twice only on a reused
  /// one.
  void set_connection(CURL* curl) const {
    curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, socket_.c_str());
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http");
    curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, 5'000L);
  }

  static void set_request(CURL* curl, const HttpRequest& request, Headers& headers) {
    curl_easy_setopt(curl, CURLOPT_URL, ("http://localhost" + request.target).c_str());
    curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout.count()));
    headers.add("Accept: application/json");
    headers.add("Expect:");
    if (request.if_version) {
      headers.add("If-Match: \"" + std::to_string(*request.if_version) + "\"");
    }
    if (request.method == "POST" || request.method == "PUT") {
      headers.add("Content-Type: application/json");
      curl_easy_setopt(curl, CURLOPT_POST, 1L);
      curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
      curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.body.c_str());
    }
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request.method.c_str());
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
  }

  std::string socket_;
};

}  // namespace

std::unique_ptr<Transport> unix_socket_transport(std::string socket) {
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  static_cast<void>(ready);
  return std::make_unique<UnixSocketTransport>(std::move(socket));
}

}  // namespace hubsync::cli
