// links: weir_net_s3
// The XML of S3 servers. Whatever a list or an error is, reading it ends, and a message of it is one short line.
#include <algorithm>
#include <cstdint>
#include <string>

#include "fuzz_expect.hpp"
#include "net/s3/answer.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string xml(data, data + size);
  if (const auto page = weir::s3::read_list(xml)) {
    expect(page->keys.size() <= xml.size() && (!page->next || !page->next->empty()));
    for (const std::string& key : page->keys) expect(key.size() <= xml.size());
  }
  if (const auto page = weir::s3::read_uploads(xml)) {
    expect(page->uploads.size() <= xml.size());
    for (const auto& upload : page->uploads) expect(!upload.id.empty() && upload.key.size() <= xml.size());
  }
  if (const auto id = weir::s3::upload_id(xml)) {
    // Whatever a tag is, the body has as many parts as there are tags, and nothing of it is markup.
    const std::string body = weir::s3::completion_of({*id, xml});
    expect(std::count(body.begin(), body.end(), '<') == 14);
  }
  const std::string text = weir::s3::error_text(xml);
  expect(text.size() <= 300 && text.find('\n') == std::string::npos);
  expect(weir::s3::error_code(xml).size() <= xml.size());
  return 0;
}
