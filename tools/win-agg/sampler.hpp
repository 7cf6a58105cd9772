// From a record to the samples of a cell's fields.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "expr/expression.hpp"
#include "record/record.hpp"
#include "window/aggregate.hpp"
#include "window/window_store.hpp"

namespace weir::win_agg {

/// Reads the fields that the aggregates name, tests their conditions, and finds numeric fields where `*` asks for them.
class Sampler {
 public:
  /// `aggregates`: none stand for the count of records and count, min, max, avg and last of every numeric field.
  /// `not_fields`: names that are not to be found. Adds to `fields` what it reads. Throws std::invalid_argument when a
  /// condition cannot be used.
  Sampler(const std::vector<Aggregate>& aggregates, std::vector<std::string> not_fields, std::size_t max_fields,
          FieldSet& fields);

  /// The columns that there are before a record was seen.
  const std::vector<Aggregate>& columns() const { return columns_; }

  /// The fields that stand at the beginning of a layout of columns().
  void bind(const CellLayout& layout);

  /// Reads a record; a reject leaves no trace.
  Verdict read(const Record& record) {
    absent_now_ = 0;
    Verdict verdict = conditions_.empty() ? read_plain(record) : read_named(record);
    return verdict.rejected() || !finds() ? std::move(verdict) : read_members(record);
  }

  /// Whether numeric fields are found; then sample() has to be called once the record has its place.
  bool finds() const { return !found_functions_.empty(); }

  /// Takes the samples of fields that are found, and adds columns to the store for new ones.
  void sample(WindowStore& store);

  /// The columns that have been found, in the order in which they were added.
  const std::vector<Aggregate>& found_columns() const { return found_columns_; }

  /// The record at hand counts.
  void accept() { absent_ += absent_now_; }

  /// A sample for each field of the layout.
  std::span<const Sample> samples() const { return samples_; }

  void snapshot(SnapshotWriter& to) const;
  /// After bind(); the stores have to be given found_columns() then.
  void restore(SnapshotReader& from);

  /// Values that were left out: missing or null ones, those of found fields that are no numbers, those of fields beyond
  /// the limit.
  std::uint64_t absent() const { return absent_; }
  std::uint64_t no_number() const { return no_number_; }
  std::uint64_t beyond_limit() const { return beyond_limit_; }

 private:
  struct Named {
    FieldId id{};
    bool has_field = false;
    bool numeric = false;
    int condition = -1;  ///< which of conditions_
    std::string path;
  };
  struct Condition {
    expr::Expression test;
    bool holds = false;
  };
  /// A member of the record at hand that may be a field to find.
  struct Found {
    const Member* member;
    std::optional<double> number;
  };

  /// As read_named() where no column has a condition, which is the rule.
  Verdict read_plain(const Record& record) {
    for (std::size_t i = 0; i < named_.size(); ++i)
      if (!read_sample(named_[i], record[named_[i].id], samples_[i])) return no_number(named_[i], record[named_[i].id]);
    return Verdict::ok();
  }
  bool read_sample(const Named& named, const Value& value, Sample& sample) {
    if (!value.present()) {
      sample.value = nullptr;
      ++absent_now_;
      return true;
    }
    sample.value = &value;
    return !named.numeric || value.read(sample.number);
  }
  static Verdict no_number(const Named& named, const Value& value);
  Verdict read_named(const Record& record);
  Verdict read_members(const Record& record);
  std::optional<std::size_t> field_of(std::string_view name, const CellLayout& layout);
  std::size_t discover(std::string_view name, WindowStore& store);

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
  std::vector<Aggregate> found_columns_;
  std::size_t hint_ = 0;  ///< which field is likely to come next: records are alike
  std::uint64_t absent_ = 0;
  std::uint64_t absent_now_ = 0;  ///< of the record at hand, which may yet be rejected
  std::uint64_t no_number_ = 0;
  std::uint64_t beyond_limit_ = 0;
};

}  // namespace weir::win_agg
