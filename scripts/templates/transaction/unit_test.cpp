#include "@FILE@.hpp"

#include <unistd.h>

#include <filesystem>

#include "catch.hpp"
#include "record/parser.hpp"
#include "state/atomic_file.hpp"

TEST_CASE("an epoch is committed with its records, once") {
  const auto store = std::filesystem::temp_directory_path() / ("@NAME@-" + std::to_string(getpid()));
  weir::@SPACE@::@CLASS@ stage{{store.string()}};
  CHECK(stage.fence({"pipe", "run", ".", false}) == 0);
  weir::RecordParser parser(stage.fields());
  const weir::Record* record = parser.parse_copy(R"({"a":1.10})", 1);
  REQUIRE(record != nullptr);
  CHECK_FALSE(stage.on_record(*record).rejected());
  CHECK(stage.commit(1));
  CHECK_THROWS(stage.commit(1));
  CHECK(weir::state::read_file(store.string()) == "1 run\n{\"a\":1.10}\n");
  std::filesystem::remove(store);
}
