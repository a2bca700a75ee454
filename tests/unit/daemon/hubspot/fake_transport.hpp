// A Transport that answers from a script and remembers what was asked; and a way to run one call of the
// client.
#pragma once

#include <deque>
#include <exception>
#include <optional>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "daemon/ports/transport.hpp"

namespace hubsync::test {

class FakeTransport : public Transport {
 public:
  using Answer = std::expected<HttpReply, TransportFailure>;

  Task<Answer> send(HttpRequest request) override {
    requests.push_back(std::move(request));
    if (answers.empty()) {
      co_return std::unexpected(
          TransportFailure{.surely_not_sent = true, .message = "no answer in the script"}
      );
    }
    Answer answer = std::move(answers.front());
    answers.pop_front();
    co_return answer;
  }

  void answer(int status, std::string body) {
    answers.emplace_back(HttpReply{
        .status = status,
        .headers = {{"content-type", "application/json;charset=utf-8"}},
        .body = std::move(body)
    });
  }

  /// A header of the last answer.
  void with_header(const std::string& name, const std::string& value) {
    answers.back()->headers[name] = value;
  }

  std::deque<Answer> answers;
  std::vector<HttpRequest> requests;
};

/// Runs a task that never waits for anything real.
template <class T>
T run(Task<T> task) {
  boost::asio::io_context io{1};
  std::optional<T> result;
  std::exception_ptr failure;
  boost::asio::co_spawn(io, std::move(task), [&](std::exception_ptr error, T value) {
    failure = error;
    result.emplace(std::move(value));
  });
  io.run();
  if (failure) {
    std::rethrow_exception(failure);
  }
  return std::move(*result);
}

}  // namespace hubsync::test
