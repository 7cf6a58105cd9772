// links: weir_influx weir_record
// Bodies of a server's answers: any bytes give a text that fits into a message.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "influx/answer.hpp"
#include "record/json_text.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  const std::string text = weir::influx::text_of(body);
  if (text.size() > 310 || !weir::is_utf8(text)) std::abort();
  for (const char c : text)
    if (static_cast<unsigned char>(c) < ' ') std::abort();
  if (weir::influx::outcome_of(503, body) == weir::influx::Outcome::written) std::abort();
  return 0;
}
