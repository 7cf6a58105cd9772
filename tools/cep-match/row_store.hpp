// The records that open matches need, in the order of their key.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "expr/result.hpp"
#include "pattern.hpp"
#include "record/record.hpp"
#include "state/archive.hpp"
#include "time/time_types.hpp"

namespace weir::cep_match {

/// The place of a record in the store; it stays while the record is held.
using RowId = std::uint32_t;
inline constexpr RowId no_row = 0xffffffff;

/// A record as far as it is needed.
struct Row {
  Time time{};
  std::uint64_t number = 0;        ///< of its key, from 0
  Labels fits = 0;                 ///< variables whose conditions hold or depend on other records
  Time absent_seen = Time::min();  ///< the last record before it that Program::absent_before forbids
  RowId before = no_row;           ///< its neighbours among those held of its key
  RowId after = no_row;
  std::string text;  ///< the line, where it is written again; then the tokens of its values
  std::uint32_t line_length = 0;

  void state(StateArchive& archive) {
    archive.values(time, number, fits, absent_seen, before, after, text, line_length);
  }
};

/// A pool of rows; those given back are used again with their memory.
class RowStore {
 public:
  /// Keeps so many values of each record, and the line.
  RowStore(std::size_t values, bool lines) : width_(values), lines_(lines) {}

  /// A row with a copy of the record, unlinked. `results[i]` is the value of `ids[i]`; those from `results.size()` on
  /// are places in the line.
  RowId add(const Record& record, const std::vector<FieldId>& ids, const std::vector<expr::Result>& results);
  void remove(RowId id) {
    std::string& text = rows_[id].text;
    text_bytes_ -= text.size();
    if (text.size() > usual_text) std::string().swap(text);
    free_.push_back(id);
  }
  /// Takes the first row off a list of linked rows; it stays in the store.
  RowId take_first(RowId& first, RowId& last) {
    const RowId taken = first;
    first = rows_[taken].after;
    (first == no_row ? last : rows_[first].before) = no_row;
    return taken;
  }

  Row& operator[](RowId id) { return rows_[id]; }
  const Row& operator[](RowId id) const { return rows_[id]; }

  /// The value at a place among `ids`.
  expr::Result value(RowId id, std::size_t index) const;
  /// Its token as it came; empty when it was missing.
  std::string_view token(RowId id, std::size_t index) const;
  std::string_view line(RowId id) const { return std::string_view(rows_[id].text).substr(0, rows_[id].line_length); }

  /// The number of rows held.
  std::size_t size() const { return rows_.size() - free_.size(); }
  std::uint64_t held_bytes() const { return size() * (sizeof(Row) + width_ * sizeof(Stored)) + text_bytes_; }

  void state(StateArchive& archive) { archive.values(rows_, stored_, free_, text_bytes_); }

 private:
  struct Stored {
    double number = 0;
    std::uint32_t token = 0;  ///< bytes of Row::text
    std::uint32_t token_length = 0;
    std::uint32_t text = 0;
    std::uint32_t text_length = 0;
    expr::Type type = expr::Type::null;
    expr::Fault fault = expr::Fault::none;
    bool truth = false;
    std::array<std::uint8_t, 5> unused{};  ///< what lies between the values in a snapshot is the same each time
  };

  /// A row that is free keeps the memory of a text up to this.
  static constexpr std::size_t usual_text = 4096;

  std::size_t width_;
  bool lines_;
  std::vector<Row> rows_;
  std::vector<Stored> stored_;  ///< width_ of each row
  std::vector<RowId> free_;
  std::uint64_t text_bytes_ = 0;  ///< of the rows held
};

}  // namespace weir::cep_match
