#include <fmt/format.h>

#include <string>
#include <vector>

#include "catch.hpp"
#include "record/parser.hpp"
#include "win_calc.hpp"

using namespace weir;
using namespace weir::win_calc;

namespace {

/// Calculations over readings.
Settings calculating(const std::vector<std::string>& calculations) {
  Settings settings;
  settings.time.field = "t";
  settings.time.epochs = weir::Epochs::any;
  settings.calculations = calculations;
  settings.shape = Shape::wide_rows;
  return settings;
}

}  // namespace

TEST_CASE("a value that is not a number costs no other value of its record") {
  Settings settings = calculating({"p = u * i", "q = u + 1", "r = concat(u * 2, s)"});
  const auto run = [](const Settings& given, const char* line, Output& out, std::string& counts) {
    WinCalc stage(given);
    RecordParser parser(stage.fields());
    const Verdict verdict = stage.on_record(*parser.parse_copy(line, 1), out);
    counts = stage.counts().text();
    return verdict.reason();
  };
  const std::string minute = R"({"t":"1970-01-01T00:01:00Z",)";
  std::string counts;
  Output out;
  CHECK(run(settings, R"({"t":60,"u":3,"i":"21,5","s":"V"})", out, counts).empty());
  CHECK(out.lines == minute + "\"p\":null}\n" + minute + "\"q\":4}\n" + minute + "\"r\":\"6V\"}\n");
  REQUIRE(out.messages.size() == 1);
  CHECK(out.messages[0].text == "i \"21,5\" is not a number (csv-tail --decimal , makes it one): left out");
  CHECK(counts == "1 non-numeric value left out");

  for (const char* wrong : {R"("7")", "true", "1e400", "[1]"}) {  // u is an operand of arithmetic, also beside strings
    Output other;
    CHECK(run(settings, fmt::format(R"({{"t":60,"u":{},"i":1,"s":"V"}})", wrong).c_str(), other, counts).empty());
    CHECK(other.lines == minute + "\"p\":null}\n" + minute + "\"q\":null}\n" + minute + "\"r\":null}\n");
    REQUIRE(other.messages.size() == 1);
    CHECK(other.messages[0].text.starts_with(fmt::format("u {} is not a number", wrong)));
  }
  CHECK(run(settings, R"({"t":60,"u":"x","i":"y"})", out, counts) == "u \"x\" is not a number");
  settings.strict = true;
  CHECK(run(settings, R"({"t":60,"u":3,"i":"x","s":"V"})", out, counts) == "i \"x\" is not a number");
}

TEST_CASE("a calculation over a value of the wrong type is null and reported, or with strict a reject") {
  Settings settings = calculating({"r = length(coalesce(v, 'none'))"});
  WinCalc stage(settings);
  RecordParser parser(stage.fields());
  Output out;
  CHECK_FALSE(stage.on_record(*parser.parse_copy(R"({"t":60,"v":7})", 1), out).rejected());
  CHECK(out.lines == "{\"t\":\"1970-01-01T00:01:00Z\",\"r\":null}\n");
  REQUIRE(out.messages.size() == 1);
  CHECK(out.messages[0].text == "coalesce(v, 'none') is a number where a string is needed: r is null");
  CHECK(stage.counts().text() == "1 result null because a value was of the wrong type");
  settings.strict = true;
  WinCalc strict(settings);
  CHECK(strict.on_record(*parser.parse_copy(R"({"t":60,"v":7})", 1), out).reason() ==
        "coalesce(v, 'none') is a number where a string is needed");
}
