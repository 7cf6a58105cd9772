// links: stage_win-agg weir_record
// Rows of win-agg --partial from elsewhere: merged, or rejected with a reason that names the member. What is merged
// gives rows that are JSON.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "fuzz_expect.hpp"
#include "record/parser.hpp"
#include "win_agg.hpp"

using namespace weir;
using namespace weir::win_agg;

namespace {

Settings settings() {
  Settings settings;
  settings.every = "1h";
  settings.merges = true;
  settings.by = {"k"};
  settings.aggregates =
      "count() as n, sum(v) as s, stddev(v) as d, min(v) as lo, max(v) as hi, first(v) as f, last(v) as l, "
      "median(v) as m, p99(v) as q, distinct(v) as u";
  return settings;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  WinAgg stage(settings());
  RecordParser parser(stage.fields(), Checking::every_token);
  Output out;
  for (std::uint64_t line = 1; !text.empty(); ++line) {
    const std::string_view one = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), one.size() + 1));
    const Record* const record = parser.parse_copy(one, line);
    if (record == nullptr) continue;
    const Verdict verdict = stage.on_record(*record, out);
    expect(!verdict.rejected() || !verdict.reason().empty());
  }
  stage.on_end(out);
  FieldSet none;
  RecordParser check(none, Checking::every_token);
  for (std::string_view rows = out.lines; !rows.empty();) {
    const std::string_view row = rows.substr(0, rows.find('\n'));
    rows.remove_prefix(row.size() + 1);
    expect(check.parse_copy(row, 1) != nullptr);
  }
  return 0;
}
