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

#include "expr/expression.hpp"
#include "record/record.hpp"
#include "record/value_checks.hpp"
#include "window/aggregate.hpp"
#include "window/window_store.hpp"

namespace weir::win_agg {

/// Reads the fields that the aggregates name, tests their conditions, and finds numeric fields where `*` asks for them.
class Sampler {
 public:
  /// No `aggregates` stand for the count of records and count, min, max, avg and last of every numeric field but
  /// `not_fields`. Adds the fields that it reads to `fields`. Throws std::invalid_argument on a bad condition.
  Sampler(const std::vector<Aggregate>& aggregates, std::vector<std::string> not_fields, std::size_t max_fields,
          FieldSet& fields);

  /// The columns before the first record.
  const std::vector<Aggregate>& columns() const { return columns_; }

  /// Takes the first fields of a layout of columns().
  void bind(const CellLayout& layout);

  /// Reads a record; a reject leaves no trace.
  Verdict read(const Record& record) {
    absent_now_ = 0;
    Verdict verdict = conditions_.empty() ? read_plain(record) : read_named(record);
    return verdict.rejected() || !finds() ? std::move(verdict) : read_members(record);
  }

  /// Whether numeric fields are found; sample() is then called once the record has its place.
  bool finds() const { return !found_functions_.empty(); }

  /// Takes the samples of found fields, and adds columns to the store for new ones.
  void sample(WindowStore& store);

  /// The columns that have been found, in the order in which they were added.
  const std::vector<Aggregate>& found_columns() const { return found_columns_; }

  /// Counts the current record.
  void accept() { absent_ += absent_now_; }

  /// A sample for each field of the layout.
  std::span<const Sample> samples() const { return samples_; }

  /// Called after bind(). Once loaded, the stores need found_columns().
  void state(StateArchive& archive);

  /// Values left out: missing or null, of found fields but not numbers, of fields beyond the limit.
  std::uint64_t absent() const { return absent_; }
  std::uint64_t no_number() const { return no_number_; }
  std::uint64_t beyond_limit() const { return beyond_limit_; }

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
  };
  /// A member of the current record that may be a field to find.
  struct Found {
    const Member* member;
    std::optional<double> number;
  };

  /// read_named() without conditions, which is the usual case.
  Verdict read_plain(const Record& record) {
    for (std::size_t i = 0; i < named_.size(); ++i)
      if (!read_sample(named_[i], record[named_[i].id], samples_[i]))
        return reject_number(named_[i].path, record[named_[i].id]);
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
  std::size_t hint_ = 0;  ///< the field likely to come next: records are alike
  std::uint64_t absent_ = 0;
  std::uint64_t absent_now_ = 0;  ///< of the current record, which may still be rejected
  std::uint64_t no_number_ = 0;
  std::uint64_t beyond_limit_ = 0;
};

}  // namespace weir::win_agg
