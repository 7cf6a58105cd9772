// links: weir_net_s3
// The XML of S3 servers. Whatever a list or an error is, reading it ends, and a message of it is one short line.
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
  const std::string text = weir::s3::error_text(xml);
  expect(text.size() <= 300 && text.find('\n') == std::string::npos);
  expect(weir::s3::error_code(xml).size() <= xml.size());
  return 0;
}
