// A portal to ask over HTTPS, by the client and the transport that the daemon uses. Makes few records, all of
// example.com and named after this run, and archives them at the end. One thread.
#pragma once

#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>

#include "daemon/hubspot/client.hpp"
#include "daemon/hubspot/curl_transport.hpp"
#include "tests/support/records.hpp"

namespace hubsync::contract {

/// The token of the environment.
class EnvironmentToken : public TokenSource {
 public:
  void append_token(std::string& header) const override;
};

class Portal {
 public:
  /// `version` as in hubspot.api_version.
  explicit Portal(std::string_view version);
  ~Portal();
  Portal(const Portal&) = delete;
  Portal& operator=(const Portal&) = delete;

  /// Makes one call, no sooner than a portal's burst limit allows one after the other.
  template <class T>
  T ask(Task<T> call) {
    keep_pace();
    std::optional<T> answer;
    boost::asio::co_spawn(loop_, std::move(call), [&answer](std::exception_ptr error, T value) {
      if (error) {
        std::rethrow_exception(error);
      }
      answer.emplace(std::move(value));
    });
    loop_.restart();
    loop_.run();
    REQUIRE(answer.has_value());
    return std::move(*answer);
  }

  /// Asks again each second until `holds`; false when it does not within a minute: the search index lags
  /// (HUBSPOT.md §5).
  bool eventually(const std::function<bool()>& holds);

  /// "ada" → an address that no earlier run used.
  [[nodiscard]] std::string address(std::string_view name) const;

  std::vector<Reply<RemoteRecord>> write(
      const TypeRules& rules, WriteKind kind, std::vector<WriteInput> inputs
  );
  /// Creates a record, which is archived at the end.
  HubspotId make(const TypeRules& rules, Fields fields);
  /// To be archived at the end.
  void forget_later(const TypeRules& rules, HubspotId id) { made_.emplace_back(&rules, id); }
  /// The live record as it reads now.
  RemoteRecord read(const TypeRules& rules, HubspotId id, bool with_history = false);

  HubspotClient& client() { return client_; }

  const TypeRules contacts = test::contact_rules();
  const TypeRules companies = test::company_rules();
  static constexpr CallClass change = CallClass::change;

 private:
  void keep_pace();

  boost::asio::io_context loop_{1};
  EnvironmentToken token_;
  CurlTransport transport_;
  HubspotClient client_;
  std::string run_;
  int traces_ = 0;
  std::vector<std::pair<const TypeRules*, HubspotId>> made_;
};

}  // namespace hubsync::contract
