#include "net/s3/bucket.hpp"

#include <stdexcept>

#include "catch.hpp"
#include "kept_log.hpp"
#include "scripted_server.hpp"

using namespace weir;
using namespace weir::s3;

namespace {

struct Asked {
  explicit Asked(std::vector<ScriptedServer::Answer> answers, Stop stop = {}, std::uint64_t part_bytes = 1 << 20)
      : server(std::move(answers)) {
    Settings settings;
    settings.part_bytes = part_bytes;
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
  for (const char* part :
       {"\r\nx-amz-content-sha256: ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\r\n",
        "\r\nIf-None-Match: *\r\n", "\r\nx-amz-security-token: token\r\n",
        "Authorization: AWS4-HMAC-SHA256 Credential=id/", "/eu-1/s3/aws4_request",
        // All of them are sent.
        "SignedHeaders=content-type;host;if-none-match;x-amz-content-sha256;x-amz-date;x-amz-meta-weir-sha256;"
        "x-amz-security-token,"}) {
    CAPTURE(part);
    CHECK(has(request, part));
  }
  CHECK_FALSE(has(request, "secret"));
  CHECK(request.ends_with("\r\n\r\nabc"));
}

TEST_CASE("a PUT whose answer was lost is compared with what is there") {
  Asked asked({{0, ""}, {412, ""}, {200, ""}, {200, ""}});
  const Put put = asked.bucket->put_if_absent("k", "");
  CHECK(put == Put::same_is_there);  // a HEAD without digest, of no bytes, and a GET of none
  CHECK(asked.log.messages.size() == 1);
}

TEST_CASE("a large object has parts of the size that is wanted, or 10,000 larger ones") {
  constexpr std::uint64_t mib = 1 << 20;
  CHECK(part_bytes(17 * mib, 16 * mib) == 16 * mib);
  CHECK(part_bytes(16 * mib * most_parts, 16 * mib) == 16 * mib);
  CHECK(part_bytes(16 * mib * most_parts + 1, 16 * mib) == 17 * mib);
  CHECK(part_bytes(most_object_bytes, least_part_bytes) <= most_part_bytes);
  CHECK((most_object_bytes - 1) / part_bytes(most_object_bytes, least_part_bytes) < most_parts);
}

namespace {

constexpr const char* begun = "<InitiateMultipartUploadResult><UploadId>i/1</UploadId></InitiateMultipartUploadResult>";
const ScriptedServer::Answer none_there{404, ""};

}  // namespace

TEST_CASE("a large object is put in parts, and is there when they are complete") {
  Asked asked({none_there, {200, begun}, {200, "", "ETag: \"a\""}, {200, "", "ETag: \"b\""}, {200, ""}}, {}, 3);
  CHECK(asked.bucket->put_if_absent("k=", "abcde") == Put::done);
  const auto& requests = asked.server.requests();
  CHECK(requests.at(0).starts_with("HEAD /bucket/k%3D "));
  CHECK(requests.at(1).starts_with("POST /bucket/k%3D?uploads= "));
  CHECK(
      has(requests.at(1), "x-amz-meta-weir-sha256: 36bbe50ed96841d10443bcb670d6554f0a34b761be67ec9c4a8ad2c0c44ca42c"));
  CHECK(requests.at(2).starts_with("PUT /bucket/k%3D?partNumber=1&uploadId=i%2F1 "));
  CHECK(requests.at(2).ends_with("\r\n\r\nabc"));
  CHECK_FALSE(has(requests.at(2), "x-amz-meta-"));
  CHECK(requests.at(3).ends_with("\r\n\r\nde"));
  CHECK(requests.at(4).starts_with("POST /bucket/k%3D?uploadId=i%2F1 "));
  CHECK(has(requests.at(4), "\r\nIf-None-Match: *\r\n"));
  CHECK(has(requests.at(4), "<Part><PartNumber>2</PartNumber><ETag>&quot;b&quot;</ETag></Part>"));
}

TEST_CASE("an upload that is gone is begun again, and one whose completion was carried out is done") {
  const ScriptedServer::Answer part{200, "", "ETag: \"a\""};
  Asked again({none_there,
               {200, begun},
               part,
               {404, ""},
               none_there,
               {200, begun},
               part,
               part,
               {200, "<?xml?><Error><Code>InternalError</Code></Error>"},
               {200, ""}},
              {}, 3);
  CHECK(again.bucket->put_if_absent("k", "abcde") == Put::done);
  Asked done({none_there,
              {200, begun},
              part,
              part,
              {0, ""},
              {404, "<Error><Code>NoSuchUpload</Code></Error>"},
              {200, ""},
              {200, "", "x-amz-meta-weir-sha256: 36bbe50ed96841d10443bcb670d6554f0a34b761be67ec9c4a8ad2c0c44ca42c"}},
             {}, 3);
  CHECK(done.bucket->put_if_absent("k", "abcde") == Put::same_is_there);
  // Another writer's object, which came meanwhile: the parts are aborted.
  Asked other({none_there, {200, begun}, part, part, {412, ""}, {200, "", "x-amz-meta-weir-sha256: 00"}, {204, ""}}, {},
              3);
  CHECK(other.bucket->put_if_absent("k", "abcde") == Put::other_is_there);
  CHECK(other.server.requests().at(6).starts_with("DELETE /bucket/k?uploadId=i%2F1 "));
  // What fails for good leaves no parts.
  Asked refused({none_there, {200, begun}, {403, "<Error><Code>AccessDenied</Code></Error>"}, {204, ""}}, {}, 3);
  CHECK_THROWS_AS(refused.bucket->put_if_absent("k", "abcde"), Refused);
  CHECK(refused.server.requests().at(3).starts_with("DELETE /bucket/k?uploadId=i%2F1 "));
}

TEST_CASE("uploads are listed page by page, and those that are chosen are aborted") {
  const auto page = [](const std::string& key, const char* more) {
    return "<ListMultipartUploadsResult><Upload><Key>" + key + "</Key><UploadId>i+1</UploadId></Upload>" + more +
           "</ListMultipartUploadsResult>";
  };
  Asked asked({{200, page("p/a",
                          "<IsTruncated>true</IsTruncated><NextKeyMarker>p/a</NextKeyMarker><NextUploadIdMarker>i+1</"
                          "NextUploadIdMarker>")},
               {200, page("p/b", "")},
               {204, ""}});
  CHECK(asked.bucket->abort_uploads("p/", [](const std::string& key) { return key == "p/b"; }) == 1);
  const auto& requests = asked.server.requests();
  CHECK(requests.at(0).starts_with("GET /bucket/?encoding-type=url&prefix=p%2F&uploads= "));
  CHECK(requests.at(1).starts_with(
      "GET /bucket/?encoding-type=url&key-marker=p%2Fa&prefix=p%2F&upload-id-marker=i%2B1&uploads= "));
  CHECK(requests.at(2).starts_with("DELETE /bucket/p/b?uploadId=i%2B1 "));
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
