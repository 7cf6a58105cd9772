// Reads the samples of a cell's fields from a record.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "entry.hpp"
#include "expr/expression.hpp"
#include "pipeline/left_out.hpp"
#include "pipeline/output.hpp"
#include "record/field_watch.hpp"
#include "record/held_text.hpp"
#include "record/record.hpp"
#include "window/aggregate.hpp"
#include "window/window_store.hpp"

namespace weir::win_agg {

/// Reads the fields that the aggregates name, tests their conditions, and finds numeric fields where `*` asks for them.
class Sampler {
 public:
  /// No `aggregates` stand for the count of records and count, min, max, avg and last of every numeric field but
  /// `not_fields`. With `strict` a value that is not a number rejects its record. Adds the fields that it reads to
  /// `fields`. Throws std::invalid_argument on a bad condition.
  Sampler(const std::vector<Aggregate>& aggregates, std::vector<std::string> not_fields, std::size_t max_fields,
          bool strict, FieldSet& fields);

  /// The columns before the first record.
  const std::vector<Aggregate>& columns() const { return columns_; }

  /// Takes the first fields of a layout of columns().
  void bind(const CellLayout& layout);

  /// Reads a record; a reject leaves no trace. A value that is not a number is left out, where something of the record
  /// can be used without it. `time_field` is no field to find.
  [[gnu::always_inline]] Verdict read(const Record& record, const std::string& time_field) {
    left_out_.begin();
    if (conditions_.empty())
      read_plain(record);
    else
      read_named(record);
    if (finds()) read_members(record, time_field);
    if (record.line().size() > max_held_text)
      if (Verdict verdict = check_lengths(); verdict.rejected()) return verdict;
    return left_out_.has_wrong() ? left_out_.judge(is_useful()) : Verdict::ok();
  }

  /// Appends what read() has read to an entry. False where it must be read by the stage itself: values were left out
  /// that are not numbers, or a text has escapes.
  bool write(const Record& record, EntryBuffer& entries) const;
  /// As read() of the record of a line, of whose entry `at` is the rest.
  void take(EntryCursor at, std::string_view line) {
    left_out_.begin();
    for (std::size_t i = 0; i < named_.size(); ++i) take_sample(i, at, line);
    if (finds()) take_members(at, line);
  }

  /// Whether numeric fields are found; sample() is then called once the record has its place.
  bool finds() const { return !found_functions_.empty(); }

  /// Takes the samples of found fields, and adds columns to the store for new ones.
  void sample(WindowStore& store);

  /// The columns that have been found, in the order in which they were added.
  const std::vector<Aggregate>& found_columns() const { return found_columns_; }

  /// Counts the current record's values that were left out, and reports the first of each kind.
  [[gnu::always_inline]] void accept(Output& out) {
    left_out_.accept(out);
    if (beyond_now_) report_limit(out);
  }

  /// The fields that the aggregates name.
  std::vector<NamedField> named_fields() const;

  /// A sample for each field of the layout.
  std::span<const Sample> samples() const { return samples_; }

  /// Called after bind(). Once loaded, the stores need found_columns().
  void state(StateArchive& archive);

  /// Adds the counts of values left out: missing or null, not numbers, of fields beyond the limit.
  void add_to(CountReport& report) const;

 private:
  struct Named {
    FieldId id{};
    bool has_field = false;
    bool numeric = false;
    int condition = -1;  ///< an index into conditions_, or -1
    std::string path;
  };
  struct Condition {
    expr::Expression test;
    bool holds = false;
    bool is_false = false;  ///< neither true nor unknown
  };
  /// A member of the current record that may be a field to find.
  struct Found {
    const Member* member;
    std::optional<double> number;
  };

  /// read_named() without conditions, which is the usual case.
  void read_plain(const Record& record) {
    Sample* sample = samples_.data();
    for (const Named& named : named_) read_sample(named, record[named.id], *sample++);
  }
  void read_sample(const Named& named, const Value& value, Sample& sample) {
    sample.value = nullptr;
    if (!value.present())
      left_out_.note_absent(named.path, value);
    else if (named.numeric && !value.read(sample.number))
      left_out_.note_wrong(named.path, value);
    else
      sample.value = &value;
  }
  void take_sample(std::size_t index, EntryCursor& at, std::string_view line) {
    const auto& token = at.next<EntryToken>();
    Sample& sample = samples_[index];
    sample.value = nullptr;
    if (token.is_value()) {
      Value& value = taken_[index];
      token.read(line, value);
      sample.number = token.number;
      sample.value = &value;
    } else if (token.mark == EntryToken::the_record) {
      sample.value = &the_record;
    } else if (token.mark != EntryToken::nothing) {
      left_out_.note_absent(named_[index].path, token.is_null() ? null_value : missing_value);
    }
  }
  void take_members(EntryCursor& at, std::string_view line);
  void read_named(const Record& record);
  [[gnu::cold]] Verdict check_lengths() const;
  void read_members(const Record& record, const std::string& time_field);
  bool is_useful() const;
  bool counts_records() const;
  void note_found_absent();
  void report_limit(Output& out);
  void check_found(const std::vector<Aggregate>& functions);
  std::optional<std::size_t> field_of(std::string_view name, const CellLayout& layout);
  std::size_t discover(std::string_view name, WindowStore& store);

  static const Value the_record;  ///< the sample of a record itself, for count()
  static const Value null_value;
  static const Value missing_value;

  FieldSet& fields_;
  std::vector<Aggregate> columns_;
  std::vector<Aggregate> found_functions_;
  std::vector<std::string> not_fields_;
  std::vector<std::string> taken_names_;
  std::size_t max_fields_;
  std::vector<Named> named_;
  std::vector<Condition> conditions_;
  std::vector<Sample> samples_;
  std::vector<Found> found_;
  std::vector<Value> taken_;           ///< of the samples, from an entry
  std::vector<Member> taken_members_;  ///< of found_, from an entry
  std::vector<Aggregate> found_columns_;
  std::size_t hint_ = 0;  ///< the field likely to come next: records are alike
  LeftOut left_out_;
  bool beyond_now_ = false;  ///< the current record is the first with a field beyond the limit
  std::uint64_t beyond_limit_ = 0;
};

}  // namespace weir::win_agg
