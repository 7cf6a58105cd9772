// The pure stage of rec-clean: checks, repairs, computes, chooses, and shapes records, in this order.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cells.hpp"
#include "checks.hpp"
#include "conversions.hpp"
#include "gaps.hpp"
#include "pipeline/filter.hpp"
#include "pipeline/left_out.hpp"
#include "quality.hpp"
#include "record/field_as.hpp"
#include "rules_file.hpp"
#include "schema/json_schema.hpp"
#include "steps.hpp"

namespace weir::rec_clean {

struct Settings {
  std::string schema_file, schema_text;  ///< a JSON Schema
  std::vector<std::string> types;        ///< each `FIELD=TYPE`
  std::vector<std::string> conversions;  ///< each as Conversions::add() takes it
  std::vector<std::string> ranges;       ///< each `FIELD=LOW..HIGH`
  clean::OutOfRange out_of_range = clean::OutOfRange::reject;
  std::string parameter;              ///< the field that names what is measured; ranges are then by its values
  std::string value_field = "value";  ///< what they hold for
  std::vector<std::string> sets;      ///< each `NAME=EXPRESSION`
  std::vector<std::string> require;
  bool not_empty = false;  ///< an empty text is missing, for `require`
  std::vector<std::string> keep, drop;
  std::vector<std::string> rounds;   ///< each `FIELD=DECIMALS`
  std::vector<std::string> renames;  ///< each `OLD=NEW`
  std::vector<std::string> select;   ///< each `FIELD` or `FIELD as NAME`
  QualitySettings quality;
  GapSettings gaps;
  std::string rules_file, rules_text;  ///< see add_rules()
  std::vector<KeyRule> key_rules;
  bool strict = false;
};

/// Writes each record that is good and wanted, with what the steps have changed in it. All other bytes stay, unless
/// `select` chooses members. A bad record is rejected with every reason.
class RecClean : public Filter {
 public:
  /// Throws std::invalid_argument, naming the option.
  explicit RecClean(const Settings& settings);

  const FieldSet& fields() const override { return cells_.fields(); }
  bool passes_lines() const { return true; }
  Verdict on_record(const Record& record, Output& out) override;
  bool may_pass() const override { return short_way_; }
  bool passes(const Record& record) const override { return is_good(record); }
  FutureGuard* future_guard() override { return series_ ? &series_->guard() : nullptr; }
  void on_watermark(Time time, Output& out) override;
  Time promise(Time time) const override { return series_ ? series_->promise(time) : time; }
  void on_end(Output& out) override;
  void state(StateArchive& archive) override;
  std::uint32_t schema() const override { return 2; }
  std::vector<std::string> side_files() const override { return {settings_.quality.late.path()}; }
  std::vector<NamedField> named_fields() const override;
  CountReport counts() const override;

 private:
  void read_schema();
  void read_ranges();
  void read_quality();
  bool have_short_way() const;
  bool is_good(const Record& record) const;
  void check(const Record& record);
  void compute();
  bool wanted();
  void round();
  void write(const Record& record, std::string& lines);
  void read_gaps();
  void follow_and_write(const Record& record, Output& out);

  Settings settings_;
  std::unique_ptr<schema::JsonSchema> schema_;
  Cells cells_;
  Checks checks_;
  Conversions conversions_;
  std::optional<GroupKey> by_;          ///< with ranges of keys
  std::unique_ptr<SeriesStep> series_;  ///< with tests, or with fields to fill
  std::vector<std::pair<CellId, Bound>> sets_;
  std::vector<CellId> require_;
  std::vector<Bound> keep_, drop_;
  std::vector<std::pair<CellId, int>> rounds_;
  std::vector<RenameRule> renames_;
  std::vector<std::pair<CellId, std::string>> select_;
  bool short_way_ = false;  ///< is_good() tells which records go out as they came
  Splicer splicer_;
  std::string token_, line_;
  std::uint64_t dropped_ = 0;
  LeftOut left_out_;
};

}  // namespace weir::rec_clean
