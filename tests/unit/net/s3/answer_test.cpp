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

TEST_CASE("errors") {
  const std::string error = "<Error><Code>NoSuchBucket</Code><Message>It is\nnot &quot;there&quot;</Message></Error>";
  CHECK(error_code(error) == "NoSuchBucket");
  CHECK(error_text(error) == "NoSuchBucket: It is not \"there\"");
  CHECK(error_text("<html>").empty());
  CHECK(error_text("<Message>" + std::string(1000, 'x') + "</Message>").size() == 300);
}
