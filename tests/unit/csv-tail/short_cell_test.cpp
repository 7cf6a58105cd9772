#include "short_cell.hpp"

#include <string>

#include "catch.hpp"
#include "cell_rules.hpp"
#include "record/json_text.hpp"
#include "record/number.hpp"

using namespace weir;
using namespace weir::csv_tail;

namespace {

/// The cell as JSON, by the functions that take any cell.
std::string by_rules(std::string_view cell) {
  std::string out;
  if (cell.empty()) return "null";
  if (is_json_number(cell)) return std::string(cell);
  if (CellRules().append_number(cell, out)) return out;
  append_json_string(out, cell);
  return out;
}

/// Checks that the cell is left, or written as by_rules() does, whatever comes after it. Returns whether it was
/// written.
bool is_written(const std::string& cell) {
  bool written = false;
  for (const char after : {'0', '.', '"', ',', '\n', '\xFF'}) {
    const std::string text = cell + std::string(32, after);
    std::string to(short_cell_room, '#');
    const char* const end = write_short_cell(to.data(), std::string_view(text).substr(0, cell.size()));
    written = end != nullptr;
    if (!written) continue;
    const std::string got(to.data(), static_cast<std::size_t>(end - to.data()));
    if (got != by_rules(cell)) FAIL("'" << cell << "' became " << got);
  }
  return written;
}

}  // namespace

TEST_CASE("short cells of the characters of numbers are written as the rules have it") {
  const std::string characters = "019-+.eE,x";
  std::size_t written = 0;
  std::string cell;
  const auto each = [&](const auto& self, std::size_t more) -> void {
    written += is_written(cell) ? 1 : 0;
    if (more == 0) return;
    for (const char c : characters) {
      cell += c;
      self(self, more - 1);
      cell.pop_back();
    }
  };
  each(each, 5);
  CHECK(written > 40000);  // x is in most of them
}

TEST_CASE("cells of up to 32 bytes are written unless a byte needs an escape, longer ones are left") {
  for (std::size_t size = 0; size <= 40; ++size) {
    CHECK(is_written(std::string(size, 'x')) == (size <= 32));
    CHECK(is_written(std::string(size, '1')) == (size <= 16));
    for (std::size_t at = 0; at < size; ++at) {
      for (const char c : {'"', '\\', '\n', '\x1f', '\x7f', '\0'}) {
        std::string cell(size, 'x');
        cell[at] = c;
        CHECK_FALSE(is_written(cell));
        cell.assign(size, '1')[at] = c;
        CHECK_FALSE(is_written(cell));
      }
      std::string number(size, '7');
      number[at] = '.';
      is_written(number);
      is_written(number.assign(size, '7').replace(at, 1, "\xC3\xA9"));
    }
  }
}
