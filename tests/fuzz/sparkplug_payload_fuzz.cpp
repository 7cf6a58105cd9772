// links: weir_sparkplug

// Messages of Sparkplug that any node may send: their lines are JSON.
#include <cstdint>
#include <string>

#include "fuzz_choice.hpp"
#include "fuzz_expect.hpp"
#include "record/parser.hpp"
#include "sparkplug/host.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weir;
  using namespace weir::sparkplug;
  const auto [choice, bytes] = FuzzChoice(data, size);
  static RecordParser parser{FieldSet(), Checking::every_token};
  const char* topics[] = {"spBv1.0/g/NBIRTH/n",  "spBv1.0/g/DBIRTH/n/d", "spBv1.0/g/NDATA/n",
                          "spBv1.0/g/DDATA/n/d", "spBv1.0/g/NDEATH/n",   "spBv1.0/g/DDEATH/n/d"};
  const auto check = [](std::string_view line, std::string_view, std::string_view reason) {
    if (!reason.empty()) return;
    const bool not_a_number = line.find("\"value\":NaN") != line.npos || line.find("Infinity") != line.npos;
    expect(not_a_number || parser.parse_copy(line, 1) != nullptr);
  };
  Host host;
  // As a birth, then as the chosen message, which reads aliases of the birth.
  host.read(topics[0], bytes, Time(), check);
  host.read(topics[choice % 6], bytes, Time(), check);
  const bool refused = host.read(bytes.substr(0, 40), bytes, Time(), check) == Host::Outcome::refused;
  expect(refused != host.reason().empty());
  return 0;
}
