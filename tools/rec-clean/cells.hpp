// The values of the current record, as they came or as a step has set them.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "expr/expression.hpp"
#include "pipeline/output.hpp"
#include "record/object_writer.hpp"
#include "record/record.hpp"
#include "state/archive.hpp"

namespace weir::rec_clean {

/// The number of a field among those that the steps read or set.
using CellId = std::size_t;

/// An expression, and the cells of its operands.
struct Bound {
  expr::Expression expression;
  std::vector<CellId> operands;
};

/// What is counted of the records that are written.
struct Counts {
  std::uint64_t converted = 0, nulled = 0, clamped = 0, flagged = 0, in_other_units = 0;
};

/// The fields that steps read and set, and what the steps have to tell of the current record.
class Cells {
 public:
  /// The cell of a field, which is read. Throws std::invalid_argument on a bad path.
  CellId cell(const std::string& path);
  /// The cell of a field that a step makes: records need not have it.
  CellId made_cell(const std::string& path);
  bool is_made(const std::string& path) const;
  /// An expression, whose fields are read.
  Bound bound(expr::Expression expression);

  /// Begins a record.
  void begin(const Record& record);

  const Record& record() const { return *record_; }
  FieldId field(CellId cell) const { return cells_[cell].id; }
  const std::string& path(CellId cell) const { return fields_.path(cells_[cell].id); }
  /// The value as it is now.
  Value value(CellId cell) const { return cells_[cell].changed ? changed_value(cell) : (*record_)[cells_[cell].id]; }
  expr::Result evaluate(const Bound& bound);

  /// Sets a value: JSON, or the result of an expression.
  void set_token(CellId cell, std::string_view token);
  void set_result(CellId cell, const expr::Result& result);
  /// Sets a value to a string.
  void set_text(CellId cell, std::string_view text);

  /// Adds a reason for which the record is rejected.
  void complain(std::string_view reason);
  const std::string& reasons() const { return reasons_; }
  std::string& reasons() { return reasons_; }
  /// Notes a message on the record, for the case that it is written.
  void note(std::string message) { messages_.push_back({std::move(message)}); }

  /// Counts what is noted of a record that is written.
  void accept(Output& out);
  /// What the current record adds to the counts.
  Counts now;
  const Counts& counts() const { return counts_; }
  /// Whether none has been counted yet but the one just noted.
  bool is_first(std::uint64_t Counts::*count) { return ++(now.*count) + counts_.*count == 1; }

  /// Whether a value has been set.
  bool any_changed() const { return any_changed_; }
  /// Gives every changed value to the splicer.
  void splice(Splicer& splicer) const;

  FieldSet& fields() { return fields_; }
  const FieldSet& fields() const { return fields_; }

  void state(StateArchive& archive) {
    archive.values(counts_.converted, counts_.nulled, counts_.clamped, counts_.flagged, counts_.in_other_units);
  }

 private:
  struct Cell {
    FieldId id;
    std::string name;  ///< of a new member
    bool made = false;
    bool changed = false;
    std::string text{};  ///< of a changed string
    // Of a changed one, the JSON and the value; that of a computed number is written when it is asked for.
    mutable bool computed = false;
    mutable std::string token{};
    mutable expr::Result result{};

    void write_token() const;
  };
  Cell& change(CellId cell);
  bool read_numbers(const Bound& bound);
  Value changed_value(CellId cell) const;
  expr::Result result_of(CellId cell) const;

  FieldSet fields_;
  static constexpr std::size_t none = static_cast<std::size_t>(-1);
  std::vector<std::size_t> cell_of_;  ///< for each field: others than cells are read too, such as the time
  std::vector<Cell> cells_;
  Counts counts_;

  // the current record
  const Record* record_ = nullptr;
  bool any_changed_ = false;
  std::string reasons_;
  std::vector<RecordMessage> messages_;
  std::vector<expr::Result> operands_;
  std::vector<double> numbers_;
};

}  // namespace weir::rec_clean
