// A table in memory, found by key, and by an interval or as of a time.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "record/field_as.hpp"
#include "record/key_table.hpp"
#include "tables/rows.hpp"
#include "time/timestamp.hpp"

namespace weir::tables {

/// What orders the rows of a key.
enum class Order : std::uint8_t {
  none,     ///< a key has one row
  numbers,  ///< an interval of numbers
  times,    ///< an interval of times
  as_of     ///< a time from which the row holds, until the next one of its key
};

/// Which of two rows counts that could both be found.
enum class Duplicates : std::uint8_t { refused, first, last };

/// How a file becomes a table.
struct TableSettings {
  RowSettings rows;
  std::vector<std::string> keys;  ///< columns
  std::vector<FieldAs> take;      ///< columns, and the names of their members; empty: all that are not used otherwise
  Order order = Order::none;
  std::string from;               ///< the column of an interval's begin, or of the time as of which a row holds
  std::string to;                 ///< of an interval's end, which does not belong to it
  Duplicates duplicates = Duplicates::refused;
  TimeParser times{};             ///< reads the times of the file
};

/// A place in the order of rows: a time, or a number. Compares as they do.
using Position = std::int64_t;
Position position_of(Time time);
/// `number` is finite.
Position position_of(double number);

/// Appends one part of a key, which is all there is of it where `parts` is 1.
void append_key(std::string& key, std::string_view text, std::size_t parts);

/// Where each of a row's members ends, from their begin.
class Ends {
 public:
  Ends() = default;
  /// Views bytes of such numbers, in the order of this machine.
  Ends(const char* bytes, std::size_t size) : bytes_(bytes), size_(size) {}
  explicit Ends(std::span<const std::uint32_t> ends)
      : Ends(reinterpret_cast<const char*>(ends.data()), ends.size()) {}

  std::size_t size() const { return size_; }
  std::uint32_t operator[](std::size_t member) const {
    std::uint32_t end = 0;
    std::memcpy(&end, bytes_ + member * sizeof end, sizeof end);
    return end;
  }

 private:
  const char* bytes_ = nullptr;
  std::size_t size_ = 0;
};

/// The rows of a file, by key. The members that a row gives to a record are held as JSON.
class Table {
 public:
  /// A row that was found. Views live as long as the table.
  struct Row {
    std::string_view members;  ///< `,"a":1,"b":"x"`
    Ends ends;
    Position from = 0;
  };

  /// Throws TableError.
  Table(std::string_view text, const TableSettings& settings);

  /// The row of a key; nullopt when there is none. A table with an order needs the position.
  std::optional<Row> find(std::string_view key, Position at = 0) const;

  /// The columns that were taken, in their order.
  const std::vector<FieldAs>& taken() const { return taken_; }
  /// The names of the members that a row gives.
  const std::vector<std::string>& names() const { return names_; }
  /// The length of `,"name":` before a member's token.
  std::size_t opening(std::size_t member) const { return openings_[member].size(); }

  std::size_t size() const { return size_; }
  std::size_t keys() const { return index_.size(); }
  /// Rows that were left out: without a key, or as duplicates.
  std::size_t without_key() const { return without_key_; }
  std::size_t duplicates() const { return duplicates_; }

 private:
  /// The rows of a key: in rows_, or without an order the begin of its one row in text_, as a look-up is the memory
  /// that it has to wait for.
  struct Span {
    std::uint64_t first = 0;
    std::uint32_t count = 0;
  };
  struct Stored {
    std::uint64_t begin = 0;  ///< in text_
    Position from = 0, to = 0;
  };
  /// What is needed of a row while the table is made.
  struct Built {
    Stored stored;
    KeyId key{};
    std::uint64_t line = 0;
  };

  void read(std::string_view text, const TableSettings& settings, std::vector<Built>& built);
  void arrange(std::vector<Built>& built, const TableSettings& settings);

  Order order_;
  std::vector<FieldAs> taken_;
  std::vector<std::string> names_;
  std::vector<std::string> openings_;  ///< `,"name":`
  KeyTable<Span> index_;
  std::vector<Stored> rows_;  ///< with an order, those of a key together
  std::string text_;          ///< for each row the ends of its members, then these
  std::size_t size_ = 0;
  std::size_t without_key_ = 0;
  std::size_t duplicates_ = 0;
};

}  // namespace weir::tables
