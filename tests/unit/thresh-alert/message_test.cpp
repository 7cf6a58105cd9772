#include "message.hpp"

#include <stdexcept>

#include "catch.hpp"

using weir::thresh_alert::MessageTemplate;

TEST_CASE("places are filled, braces are doubled, missing values have a substitute") {
  const MessageTemplate message("{a} {{x}} {b:-none} {c}");
  std::string out;
  message.append(out, [](const MessageTemplate::Place& place, std::string& text) {
    if (place.name != "a") return false;
    text += "A";
    return true;
  });
  CHECK(out == "A {x} none null");
}

TEST_CASE("an invalid template is refused") {
  CHECK_THROWS_AS(MessageTemplate("{a"), std::invalid_argument);
  CHECK_THROWS_AS(MessageTemplate("a}"), std::invalid_argument);
  CHECK_THROWS_AS(MessageTemplate("{}"), std::invalid_argument);
  CHECK_THROWS_AS(MessageTemplate("{:-x}"), std::invalid_argument);
}
