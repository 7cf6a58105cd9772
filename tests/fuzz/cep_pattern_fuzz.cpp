// links: stage_cep-match weir_expr weir_record
// Patterns in a line and clauses of MATCH_RECOGNIZE: read or refused with words, never more. What is read runs over
// records with bounded work, and its rows are whole records. A text that begins with `|` has a
// pattern and definitions, with `#` between.
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include "cep_match.hpp"
#include "fuzz_expect.hpp"
#include "fuzz_records.hpp"
#include "record/parser.hpp"

namespace {

using namespace weir;
using namespace weir::cep_match;

constexpr const char* lines[] = {R"({"timestamp":"2026-01-01T00:00:00Z","k":"A","a":1,"b":2.5,"s":"x"})",
                                 R"({"timestamp":"2026-01-01T00:01:00Z","k":"A","a":-1,"b":0,"s":""})",
                                 R"({"timestamp":"2026-01-01T00:01:00Z","k":"B","a":36,"s":"rain","t":true})",
                                 R"({"timestamp":"2026-01-01T00:06:00Z","k":"A","a":40,"b":null,"o":{"a":1}})",
                                 R"({"timestamp":"2026-01-01T00:02:00Z","k":"A","a":40})",
                                 R"({"timestamp":"2026-01-01T00:30:00Z","k":"A","a":1e300,"b":-1e300,"s":7})",
                                 R"({"timestamp":"2026-01-01T00:31:00Z","k":"A","a":2,"b":"text"})",
                                 R"({"timestamp":"2026-01-02T00:00:00Z","k":null,"a":3})"};

void run(Settings settings) {
  settings.by = settings.match_recognize.empty() ? std::vector<std::string>{"k"} : std::vector<std::string>{};
  settings.max_threads = 8;
  settings.max_records = 6;
  settings.lateness = std::chrono::minutes(2);
  settings.late.value = "drop";
  std::string written;
  try {
    CepMatch stage(settings);
    Output out;
    for_each_record(stage, lines, [&](const Record& record) { static_cast<void>(stage.on_record(record, out)); });
    stage.on_end(out);
    written = std::move(out.lines);
    expect(!stage.counts().text().empty() || stage.steps() < 50'000'000);
  } catch (const std::invalid_argument& error) {
    expect(*error.what() != '\0');
    return;
  }
  RecordParser parser(FieldSet(), Checking::every_token);
  for (std::size_t begin = 0; begin < written.size();) {
    const std::size_t end = written.find('\n', begin);
    expect(end != std::string::npos);
    expect(parser.parse_copy(std::string_view(written).substr(begin, end - begin), 1) != nullptr);
    begin = end + 1;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  Settings settings;
  if (!text.starts_with("|")) {
    settings.match_recognize = text;
    run(std::move(settings));
    return 0;
  }
  std::vector<std::string> parts;
  for (std::size_t begin = 1; begin <= text.size();) {
    const std::size_t end = std::min(text.find('#', begin), text.size());
    parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  if (parts.empty()) return 0;
  settings.pattern = parts.front();
  settings.define.assign(parts.begin() + 1, parts.end());
  settings.measures = {"n = count(*)", "last = classifier()"};
  settings.timeouts = Timeouts::write;
  run(settings);
  settings.skip = "none";
  run(std::move(settings));
  return 0;
}
