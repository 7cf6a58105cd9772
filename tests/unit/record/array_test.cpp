#include <vector>

#include "catch.hpp"
#include "record/parser.hpp"

namespace {

struct Walk {
  std::vector<std::string> raw;
  std::vector<std::string> text;
  std::string reason;
};

Walk walk(std::string_view array, std::size_t stop_after = 1000) {
  Walk result;
  weir::RecordParser parser{weir::FieldSet()};
  const bool done = parser.each_element(array, [&](const weir::Value& element) {
    result.raw.emplace_back(element.raw);
    result.text.emplace_back(element.text);
    return result.raw.size() < stop_after;
  });
  if (!done) result.reason = parser.reason();
  return result;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("the elements of an array, bytes as they came") {
  CHECK(walk(R"( [1.50, "a\u0062", {"x": [1, 2]} ,[3,4],null, true])").raw ==
        Texts{"1.50", R"("a\u0062")", R"({"x": [1, 2]})", "[3,4]", "null", "true"});
  CHECK(walk(R"(["a\u0062"])").text == Texts{"ab"});
  CHECK(walk("[]").raw.empty());
  CHECK(walk("[]").reason.empty());
  CHECK(walk("[1,2,3]", 2).raw == Texts{"1", "2"});
}

TEST_CASE("other values than arrays are refused") {
  for (const char* text : {"", " ", "{}", "7", "[1", "[1,", "[nope]", "[01]", "[1]]", "[1] [2]", "[\"\\x\"]", "[,]"}) {
    INFO(text);
    CHECK_FALSE(walk(text).reason.empty());
  }
}
