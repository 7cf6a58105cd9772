#include "rec_clean.hpp"

#include <stdexcept>
#include <string>

#include "catch.hpp"
#include "record/parser.hpp"

using weir::clean::OutOfRange;
using weir::rec_clean::RecClean;
using weir::rec_clean::Settings;

namespace {

/// What becomes of one record: its line, `!` and the reasons, or `dropped`.
std::string cleaned(const Settings& settings, const std::string& line) {
  RecClean stage(settings);
  weir::RecordParser parser(stage.fields());
  weir::Output out;
  const weir::Record* record = parser.parse_copy(line, 1);
  REQUIRE(record != nullptr);
  const weir::Verdict verdict = stage.on_record(*record, out);
  if (verdict.rejected()) {
    CHECK(out.lines.empty());
    return "! " + verdict.reason();
  }
  if (out.lines.empty()) return "dropped";
  out.lines.pop_back();
  return out.lines;
}

Settings with(std::vector<std::string> Settings::*option, std::vector<std::string> texts) {
  Settings settings;
  settings.*option = std::move(texts);
  return settings;
}

std::string refusal(std::vector<std::string> Settings::*option, const std::string& text) {
  try {
    const RecClean stage(with(option, {text}));
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "taken";
}

}  // namespace

TEST_CASE("a value of another type is a reject, null, or a number in a string") {
  const Settings settings = with(&Settings::types, {"a=number", "b=integer:null", "c=string", "d=boolean", "e=object"});
  CHECK(cleaned(settings, R"({"a":" +07.50","b":"3","c":"x","d":true,"e":{}})") ==
        R"({"a":7.50,"b":3,"c":"x","d":true,"e":{}})");
  CHECK(cleaned(settings, R"({"a":null,"x": 1.0})") == R"({"a":null,"x": 1.0})");
  CHECK(cleaned(settings, R"({"b":2.5})") == R"({"b":null})");
  CHECK(cleaned(settings, R"({"a":"wet","c":1,"d":0,"e":[]})") ==
        R"(! a "wet" is not a number; c 1 is not a string; d 0 is not a boolean; e [] is not an object)");
}

TEST_CASE("each action of a range") {
  Settings settings = with(&Settings::ranges, {"v=0..10"});
  CHECK(cleaned(settings, R"({"v":10})") == R"({"v":10})");
  CHECK(cleaned(settings, R"({"v":10.1})") == "! v 10.1 is not in 0..10");
  CHECK(cleaned(settings, R"({"v":"high"})") == R"(! v "high" is not a number)");
  settings.out_of_range = OutOfRange::set_null;
  CHECK(cleaned(settings, R"({"v":-1})") == R"({"v":null})");
  settings.ranges = {"v=0..10:clamp", "w=..5:flag"};
  CHECK(cleaned(settings, R"({"v":-1,"w":7})") == R"({"v":0,"w":7,"w_flag":4})");
  CHECK(cleaned(settings, R"({"v":"x"})") == R"({"v":null,"w_flag":9})");
  CHECK(cleaned(settings, R"({"w":"1","w_flag":8})") == R"({"w":1,"w_flag":1})");
}

TEST_CASE("a record with nothing to do comes out the short way as the long one has it") {
  Settings brief = with(&Settings::ranges, {"v=0..10", "w=..5:null", "x=-1..:clamp"});
  brief.types = {"n=integer", "t=string"};
  brief.require = {"v", "t"};
  brief.not_empty = GENERATE(false, true);
  Settings whole = brief;
  whole.drop = {"false"};
  for (const std::string v : {"0", "10", "10.0000000000000001", "-0.0", "10.001", "-1e-9", "1e999", "\"7\"", "\"\"",
                              "null", "true", "[1]", "123456789012345678901"})
    for (const std::string rest :
         {R"(,"t":"a")", R"(,"t":"a","w":5, "x":-1)", R"(,"t":"","w":null)", R"(,"t":null)", R"(,"t":"a","n":1.5)",
          R"(,"t":"a","n":"3","x":-2)", R"(,"t":"a" ,"v":3, "n":3.0)", R"(,"t":{})", ""}) {
      const std::string line = "{ \"v\":" + v + rest + " }";
      CHECK(cleaned(brief, line) == cleaned(whole, line));
    }
}

TEST_CASE("ranges of long records go by the parameter") {
  Settings settings = with(&Settings::ranges, {"pH=0..14", "BOD=0..2000:null"});
  settings.parameter = "p";
  CHECK(cleaned(settings, R"({"p":"pH","value":15})") == "! value 15 is not in 0..14");
  CHECK(cleaned(settings, R"({"p":"BOD","value":-1})") == R"({"p":"BOD","value":null})");
  CHECK(cleaned(settings, R"({"p":"other","value":-1})") == R"({"p":"other","value":-1})");
  CHECK(cleaned(settings, R"({"p":7,"value":-1})") == R"({"p":7,"value":-1})");
}

TEST_CASE("steps see what those before them have made") {
  Settings settings;
  settings.ranges = {"a=0..100:null"};
  settings.sets = {"b = a * 2", "c = b + 1", "d = coalesce(a, -1)", "s = concat(t, '!')"};
  settings.keep = {"c > 10 or d < 0"};
  settings.rounds = {"c=0"};
  CHECK(cleaned(settings, R"({"a":"5.3","t":"x"})") == R"({"a":5.3,"t":"x","b":10.6,"c":12,"d":5.3,"s":"x!"})");
  CHECK(cleaned(settings, R"({"a":1})") == "dropped");
  CHECK(cleaned(settings, R"({"a":500})") == R"({"a":null,"b":null,"c":null,"d":-1,"s":null})");
  settings.require = {"b", "t"};
  CHECK(cleaned(settings, R"({"a":500})") == "! b is null; t is missing");
}

TEST_CASE("an operand of the wrong type is unknown, or a reject with strict") {
  Settings settings = with(&Settings::drop, {"a > 1"});
  CHECK(cleaned(settings, R"({"a":"x"})") == R"({"a":"x"})");
  settings.strict = true;
  CHECK(cleaned(settings, R"({"a":"x"})").starts_with("! a "));
}

TEST_CASE("members are renamed and chosen") {
  CHECK(cleaned(with(&Settings::renames, {"a=b c", "x=y"}), R"({ "a" : 1, "n":{"a":2}})") ==
        R"({ "b c" : 1, "n":{"a":2}})");
  CHECK(cleaned(with(&Settings::renames, {"a=b"}), R"({"a":1,"b":2})") == "! there is a member 'b' already (--rename)");
  CHECK(cleaned(with(&Settings::select, {"n.x as x", "a", "none"}), R"({"a":1.10,"n":{"x":"é"}})") ==
        R"({"x":"é","a":1.10,"none":null})");
}

TEST_CASE("values within objects are set in their place") {
  Settings settings = with(&Settings::sets, {"n.x = n.x + 1"});
  CHECK(cleaned(settings, R"({"n":{"x":1,"y":2}})") == R"({"n":{"x":2,"y":2}})");
  CHECK(cleaned(settings, R"({"m":1})") == R"({"m":1,"n.x":null})");
}

TEST_CASE("options that cannot be used name themselves") {
  CHECK(refusal(&Settings::types, "a=text") ==
        "--type: 'text' is no type: number, integer, string, boolean, object or array is");
  CHECK(refusal(&Settings::types, "a=number:drop") == "--type: after the colon null or reject is expected");
  CHECK(refusal(&Settings::types, "a") == "--type: 'a' is not FIELD=TYPE, as in value=number");
  CHECK(refusal(&Settings::ranges, "a=9..1") == "--range: the lower limit is above the upper one");
  CHECK(refusal(&Settings::rounds, "a=x") == "--round: 'x': from -15 to 15 decimals are possible");
  CHECK(refusal(&Settings::renames, "a=") == "--rename: 'a=' is not OLD=NEW");
  CHECK(refusal(&Settings::sets, "a==1") == "--set: 'a==1' is not NAME=EXPRESSION");
  CHECK(refusal(&Settings::keep, "a >") != "taken");
  Settings both;
  both.renames = {"a=b"};
  both.select = {"a"};
  CHECK_THROWS_AS(RecClean(both), std::invalid_argument);
}

TEST_CASE("a reason is told once, and one that another contains is told too") {
  Settings settings = with(&Settings::types, {"v=number"});
  settings.ranges = {"v=0..1"};
  settings.require = {"aa", "a"};
  CHECK(cleaned(settings, R"({"v":"wet"})") == R"(! v "wet" is not a number; aa is missing; a is missing)");
}

TEST_CASE("a converted value that is beyond a double becomes null, and with strict rejects its record") {
  Settings settings = with(&Settings::conversions, {"v:km->m", "length[unit]->m", "t_f->t_c"});
  CHECK(cleaned(settings, R"({"v":1e308,"length":-1e306,"unit":"km","t_f":1e308,"t_c":0})") ==
        R"({"v":null,"length":null,"unit":"m","t_f":1e308,"t_c":5.555555555555556e+307})");
  settings.strict = true;
  CHECK(cleaned(settings, R"({"v":1e308})") == "! v 1e308 is beyond the range of a double in m (--convert)");
}
