#include "net/s3/bucket.hpp"

#include <stdexcept>

#include "catch.hpp"
#include "kept_log.hpp"
#include "scripted_server.hpp"

using namespace weir;
using namespace weir::s3;

namespace {

struct Asked {
  explicit Asked(std::vector<ScriptedServer::Answer> answers, Stop stop = {}) : server(std::move(answers)) {
    Settings settings;
    settings.url = server.url() + "/bucket";
    settings.bucket = "bucket";
    settings.region = "eu-1";
    settings.credentials = {"id", "secret", "token"};
    settings.retry_for = std::chrono::seconds(20);
    bucket.emplace(settings, log, std::move(stop));
  }
  ScriptedServer server;
  KeptLog log;
  std::optional<Bucket> bucket;
};

bool has(const std::string& text, const char* part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("a conditional PUT is signed with its digest, and its key is encoded") {
  Asked asked({{200, ""}});
  CHECK(asked.bucket->put_if_absent("p/a=b c%/ü..", "abc") == Put::done);
  const std::string request = asked.server.requests().at(0);
  CHECK(request.starts_with("PUT /bucket/p/a%3Db%20c%25/%C3%BC.. HTTP/1.1\r\n"));
  CHECK(has(request, "\r\nx-amz-content-sha256: ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\r\n"));
  CHECK(has(request, "\r\nIf-None-Match: *\r\n"));
  CHECK(has(request, "\r\nx-amz-security-token: token\r\n"));
  CHECK(has(request, "Authorization: AWS4-HMAC-SHA256 Credential=id/"));
  CHECK(has(request, "/eu-1/s3/aws4_request"));
  CHECK_FALSE(has(request, "secret"));
  CHECK(has(request,
            "SignedHeaders=content-type;host;if-none-match;x-amz-content-sha256;x-amz-date;x-amz-meta-weir-sha256;"
            "x-amz-security-token,"));  // all of them are sent
  CHECK(request.ends_with("\r\n\r\nabc"));
}

TEST_CASE("a PUT whose answer was lost is compared with what is there") {
  Asked asked({{0, ""}, {412, ""}, {200, ""}, {200, ""}});
  const Put put = asked.bucket->put_if_absent("k", "");
  CHECK(put == Put::same_is_there);  // a HEAD without digest, of no bytes, and a GET of none
  CHECK(asked.log.messages.size() == 1);
}

TEST_CASE("failures of the server are tried again, refusals are not") {
  Asked asked(
      {{503, ""}, {500, ""}, {409, ""}, {200, "x"}, {403, "<Error><Code>AccessDenied</Code></Error>"}, {404, ""}});
  CHECK(asked.bucket->get("k", 10) == "x");
  CHECK_THROWS_AS(asked.bucket->get("k", 10), Refused);
  CHECK_FALSE(asked.bucket->get("k", 10));
  CHECK(asked.log.messages.size() == 1);
}

TEST_CASE("a list is asked for page by page") {
  Asked asked({{200,
                "<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>a/b=</NextContinuationToken>"
                "<Contents><Key>p/1</Key></Contents></ListBucketResult>"},
               {200, "<ListBucketResult><Contents><Key>p/2</Key></Contents></ListBucketResult>"},
               {200, "<html>"}});
  CHECK(asked.bucket->list("p/") == std::vector<std::string>{"p/1", "p/2"});
  CHECK_THROWS_AS(asked.bucket->list("p/"), Refused);
  CHECK(asked.server.requests().at(1).starts_with(
      "GET /bucket/?continuation-token=a%2Fb%3D&encoding-type=url&list-type=2&max-keys=1000&prefix=p%2F HTTP"));
}

TEST_CASE("a wait ends when the run is to stop") {
  struct Stopped {};
  int calls = 0;
  Asked asked({{503, ""}}, {{}, [&] {
                              if (++calls > 3) throw Stopped();
                            }});
  CHECK_THROWS_AS(asked.bucket->has("k"), Stopped);
}
