#include "pipeline_text.hpp"

#include <cstdlib>
#include <stdexcept>

#include "catch.hpp"

using namespace weir;
using namespace weir::pipe_run;

namespace {

std::string shown(std::string_view text) {
  std::string out;
  for (const StageText& stage : parse_pipeline(text)) {
    out += out.empty() ? "" : " / ";
    for (const std::string& each : stage.arguments) out += '[' + each + ']';
  }
  return out;
}

std::string problem(std::string_view text) {
  try {
    parse_pipeline(text);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return {};
}

}  // namespace

TEST_CASE("a pipeline is cut as a shell cuts it") {
  ::setenv("PIPE_TEXT", "x y", 1);
  CHECK(shown("a|b -c 'd | e' |  f\\ g") == "[a] / [b][-c][d | e] / [f g]");
  CHECK(shown(R"(a "b \" | c" 'it'\''s')") == R"([a][b " | c][it's])");
  CHECK(shown("a \"$PIPE_TEXT\" $PIPE_TEXT") == "[a][x y][x][y]");
  CHECK(shown("a \"{city}/#\" 'b > c && d'") == "[a][{city}/#][b > c && d]");
}

TEST_CASE("syntax that needs a shell is refused") {
  CHECK(problem("a | | b").find("empty stage") != std::string::npos);
  CHECK(problem("a |").find("empty stage") != std::string::npos);
  CHECK(problem("a || b").find("empty stage") != std::string::npos);
  CHECK(problem("a > b").find("programs, not a shell") != std::string::npos);
  CHECK(problem("a $(b)").find("programs, not a shell") != std::string::npos);
  CHECK(problem("a; b").find("programs, not a shell") != std::string::npos);
  CHECK(problem("a 'b").find("not closed") != std::string::npos);
  CHECK(problem("a $NO_SUCH_VARIABLE").find("not set") != std::string::npos);
}

TEST_CASE("a pipeline file") {
  const PipelineText read = read_pipeline_file("# hours\nA=1\nB='two words'\n\na x=1\n  | b \\\n  -c\n# end\n | d\n");
  REQUIRE(read.variables.size() == 2);
  CHECK(read.variables[1].second == "two words");
  CHECK(read.pipeline == "a x=1 | b -c | d");
  CHECK_THROWS_AS(read_pipeline_file("# nothing\n"), std::invalid_argument);
  CHECK_THROWS_AS(read_pipeline_file("A=b c\nd\n"), std::invalid_argument);
}
