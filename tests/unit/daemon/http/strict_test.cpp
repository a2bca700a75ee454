#include "daemon/http/strict.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "daemon/http/bearer.hpp"
#include "daemon/http/error.hpp"

using namespace hubsync;
using namespace hubsync::http;

namespace {

/// What a session would make of this head: 0 when it is served.
int judged(const std::string& raw) {
  const auto head = parse_head(raw);
  if (!head) {
    return head.error().status;
  }
  const auto checked = check_head(*head);
  return checked ? 0 : checked.error().status;
}

std::string post(const std::string& fields) {
  return "POST /api HTTP/1.1\r\nHost: localhost\r\n" + fields + "\r\n";
}

struct Shape {
  const char* what;
  std::string raw;
  int status;
};

int browser_status(const std::string& fields, const Peer& peer) {
  const std::string raw = "GET /api HTTP/1.1\r\n" + fields + "\r\n";
  const auto head = parse_head(raw);
  REQUIRE(head);
  REQUIRE(check_head(*head));
  const auto refusal = check_browser(*head, peer);
  return refusal ? refusal->status : 0;
}

}  // namespace

// lint:allow function-length: the table of shapes is the test.
TEST_CASE("every request shape that HTTP parsers disagree on is refused") {
  const std::vector<Shape> shapes = {
      {"a bare LF after the request line", "GET / HTTP/1.1\nHost: h\r\n\r\n", 400},
      {"a bare LF after a field", "GET / HTTP/1.1\r\nHost: h\n\r\n", 400},
      {"a bare CR in a value", "GET / HTTP/1.1\r\nHost: h\rX: y\r\n\r\n", 400},
      {"a leading blank line", "\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"no blank line", "GET / HTTP/1.1\r\nHost: h\r\n", 400},
      {"bytes after the blank line", "GET / HTTP/1.1\r\nHost: h\r\n\r\nx", 400},
      {"HTTP/0.9", "GET /\r\n\r\n", 400},
      {"no target", "GET HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"two spaces", "GET  / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"a tab as separator", "GET\t/ HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"a space at the end of the request line", "GET / HTTP/1.1 \r\nHost: h\r\n\r\n", 400},
      {"HTTP/1.2", "GET / HTTP/1.2\r\nHost: h\r\n\r\n", 505},
      {"HTTP/2.0", "GET / HTTP/2.0\r\nHost: h\r\n\r\n", 505},
      {"the HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\n", 505},
      {"a version that is none", "GET / http/1.1\r\nHost: h\r\n\r\n", 400},
      {"a lower-case method", "get / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"a mixed-case method", "Get / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"an empty method", " / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"a method with punctuation", "G-T / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"absolute form", "GET http://localhost/ HTTP/1.1\r\nHost: localhost\r\n\r\n", 400},
      {"authority form", "CONNECT localhost:1 HTTP/1.1\r\nHost: localhost:1\r\n\r\n", 400},
      {"asterisk form", "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"a dot-dot segment", "GET /a/../b HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"an escaped dot-dot segment", "GET /a/%2e%2e/b HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"a raw byte over 126 in the target", "GET /\xC3\xA9 HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"a NUL in the target", std::string("GET /\0 HTTP/1.1\r\nHost: h\r\n\r\n", 28), 400},
      {"a fragment", "GET /a#b HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"no Host", "GET / HTTP/1.1\r\n\r\n", 400},
      {"no Host on 1.0", "GET / HTTP/1.0\r\n\r\n", 400},
      {"two Hosts", "GET / HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n", 400},
      {"two Hosts in other cases", "GET / HTTP/1.1\r\nHost: h\r\nhOST: i\r\n\r\n", 400},
      {"a Host with a path", "GET / HTTP/1.1\r\nHost: h/x\r\n\r\n", 400},
      {"a Host with user data", "GET / HTTP/1.1\r\nHost: a@h\r\n\r\n", 400},
      {"a Host list", "GET / HTTP/1.1\r\nHost: a,b\r\n\r\n", 400},
      {"a Host with a space", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400},
      {"a folded field", "GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n b\r\n\r\n", 400},
      {"a field folded by a tab", "GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n\tb\r\n\r\n", 400},
      {"white space before the first field", "GET / HTTP/1.1\r\n Host: h\r\n\r\n", 400},
      {"a space before the colon", "GET / HTTP/1.1\r\nHost : h\r\n\r\n", 400},
      {"a field without a colon", "GET / HTTP/1.1\r\nHost: h\r\nX\r\n\r\n", 400},
      {"a field without a name", "GET / HTTP/1.1\r\nHost: h\r\n: x\r\n\r\n", 400},
      {"a field name with a control", "GET / HTTP/1.1\r\nHost: h\r\nX\x01: x\r\n\r\n", 400},
      {"a NUL in a value", std::string("GET / HTTP/1.1\r\nHost: h\r\nX: a\0b\r\n\r\n", 34), 400},
      {"a DEL in a value", "GET / HTTP/1.1\r\nHost: h\r\nX: a\x7F\r\n\r\n", 400},
      {"transfer coding xchunked", post("Transfer-Encoding: xchunked\r\n"), 400},
      {"transfer coding identity", post("Transfer-Encoding: identity\r\n"), 400},
      {"transfer coding chunked, identity", post("Transfer-Encoding: chunked, identity\r\n"), 400},
      {"transfer coding gzip, chunked", post("Transfer-Encoding: gzip, chunked\r\n"), 400},
      {"transfer coding with a parameter", post("Transfer-Encoding: chunked;q=1\r\n"), 400},
      {"transfer coding quoted", post("Transfer-Encoding: \"chunked\"\r\n"), 400},
      {"an empty transfer coding", post("Transfer-Encoding:\r\n"), 400},
      {"two transfer codings", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 400},
      {"chunked twice", post("Transfer-Encoding: chunked, chunked\r\n"), 400},
      {"a vertical tab before chunked", post("Transfer-Encoding: \vchunked\r\n"), 400},
      {"transfer coding and length", post("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n"), 400},
      {"unknown transfer coding and length", post("Transfer-Encoding: x\r\nContent-Length: 3\r\n"), 400},
      {"transfer coding on 1.0", "POST / HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
      {"two different lengths", post("Content-Length: 3\r\nContent-Length: 4\r\n"), 400},
      {"two equal lengths", post("Content-Length: 3\r\nContent-Length: 3\r\n"), 400},
      {"a list of lengths", post("Content-Length: 3, 3\r\n"), 400},
      {"an empty length", post("Content-Length:\r\n"), 400},
      {"a signed length", post("Content-Length: +3\r\n"), 400},
      {"a negative length", post("Content-Length: -3\r\n"), 400},
      {"a hexadecimal length", post("Content-Length: 0x3\r\n"), 400},
      {"a length with a space", post("Content-Length: 1 0\r\n"), 400},
      {"a length over 64 bits", post("Content-Length: 18446744073709551619\r\n"), 400},
      {"a trailer announcement", post("Transfer-Encoding: chunked\r\nTrailer: Host\r\n"), 400},
      {"two content types", post("Content-Type: a/b\r\nContent-Type: a/c\r\n"), 400},
      {"two authorizations", post("Authorization: Bearer a\r\nAuthorization: Bearer b\r\n"), 400},
  };
  for (const Shape& shape : shapes) {
    CAPTURE(shape.what);
    CHECK(judged(shape.raw) == shape.status);
  }
}

TEST_CASE("ordinary requests pass, and their body is delimited in one way") {
  CHECK(
      judged("GET /api/contacts?page=1 HTTP/1.1\r\nHost: localhost\r\nUser-Agent: curl/7.88.1\r\nAccept: "
             "*/*\r\n\r\n") == 0
  );
  CHECK(judged("GET / HTTP/1.0\r\nHost: h\r\n\r\n") == 0);
  CHECK(judged("GET / HTTP/1.1\r\nHost:\r\n\r\n") == 0);
  CHECK(judged("DELETE / HTTP/1.1\r\nhost: [::1]:3002\r\nX-A:\tb \t\r\nX-A: \xC3\xA9\r\n\r\n") == 0);

  const std::string with_length = post("Content-Length: 12\r\nConnection: Upgrade , Close\r\n");
  const auto length = check_head(*parse_head(with_length));
  REQUIRE(length);
  CHECK(length->length == 12);
  CHECK_FALSE(length->chunked);
  CHECK_FALSE(length->keep_alive);

  const std::string with_chunks = post("Transfer-Encoding: Chunked\r\n");
  const auto chunked = check_head(*parse_head(with_chunks));
  REQUIRE(chunked);
  CHECK(chunked->chunked);
  CHECK(chunked->length == 0);
  CHECK(chunked->keep_alive);
  CHECK(chunked->target.path == "/api");
}

TEST_CASE("field values lose the white space around them and nothing else") {
  const std::string raw = "GET / HTTP/1.1\r\nHost: h\r\nX: \t a  b \t\r\nY:\r\n\r\n";
  const auto head = parse_head(raw);
  REQUIRE(head);
  CHECK(head->find("x") == "a  b");
  CHECK(head->find("y") == "");
  CHECK_FALSE(head->find("z"));
}

TEST_CASE("the control API does not serve browsers") {
  const Peer over_unix{.kind = Peer::Kind::unix_socket};
  const Peer over_tcp{.kind = Peer::Kind::tcp, .address = "192.0.2.9", .local_address = "192.0.2.1"};
  for (const Peer& peer : {over_unix, over_tcp}) {
    CHECK(browser_status("Host: localhost\r\n", peer) == 0);
    CHECK(browser_status("Host: LOCALHOST:3002\r\n", peer) == 0);
    CHECK(browser_status("Host: localhost\r\nSec-Fetch-Site: none\r\n", peer) == 0);
    CHECK(browser_status("Host: localhost\r\nReferer: http://localhost:3002/x\r\n", peer) == 0);
    CHECK(browser_status("Host: localhost\r\nOrigin: http://localhost\r\n", peer) == 403);
    CHECK(browser_status("Host: localhost\r\nOrigin: null\r\n", peer) == 403);
    CHECK(browser_status("Host: localhost\r\nSec-Fetch-Site: cross-site\r\n", peer) == 403);
    CHECK(browser_status("Host: localhost\r\nSec-Fetch-Site: same-site\r\n", peer) == 403);
    CHECK(browser_status("Host: localhost\r\nReferer: https://evil.example/localhost\r\n", peer) == 403);
    CHECK(browser_status("Host: localhost\r\nReferer: https://localhost@evil.example/\r\n", peer) == 403);
    CHECK(browser_status("Host: evil.example\r\n", peer) == 403);
    CHECK(browser_status("Host: localhost.evil.example\r\n", peer) == 403);
    CHECK(browser_status("Host: 192.0.2.7\r\n", peer) == 403);
  }
  CHECK(browser_status("Host:\r\n", over_unix) == 0);
  CHECK(browser_status("Host: hubsync\r\n", over_unix) == 0);
  CHECK(browser_status("Host: 127.0.0.1\r\n", over_unix) == 0);
  CHECK(browser_status("Host: [::1]:80\r\n", over_unix) == 0);
  CHECK(browser_status("Host: 127.0.0.1.evil.example\r\n", over_unix) == 403);
  CHECK(browser_status("Host:\r\n", over_tcp) == 403);
  CHECK(browser_status("Host: hubsync\r\n", over_tcp) == 403);
  CHECK(browser_status("Host: 127.0.0.1:3002\r\n", over_tcp) == 0);
  CHECK(browser_status("Host: [::1]:3002\r\n", over_tcp) == 0);
  CHECK(browser_status("Host: 192.0.2.1:3002\r\n", over_tcp) == 0);
}

TEST_CASE("only the exact bearer token opens, and an empty one never does") {
  CHECK(bearer_matches("Bearer s3cret", "s3cret"));
  CHECK(bearer_matches("bearer  s3cret", "s3cret"));
  for (const char* value :
       {"",
        "Bearer",
        "Bearer ",
        "Bearer s3cre",
        "Bearer s3cret ",
        "Bearer s3cretx",
        "Basic s3cret",
        "s3cret",
        "Bearer S3cret"}) {
    CAPTURE(value);
    CHECK_FALSE(bearer_matches(value, "s3cret"));
  }
  CHECK_FALSE(bearer_matches(std::nullopt, "s3cret"));
  CHECK_FALSE(bearer_matches("Bearer ", ""));
  CHECK_FALSE(bearer_matches(std::nullopt, ""));
}

TEST_CASE("an error body is JSON whatever its texts hold") {
  const Response response = error_response({ErrorCode::not_found, "no \"x\\y\"\n", "a\x1B[31m", "e-mail"});
  CHECK(response.status == 404);
  CHECK(
      response.body ==
      R"({"error":{"code":"not_found","message":"no \"x\\y\"\u000a","hint":"a\u001b[31m","field":"e-mail"}})"
  );
  CHECK(error_response({ErrorCode::stale, "m"}).body == R"({"error":{"code":"stale","message":"m"}})");
}

TEST_CASE("a list field is searched by token, not by substring") {
  CHECK(list_has_token("keep-alive, Close", "close"));
  CHECK(list_has_token(",\tclose ,", "close"));
  CHECK_FALSE(list_has_token("closed, x-close", "close"));
  CHECK_FALSE(list_has_token("", "close"));
}
