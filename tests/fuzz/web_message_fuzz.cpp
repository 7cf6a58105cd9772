// links: weir_net_http_server stage_dash-serve

// Targets, forms, base64 and hosts of requests, and command lines: what is parsed of them without a library.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "net/http_server/message.hpp"
#include "subscriptions.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weir;
  using namespace weir::dash_serve;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto must = [](bool holds) {
    if (!holds) std::abort();
  };
  web::Request request;
  if (web::parse_target(text, request)) must(text.starts_with('/') && request.path.starts_with('/'));
  if (const auto form = web::parse_form(text)) must(form->size() <= 100);
  if (const auto plain = web::percent_decode(text, web::Plus::is_plus)) {
    // What was decoded can be written again, and means the same.
    must(web::percent_decode(web::percent_encode(*plain), web::Plus::is_blank) == plain);
    must(plain->find('\0') == std::string::npos);
  }
  if (const auto bytes = web::decode_base64(text)) must(bytes->size() <= text.size());
  const std::string host = web::host_of(text);
  must(host.find_first_of(" \r\n/@") == std::string::npos);
  try {
    for (const std::string& argument : split_command(text)) must(argument.size() <= text.size());
  } catch (const std::invalid_argument&) {
  }
  must(fill_in(text, {{"email", ""}}).size() <= text.size());
  return 0;
}
