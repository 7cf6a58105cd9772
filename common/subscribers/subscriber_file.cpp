#include "subscribers/subscriber_file.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <stdexcept>

#include "csv/cell.hpp"
#include "csv/header.hpp"
#include "csv/row_reader.hpp"
#include "state/atomic_file.hpp"
#include "state/lock_file.hpp"
#include "subscribers/subscribers.hpp"

namespace weir {
namespace {

using Cells = std::vector<std::string>;

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

void append_row(std::string& out, const Cells& cells) {
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i != 0) out += ',';
    if (!cells[i].empty()) csv::append_cell(out, cells[i]);
  }
  out += '\n';
}

/// A list that is being rewritten.
class List {
 public:
  explicit List(const std::string& path) : path_(path) {
    auto lock = state::LockFile::take(path + ".lock", std::chrono::seconds(5));
    if (!lock) throw std::runtime_error(fmt::format("{}: another process keeps it locked", path));
    lock_ = std::move(lock);
    text_ = state::read_file(path).value_or("");
  }

  /// Calls `change` for each row with that address: it edits the row, or empties it to remove the row. Returns the
  /// columns.
  const Cells& rewrite(std::string_view email, const std::function<void(std::optional<Cells>&)>& change) {
    const std::string key = address_key(email);
    csv::RowReader reader;
    reader.append(text_);
    reader.finish();
    std::size_t at_email = 0;
    while (const csv::Row* row = reader.next()) {
      if (columns_.empty() && row->problem == nullptr) {
        columns_ = csv::column_names(row->cells);
        const auto found = std::find(columns_.begin(), columns_.end(), "email");
        if (found == columns_.end()) throw std::runtime_error(fmt::format("{}: there is no column 'email'", path_));
        at_email = static_cast<std::size_t>(found - columns_.begin());
      } else if (row->problem == nullptr && row->cells.size() == columns_.size() &&
                 address_key(trim(row->cells[at_email])) == key) {
        std::optional<Cells> cells(Cells(row->cells.begin(), row->cells.end()));
        change(cells);
        if (cells) append_row(out_, *cells);
        continue;
      }
      out_ += row->raw;
      out_ += '\n';
    }
    if (columns_.empty()) {
      columns_ = {"email", "cities", "name", "timezone"};
      append_row(out_, columns_);
    }
    return columns_;
  }

  void append(const Cells& cells) { append_row(out_, cells); }
  void write() { state::write_file(path_, out_); }

 private:
  const std::string& path_;
  std::optional<state::LockFile> lock_;
  std::string text_;
  std::string out_;
  Cells columns_;
};

}  // namespace

ListChange subscribe(const std::string& path, const Subscription& wanted) {
  List list(path);
  std::vector<Cells> rows;  // the last of several rows is the one in effect, so it stays
  const Cells columns = list.rewrite(wanted.email, [&](std::optional<Cells>& row) {
    rows.push_back(std::move(*row));
    row.reset();
  });
  Cells row = rows.empty() ? Cells(columns.size()) : rows.back();
  const auto set = [&](std::string_view name, const std::string& value) {
    const auto found = std::find(columns.begin(), columns.end(), name);
    if (found != columns.end()) row[static_cast<std::size_t>(found - columns.begin())] = value;
    return found != columns.end();
  };
  if (rows.empty()) set("email", wanted.email);
  if (!set("cities", fmt::format("{}", fmt::join(wanted.cities, ";"))) && !wanted.cities.empty())
    throw std::runtime_error(fmt::format("{}: there is no column 'cities'", path));
  if (!wanted.timezone.empty()) set("timezone", wanted.timezone);
  list.append(row);
  list.write();
  return rows.empty() ? ListChange::added : ListChange::updated;
}

ListChange unsubscribe(const std::string& path, std::string_view email) {
  List list(path);
  bool found = false;
  list.rewrite(email, [&](std::optional<Cells>& row) {
    found = true;
    row.reset();
  });
  if (!found) return ListChange::none;
  list.write();
  return ListChange::removed;
}

}  // namespace weir
