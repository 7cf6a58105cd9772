// A cell: the running aggregates of one key in one window, in one block of bytes.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "expr/result.hpp"
#include "record/value.hpp"
#include "state/archive.hpp"
#include "time/time_types.hpp"
#include "window/aggregate.hpp"

namespace weir {

/// The value of a record for one field of a layout.
struct Sample {
  const Value* value = nullptr;  ///< nullptr: missing or null, left out
  double number = 0;             ///< the value of a number
};

/// What lies around the records of a cell, for columns that weigh by time or take in what was before.
struct Extent {
  Time until = Time::min();           ///< how long the last value holds: at least until its own time
  Time from = Time::min();            ///< where the window begins
  const std::byte* before = nullptr;  ///< a cell with the last values before the window; nullptr: nothing is known
};

/// The layout of cells: the parts (count, sum, least, greatest …) and their offsets. It adds records to cells and
/// writes their columns. Columns of the same field share parts: avg and sum need one sum. A cell has `size()` bytes,
/// aligned to 8.
///
/// Sums are exact until they are written (exact_sum.hpp), and so are those of which stddev and var are made. No column
/// but twa, integral and increase depends on the order of records, or on how cells are merged.
///
/// min, max, first and last keep the token as written. Of equal values, min and max take the lesser and the greater by
/// compare_number_tokens(); of equal times, first and last do so by compare_tokens().
class CellLayout {
 public:
  CellLayout() = default;
  explicit CellLayout(std::span<const Aggregate> columns);

  /// Adds a column after the others. Existing cells must then be moved by relocate(). It shares parts with columns of
  /// its own age: those that began with the same record.
  void add_column(const Aggregate& column, std::uint16_t age = 0);

  struct Field {
    std::string path;       ///< empty: the record itself counts
    std::string condition;  ///< only records for which this holds have a sample; empty: all
    bool found = false;     ///< found by `*`: it differs from a named field of the same path
    bool numeric = false;   ///< a column of this field does arithmetic
  };
  /// The fields of all columns, each once, in the order of the samples that add() takes.
  const std::vector<Field>& fields() const { return fields_; }

  /// The number of parts of a cell; grows with add_column().
  std::size_t parts() const { return parts_.size(); }
  std::size_t size() const { return size_; }

  /// Makes an empty cell in raw bytes, and destroys it.
  void create(std::byte* cell) const;
  void destroy(std::byte* cell) const;

  /// Moves a cell of this layout, made when it had `old_parts` parts, into raw bytes. Newer parts are empty.
  void relocate(std::byte* from, std::size_t old_parts, std::byte* to) const;

  /// Adds one record: a sample for each field.
  void add(std::byte* cell, Time time, std::span<const Sample> samples) const;

  /// Adds another cell, as if the records of both had been added to one.
  void merge(std::byte* into, const std::byte* from) const;

  /// Saves a cell, or loads one into an empty cell.
  void state(StateArchive& archive, std::byte* cell) const;

  /// Describes the first columns, which are `columns`. Loading makes a layout of `columns` into which cells of those
  /// saved can be loaded, and which cells loaded later must have: parts of columns that both have keep what they hold.
  void state_of_columns(StateArchive& archive, std::span<const Aggregate> columns);
  /// The names of columns whose values begin only after the state that was loaded.
  const std::vector<std::string>& begun() const { return begun_; }
  /// Whether the cells to be loaded are those of a layout with carries().
  bool loads_carried() const { return loads_ ? loads_carried_ : carries_; }

  /// Whether a column takes in what was before the window.
  bool carries() const { return carries_; }
  /// Puts the last values of a cell that later windows take in in place of those of `before`, a cell of this layout.
  void carry(std::byte* before, const std::byte* cell) const;
  /// Whether carry() would replace all of them.
  bool carries_all(const std::byte* cell) const;

  /// The number of records added.
  static std::uint64_t records(const std::byte* cell);

  /// Appends the columns as members, each after a comma; a column without a value is null.
  void append_columns(std::string& out, const std::byte* cell, const Extent& extent = {}) const;

  /// The index of the column of that name; nothing when there is none.
  std::optional<std::size_t> find_column(std::string_view name) const;

  /// The value of a column, from 0, as expressions take it. It is null where append_columns() writes null, and for a
  /// number beyond a double. It may point into `text`, which is overwritten, and into the cell.
  expr::Result value(std::size_t column, const std::byte* cell, const Extent& extent, std::string& text) const;

 private:
  friend class CellText;
  enum class PartKind : std::uint8_t {
    count,
    sum,
    moments,
    least,
    greatest,
    first,
    last,
    quantiles,
    distinct,
    step_mean,
    increase
  };
  struct Part {
    PartKind kind;
    std::uint16_t age;
    std::uint32_t offset;
    std::uint32_t field;  ///< an index into fields_
  };
  /// The usual parts of a field, by their offsets, 0 for none: a record is added to them without a look at the others.
  struct UsualParts {
    std::uint32_t count = 0;
    std::uint32_t sum = 0;
    std::uint32_t least = 0;
    std::uint32_t greatest = 0;
    bool are_all = true;  ///< the field has no other parts
    void note(const Part& part);
  };
  /// The parts that a function needs; `other` only where it needs two.
  struct Needs {
    PartKind part;
    std::optional<PartKind> other{};
  };
  struct Column {
    Function function;
    std::string opening;  ///< `,"mean":`
    std::uint32_t part = 0;
    std::uint32_t other = 0;  ///< of functions with two parts: the count, the least, the first
    double quantile = 0;
    double per = 0;
    bool carry = false;
    std::optional<std::int8_t> decimals;
    std::uint16_t age = 0;
  };

  template <typename Call>
  static void with_type(PartKind kind, Call call);
  static void add_usual(std::byte* cell, const UsualParts& parts, const Sample& sample);
  static void add_part(std::byte* cell, const Part& part, Time time, const Sample& sample);
  static void append_column(std::string& out, const Column& column, const std::byte* cell, const Extent& extent);
  static expr::Result value_of(const Column& column, const std::byte* cell, const Extent& extent, std::string& text);
  static double number_of(const Column& column, const std::byte* cell, const Extent& extent);
  void create_parts(std::byte* cell, std::size_t first_part) const;
  std::size_t field_index(const Aggregate& column);
  std::uint32_t part_of(std::size_t field, PartKind kind, std::uint16_t age);
  static Needs needs_of(Function function);
  const Part* find_part(const Field& field, PartKind kind, std::uint16_t age) const;
  std::uint16_t age_with_parts_of(const Aggregate& column, std::uint16_t ages) const;

  std::vector<Field> fields_;
  std::vector<std::vector<Part>> field_parts_;  ///< for each field
  std::vector<UsualParts> usual_parts_;         ///< for each field
  std::vector<Part> parts_;                     ///< all fields, in the order in which they were added
  std::vector<Column> columns_;
  bool carries_ = false;
  std::vector<std::string> begun_;
  std::optional<std::vector<Part>> loads_;  ///< the parts of a cell to be loaded, before those of found columns
  std::size_t loads_until_ = 0;             ///< the parts of this layout that they stand for
  bool loads_carried_ = false;
  std::size_t size_ = sizeof(std::uint64_t);  ///< the number of records is the first part
};

}  // namespace weir
