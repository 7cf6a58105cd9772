#include "sent_file.hpp"

#include <filesystem>
#include <stdexcept>

#include "catch.hpp"
#include "folder.hpp"
#include "state/atomic_file.hpp"

using namespace weir;
using namespace weir::owm_poll;
using namespace std::chrono_literals;

TEST_CASE("sent readings are found again, and one run at a time may note them") {
  const test::Folder folder;
  const std::string path = folder.file("sent");
  {
    const SentFile file(path);
    CHECK(file.load().empty());
    SentByCity sent;
    sent["Zürich"].note(Time(1767225600s));
    sent["Zürich"].note(Time(1767225600s + 250ms));
    sent["Rome"].note(Time(1767226200s));
    file.save(sent);
    CHECK_THROWS_AS(SentFile(path), std::runtime_error);
  }
  CHECK(state::read_file(path) ==
        "{\"city\":\"Rome\",\"timestamp\":\"2026-01-01T00:10:00Z\"}\n{\"city\":\"Zürich\",\"timestamp\":\"2026-01-"
        "01T00:00:00Z\"}\n"
        "{\"city\":\"Zürich\",\"timestamp\":\"2026-01-01T00:00:00.250Z\"}\n");
  state::write_file(path,
                    "nonsense\n{\"city\":1}\n{\"city\":\"Oslo\",\"timestamp\":\"soon\"}\n" + *state::read_file(path));
  SentByCity again = SentFile(path).load();
  CHECK(again.size() == 2);
  CHECK_FALSE(again["Zürich"].note(Time(1767225600s + 250ms)));
  CHECK(again["Rome"].note(Time(1767225600s)));
  std::filesystem::remove_all(folder.path);
  CHECK_THROWS(SentFile(path));
}

TEST_CASE("without a path nothing is kept") {
  const SentFile file("");
  CHECK_FALSE(file.wanted());
  CHECK(file.load().empty());
}
