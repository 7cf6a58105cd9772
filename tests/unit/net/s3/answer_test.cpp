#include "net/s3/answer.hpp"

#include "catch.hpp"

using namespace weir::s3;

TEST_CASE("a page of a list") {
  const auto page = read_list(
      "<?xml version=\"1.0\"?>\n<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
      "<EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>"
      "<Contents><Key>a+b/%3D%26amp&#x41;&amp;.json</Key><Size>1</Size></Contents>"
      "<Contents><Size>1</Size><Key>c%</Key></Contents><NextContinuationToken>t&lt;1</NextContinuationToken></"
      "ListBucketResult>");
  REQUIRE(page);
  CHECK(page->keys == std::vector<std::string>{"a b/=&ampA&.json", "c%"});
  CHECK(page->next == "t<1");
}

TEST_CASE("the last page, and keys that are not encoded") {
  const auto page = read_list(
      "<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>a+%41</Key></Contents></ListBucketResult>");
  REQUIRE(page);
  CHECK(page->keys == std::vector<std::string>{"a+%41"});
  CHECK_FALSE(page->next);
}

TEST_CASE("what is not a list") {
  CHECK_FALSE(read_list(""));
  CHECK_FALSE(read_list("<html>"));
  CHECK_FALSE(read_list("<ListBucketResult><Contents></Contents></ListBucketResult>"));
  CHECK_FALSE(read_list("<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>"));
}

TEST_CASE("uploads in parts") {
  CHECK(
      upload_id(
          "<InitiateMultipartUploadResult><Key>k</Key><UploadId>a&amp;b</UploadId></InitiateMultipartUploadResult>") ==
      "a&b");
  CHECK_FALSE(upload_id("<UploadId></UploadId>"));
  CHECK_FALSE(upload_id("<html>"));
  const auto page = read_uploads(
      "<ListMultipartUploadsResult><KeyMarker></KeyMarker><NextKeyMarker>b%2Fc</NextKeyMarker>"
      "<NextUploadIdMarker>2</NextUploadIdMarker><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>"
      "<Upload><Key>a%3D1/x</Key><UploadId>1</UploadId></Upload><Upload><UploadId>2</UploadId><Key>b%2Fc</Key></Upload>"
      "</ListMultipartUploadsResult>");
  REQUIRE(page);
  REQUIRE(page->uploads.size() == 2);
  CHECK(page->uploads[0].key == "a=1/x");
  CHECK(page->uploads[0].id == "1");
  CHECK(page->uploads[1].key == "b/c");
  REQUIRE(page->next);
  CHECK(page->next->key == "b/c");
  CHECK(page->next->id == "2");
  CHECK_FALSE(read_uploads("<ListMultipartUploadsResult></ListMultipartUploadsResult>")->next);
  for (const char* none :
       {"", "<html>", "<ListMultipartUploadsResult><Upload><Key>a</Key></Upload></ListMultipartUploadsResult>",
        "<ListMultipartUploadsResult><IsTruncated>true</IsTruncated></ListMultipartUploadsResult>"})
    CHECK_FALSE(read_uploads(none));
  CHECK(completion_of({"\"x\"", "a&<"}) ==
        "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
        "<Part><PartNumber>1</PartNumber><ETag>&quot;x&quot;</ETag></Part>"
        "<Part><PartNumber>2</PartNumber><ETag>a&amp;&lt;</ETag></Part></CompleteMultipartUpload>");
}

TEST_CASE("errors") {
  const std::string error = "<Error><Code>NoSuchBucket</Code><Message>It is\nnot &quot;there&quot;</Message></Error>";
  CHECK(error_code(error) == "NoSuchBucket");
  CHECK(error_text(error) == "NoSuchBucket: It is not \"there\"");
  CHECK(error_text("<html>").empty());
  CHECK(error_text("<Message>" + std::string(1000, 'x') + "</Message>").size() == 300);
}
