#include "daemon/webhook/receiver.hpp"

#include <array>
#include <utility>

#include "daemon/ports/store_error.hpp"
#include "daemon/webhook/decode.hpp"

namespace hubsync::webhook {
namespace {

/// When the inbox is full or the disk is: HubSpot's own schedule decides in the end.
constexpr const char* come_again_seconds = "10";

constexpr std::array<std::string_view, 4> signature_fields = {
    "X-HubSpot-Signature-v3",
    "X-HubSpot-Request-Timestamp",
    "X-HubSpot-Signature",
    "X-HubSpot-Signature-Version"
};

http::Response bare(int status) {
  return {.status = status, .content_type = {}};
}

}  // namespace

Receiver::Receiver(
    Store& store,
    Clock& clock,
    Options options,
    std::function<const Rules&()> rules,
    std::function<void(std::int64_t)> arrived
)
    : store_(store),
      clock_(clock),
      options_(std::move(options)),
      rules_(std::move(rules)),
      arrived_(std::move(arrived)) {}

void Receiver::set_verifier(std::unique_ptr<const Verifier> verifier) {
  verifier_ = std::move(verifier);
}

http::Service Receiver::service() {
  http::Service service{
      .handler = [this](http::Request request) { return handle(std::move(request)); },
      .access = http::Access::open
  };
  service.render_error = [](int status, const Error&) { return bare(status); };
  service.on_refused = [this](const http::Peer&, int) { note_refused(); };
  return service;
}

http::Response Receiver::reject(int status) {
  ++counters_.rejected;
  http::Response response = bare(status);
  if (status == 503) {
    response.headers.emplace_back("Retry-After", come_again_seconds);
  }
  if (status == 405) {
    response.headers.emplace_back("Allow", "POST, GET, HEAD");
  }
  return response;
}

Task<http::Response> Receiver::handle(http::Request request) {
  if (request.path != options_.path) {
    co_return reject(404);
  }
  if (request.method == "GET") {
    co_return bare(200);
  }
  if (request.method != "POST") {
    co_return reject(405);
  }
  for (const std::string_view field : signature_fields) {
    if (request.headers.count(field) > 1) {
      co_return reject(400);
    }
  }
  if (!is_genuine(request)) {
    co_return reject(401);
  }
  co_return co_await receive(std::move(request));
}

bool Receiver::is_genuine(const http::Request& request) const {
  if (verifier_ == nullptr) {
    return false;
  }
  const std::string base = options_.public_url.empty()
                               ? options_.scheme + std::string{request.headers.find("Host").value_or("")}
                               : options_.public_url;
  const std::string uri = base + request.target;
  return verifier_->verify(
             {.method = request.method,
              .uri = uri,
              .body = request.body,
              .signature_v3 = request.headers.find(signature_fields[0]),
              .timestamp = request.headers.find(signature_fields[1]),
              .signature = request.headers.find(signature_fields[2]),
              .version = request.headers.find(signature_fields[3])},
             clock_.now()
         ) == Verdict::genuine;
}

Task<http::Response> Receiver::receive(http::Request request) {
  auto events = decode_events(request.body, rules_());
  if (!events) {
    co_return reject(400);
  }
  const auto count = static_cast<std::int64_t>(events->size());
  std::optional<InboxReceipt> receipt;
  try {
    receipt =
        co_await store_.run([events = std::move(*events), most = options_.max_backlog, now = clock_.now()](
                                Repository& repository
                            ) { return repository.receive_events(events, most, now); });
  } catch (const StoreUnavailable&) {
    co_return reject(503);
  } catch (const StoreCorrupt&) {
    co_return reject(503);
  }
  if (receipt->full) {
    co_return reject(503);
  }
  counters_.received += count;
  if (receipt->stored > 0) {
    arrived_(receipt->stored);
  }
  co_return bare(200);
}

}  // namespace hubsync::webhook
