#include "pack.hpp"

#include "catch.hpp"

using namespace weir;
using namespace weir::mqtt_pub;

namespace {

/// Adds a record whose payload is its whole line.
void add(Pack& pack, std::string_view topic, std::string_view line, std::uint64_t number) {
  pack.add({topic, line, number, line});
}

std::string rejects_of(const PackedRecords& records, std::uint64_t number, const state::Outbox& outbox) {
  std::string all;
  records.for_each(number, outbox[number],
                   [&](std::uint64_t line, std::string_view raw) { all += std::to_string(line) + ":" += raw; });
  return all;
}

/// An outbox with a pack of two records, a pack of another topic, and their records.
void fill(state::Outbox& outbox, PackedRecords& records) {
  Pack pack({10, 1000});
  add(pack, "a", R"({"x":1})", 3);
  add(pack, "a", R"({"x":22})", 7);
  records.add(outbox.size(), pack);
  outbox.add({pack.topic(), pack.payload(), 3, pack.raw()});
  pack.clear();
  pack.add({"b", "21.5", 9, R"({"y":21.5})"});
  pack.add({"b", "22", 10, R"({"y":22})"});
  records.add(outbox.size(), pack);
  outbox.add({pack.topic(), pack.payload(), 9, pack.raw()});
}

std::string saved(state::Outbox& outbox, PackedRecords& records) {
  std::string bytes;
  SnapshotWriter to(bytes);
  StateArchive archive(to);
  archive.value(outbox);
  records.state(archive, outbox);
  return bytes;
}

}  // namespace

TEST_CASE("a pack is an array at any time") {
  Pack pack({3, 1000});
  CHECK(pack.empty());
  add(pack, "a/b", R"({"x":1})", 1);
  CHECK(pack.payload() == R"([{"x":1}])");
  add(pack, "a/b", R"({ "x" : 2 })", 2);
  CHECK(pack.payload() == R"([{"x":1},{ "x" : 2 }])");
  CHECK(pack.topic() == "a/b");
  CHECK_FALSE(pack.full());
  add(pack, "a/b", "{}", 4);
  CHECK(pack.full());
  pack.clear();
  CHECK(pack.empty());
  add(pack, "c", "{}", 5);
  CHECK(pack.payload() == "[{}]");
  CHECK(pack.topic() == "c");
}

TEST_CASE("a record joins those of its topic, within both limits") {
  Pack pack({3, 15});
  CHECK(pack.takes("a", "a line that is longer than all of the bytes"));  // alone
  add(pack, "a", "123456", 1);
  CHECK(pack.takes("a", "123456"));         // [123456,123456] has 15 bytes
  CHECK_FALSE(pack.takes("a", "1234567"));  // one more
  CHECK_FALSE(pack.takes("b", "123456"));
  add(pack, "a", "1", 2);
  add(pack, "a", "2", 3);
  CHECK_FALSE(pack.takes("a", "3"));
  pack.clear();
  CHECK(pack.takes("b", "123456"));
}

TEST_CASE("each record of a pack is rejected by its own line, whether the payload is the line or a field") {
  state::Outbox outbox;
  PackedRecords records;
  CHECK(records.empty());
  fill(outbox, records);
  CHECK(rejects_of(records, 0, outbox) == R"(3:{"x":1}7:{"x":22})");
  CHECK(outbox[1].payload == "[21.5,22]");
  CHECK(rejects_of(records, 1, outbox) == R"(9:{"y":21.5}10:{"y":22})");
}

TEST_CASE("the records of packs come back from a snapshot, and those of another outbox are refused") {
  state::Outbox outbox;
  PackedRecords records;
  fill(outbox, records);
  const std::string bytes = saved(outbox, records);
  SnapshotReader from(bytes);
  StateArchive archive(from);
  state::Outbox loaded;
  PackedRecords loaded_records;
  archive.value(loaded);
  loaded_records.state(archive, loaded);
  CHECK(rejects_of(loaded_records, 0, loaded) == R"(3:{"x":1}7:{"x":22})");
  CHECK(rejects_of(loaded_records, 1, loaded) == R"(9:{"y":21.5}10:{"y":22})");

  state::Outbox other;
  other.add({"a", "short", 1, "short"});
  other.add({"a", "short", 1, "short"});
  const std::string mixed = saved(other, records);
  SnapshotReader from_mixed(mixed);
  StateArchive wrong(from_mixed);
  wrong.value(loaded);
  CHECK_THROWS_AS(loaded_records.state(wrong, loaded), SnapshotError);
}
