// links: weir_tables weir_record
// The files of tables, of any bytes and with any keys and order: a table or a reason; every row that is found is JSON.
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include "../support/fuzz_expect.hpp"
#include "record/parser.hpp"
#include "tables/table.hpp"

namespace {

using namespace weir;
using namespace weir::tables;

/// A row's members are those of a record, one for each name.
void look_at(const Table& table, std::string_view key, Position at, RecordParser& parser) {
  const auto row = table.find(key, at);
  if (!row) return;
  expect(row->ends.size() == table.names().size());
  std::string record = "{\"k\":0" + std::string(row->members) + '}';
  const Record* const parsed = parser.parse_copy(record, 1);
  expect(parsed != nullptr);
  expect(parsed->members().size() == 1 + table.names().size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2 || size > 4096) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 2, size - 2);
  TableSettings settings;
  settings.rows = {"t", static_cast<Format>(data[0] % 4), ',', {}};
  settings.keys = {"k"};
  if ((data[0] & 4) != 0) settings.keys.emplace_back("l");
  settings.order = static_cast<Order>(data[1] % 4);
  settings.duplicates = static_cast<Duplicates>(data[1] / 4 % 3);
  if (settings.order != Order::none) settings.from = "f";
  if (settings.order == Order::numbers || settings.order == Order::times) settings.to = "t";
  FieldSet fields;
  fields.read_members();
  RecordParser parser(fields, Checking::every_token);
  try {
    const Table table(text, settings);
    expect(table.keys() <= table.size());
    for (const std::string_view key : {"a", "1", "a\xff" "1\xff"})
      for (const double at : {-1.0, 0.0, 5.0}) look_at(table, key, position_of(at), parser);
    look_at(table, "a", 1'770'000'000'000'000'000, parser);
  } catch (const TableError& error) {
    expect(std::string_view(error.what()).starts_with("t:"));
  } catch (const std::invalid_argument&) {
    // a column whose name cannot be a path
  }
  return 0;
}
