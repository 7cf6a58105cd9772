// links: stage_ml-call weir_record
// A model server's answer, of any bytes: as many predictions as rows, each of which is JSON, or a reason in ASCII.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "../support/fuzz_expect.hpp"
#include "protocol.hpp"
#include "record/json_text.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weir;
  using namespace weir::ml_call;
  if (size < 1 || size > 4096) return 0;
  const std::string_view answer(reinterpret_cast<const char*>(data) + 1, size - 1);
  ProtocolSettings settings;
  settings.protocol = (data[0] & 1) != 0 ? Protocol::v2 : Protocol::json;
  settings.list = (data[0] & 2) != 0;
  if ((data[0] & 4) != 0) settings.answer = "p";
  const std::size_t rows = settings.protocol == Protocol::v2 || settings.list ? 1 + data[0] / 8 % 3 : 1;
  ProtocolCodec codec(settings, {"a"});
  FieldSet none;
  RecordParser parser(none, Checking::every_token);
  try {
    const auto predictions = codec.read(answer, rows);
    expect(predictions.size() == rows);
    for (const std::string& each : predictions) {
      expect(each.find('\n') == std::string::npos);
      expect(parser.parse_copy("{\"p\":" + each + '}', 1) != nullptr);
    }
  } catch (const BadAnswer& bad) {
    expect(is_utf8(bad.what()));
  }
  return 0;
}
