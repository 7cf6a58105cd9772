// The pure stage of rec-clean: checks, repairs, computes, chooses, and shapes records, in this order.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "pipeline/filter.hpp"
#include "pipeline/left_out.hpp"
#include "record/field_as.hpp"
#include "record/object_writer.hpp"
#include "steps.hpp"

namespace weir::rec_clean {

struct Settings {
  std::vector<std::string> types;   ///< each `FIELD=TYPE`
  std::vector<std::string> ranges;  ///< each `FIELD=LOW..HIGH`
  clean::OutOfRange out_of_range = clean::OutOfRange::reject;
  std::string parameter;              ///< the field that names what is measured; ranges are then by its values
  std::string value_field = "value";  ///< what they hold for
  std::vector<std::string> sets;      ///< each `NAME=EXPRESSION`
  std::vector<std::string> require;
  std::vector<std::string> keep, drop;
  std::vector<std::string> rounds;   ///< each `FIELD=DECIMALS`
  std::vector<std::string> renames;  ///< each `OLD=NEW`
  std::vector<std::string> select;   ///< each `FIELD` or `FIELD as NAME`
  bool strict = false;
};

/// Writes each record that is good and wanted, with what the steps have changed in it. All other bytes stay, unless
/// `select` chooses members. A bad record is rejected with every reason.
class RecClean : public Filter {
 public:
  /// Throws std::invalid_argument, naming the option.
  explicit RecClean(const Settings& settings);

  const FieldSet& fields() const override { return fields_; }
  bool passes_lines() const { return true; }
  Verdict on_record(const Record& record, Output& out) override;
  void state(StateArchive& archive) override {
    archive.values(converted_, nulled_, clamped_, flagged_, dropped_, left_out_);
  }
  std::vector<NamedField> named_fields() const override;
  CountReport counts() const override;

 private:
  using CellId = std::size_t;
  /// A field's value, as it came or as a step has set it.
  struct Cell {
    FieldId id;
    std::string name;  ///< of a new member
    bool changed = false;
    std::string token{}, text{};  ///< of a changed one: JSON, and the text of a string
    expr::Result result{};
  };
  struct Counts {
    std::uint64_t converted = 0, nulled = 0, clamped = 0, flagged = 0;
  };
  /// An expression, and the cells of its operands.
  struct Bound {
    expr::Expression expression;
    std::vector<CellId> operands;
  };
  struct Ranged {
    clean::RangeRule rule;
    CellId cell;
    CellId flag = 0;
  };

  CellId cell(const std::string& path);
  Bound bound(expr::Expression expression);
  void read_ranges();
  void set_token(CellId cell, std::string_view token);
  void set_result(CellId cell, const expr::Result& result);
  Value value_of(const Record& record, CellId cell) const;
  expr::Result result_of(const Record& record, CellId cell) const;
  expr::Result evaluate(const Record& record, const Bound& bound);
  void check_type(const Record& record, const TypeRule& rule, CellId cell);
  void check_range(const Record& record, const Ranged& ranged);
  void check_ranges(const Record& record);
  void compute(const Record& record);
  bool wanted(const Record& record);
  void round(const Record& record);
  void write(const Record& record, Output& out);
  void complain(std::string reason);
  void note(std::string message);

  Settings settings_;
  FieldSet fields_;
  std::vector<Cell> cells_;
  std::vector<std::pair<TypeRule, CellId>> types_;
  std::vector<Ranged> ranges_;
  std::unordered_map<std::string, Ranged> by_parameter_;
  CellId parameter_ = 0, value_ = 0;
  std::vector<std::pair<CellId, Bound>> sets_;
  std::vector<CellId> require_;
  std::vector<Bound> keep_, drop_;
  std::vector<std::pair<CellId, int>> rounds_;
  std::vector<RenameRule> renames_;
  std::vector<std::pair<CellId, std::string>> select_;
  Splicer splicer_;

  // the current record
  std::string reasons_;
  std::vector<RecordMessage> messages_;
  Counts now_;
  clean::CleanValue clean_;
  std::vector<expr::Result> operands_;
  std::string token_;

  std::uint64_t converted_ = 0, nulled_ = 0, clamped_ = 0, flagged_ = 0, dropped_ = 0;
  LeftOut left_out_;
};

}  // namespace weir::rec_clean
