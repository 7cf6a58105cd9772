// The conditions of a pattern's variables.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "history.hpp"
#include "pipeline/left_out.hpp"
#include "reference.hpp"
#include "row_store.hpp"

namespace weir::cep_match {

/// What the values of records and of references are read from.
struct Store {
  RowStore& rows;
  const Variables& variables;
  const std::vector<RecordExpression>& expressions;
  const std::vector<std::uint32_t>& places;  ///< of each field, its place among the values of a row
};

/// Finds the values of targets.
class TargetReader {
 public:
  explicit TargetReader(const Store& store) : store_(store) {}
  /// The value of a target at a record that matched `label`. Its text lives until the next call.
  expr::Result read(const Target& target, RowId row, std::optional<std::uint32_t> label);
  /// A record of the key so many on or back; no_row beyond those held.
  RowId neighbour(RowId row, std::int32_t distance) const;
  /// The bytes of a field as they came.
  std::string_view token(const Target& target, RowId row) const {
    return store_.rows.token(row, store_.places[target.index]);
  }
  const Store& store() const { return store_; }

 private:
  Store store_;
  std::vector<expr::Result> operands_;
  std::string text_;
};

/// How much a condition depends on.
enum class Depends : std::uint8_t {
  nothing,     ///< it is always true
  record,      ///< the record alone
  neighbours,  ///< the records before and after it
  match        ///< what has been matched before it
};

/// Evaluates the conditions of variables.
class Conditions {
 public:
  /// `definitions[i]` is that of variable i; none: it is true.
  explicit Conditions(std::vector<std::optional<MatchExpression>> definitions);

  Depends depends(std::uint32_t label) const { return each_[label].depends; }
  /// The fields, among Fields, that fits() reads.
  const std::vector<std::uint32_t>& record_fields() const { return record_fields_; }
  /// The fields that a row must have for the others.
  std::vector<std::uint32_t> row_fields(const std::vector<RecordExpression>& expressions) const;
  std::size_t slots() const { return slots_; }
  std::size_t sums() const { return sums_.size(); }

  /// The variables that a record may be: those whose condition it fulfils, and those whose condition depends on more.
  /// `values[i]` is that of field i. Notes values of the wrong type.
  Labels fits(const std::vector<expr::Result>& values, LeftOut& left_out);
  /// Those of them that it can be beside its neighbours.
  Labels fits_between(RowId row, TargetReader& reader);
  bool has_neighbours() const { return has_neighbours_; }
  /// Updates the slots and sums of a chain whose last record has just been appended.
  void update(History& history, NodeId node, TargetReader& reader) const;
  /// Whether the condition of the chain's last record holds, after update().
  bool holds(History& history, NodeId node, TargetReader& reader);

  /// Conditions that had no result because of a value's type, and a message on the first.
  std::uint64_t failed() const { return failed_; }
  const std::string& failure() const { return failure_; }
  void state(StateArchive& archive) { archive.value(failed_); }

 private:
  /// Where an operand comes from.
  struct Operand {
    Reference reference;
    bool current = false;   ///< of the record itself
    std::size_t index = 0;  ///< of a slot or sum
  };
  struct Condition {
    Depends depends = Depends::nothing;
    std::optional<MatchExpression> definition;
    std::vector<Operand> operands;
  };
  /// Consecutive slots: the first records of some variables, or the last.
  struct Span {
    Labels labels;
    bool first;
    std::size_t begin;
    std::size_t size;
  };
  struct Sum {
    Reference reference;
  };
  void place(std::vector<Condition>& conditions);
  static Depends depends_on(const Operand& operand);
  expr::Result value(const Operand& operand, History& history, NodeId node, TargetReader& reader) const;
  bool test(const Condition& condition);

  std::vector<Condition> each_;
  std::vector<Span> spans_;
  std::vector<Sum> sums_;
  std::size_t slots_ = 0;
  bool has_neighbours_ = false;
  std::vector<std::uint32_t> record_fields_;
  std::vector<expr::Result> operands_;
  std::vector<std::string> texts_;  ///< of operands whose text would not live long enough
  std::uint64_t failed_ = 0;
  std::string failure_;
};

}  // namespace weir::cep_match
