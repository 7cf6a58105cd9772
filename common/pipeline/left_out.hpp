// The values of a record that a stage leaves out.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pipeline/output.hpp"
#include "record/counted.hpp"
#include "record/record.hpp"
#include "record/value_checks.hpp"
#include "state/archive.hpp"

namespace weir {

/// Counts values that are missing, null or not numbers. Reports the first value that is missing, and the first of each
/// field that is not a number. What is noted of a record counts once the record is accepted, so that a reject leaves no
/// trace.
class LeftOut {
 public:
  /// With `strict` a value that is not a number rejects its record.
  explicit LeftOut(bool strict) : strict_(strict) {}

  /// Begins a record.
  void begin() {
    absent_now_ = wrong_now_ = 0;
    if (!new_fields_.empty()) new_fields_.clear();
  }

  /// Notes a value that is missing or null. `name` must live until the record is accepted.
  [[gnu::cold]] void note_absent(std::string_view name, const Value& value) {
    if (absent_now_++ > 0) return;
    absent_name_ = name;
    absent_value_ = &value;
  }
  /// Notes a value that is not a number; `name` as above.
  [[gnu::cold]] void note_wrong(std::string_view name, const Value& value) {
    if (wrong_now_++ == 0) {
      wrong_name_ = name;
      wrong_value_ = &value;
    }
    if (is_new(name)) new_fields_.push_back({std::string(name), not_a_number_text(name, value)});
  }
  /// Notes a value of the wrong type by a message of its own, of which the first is reported for each name. Texts of
  /// expressions have values in them, not names: the first of all.
  void note_wrong(std::string message, std::string_view name = {}) {
    if (is_new(name)) new_fields_.push_back({std::string(name), message});
    if (wrong_now_++ > 0) return;
    wrong_value_ = nullptr;
    message_ = std::move(message);
  }

  /// Whether a value of the record is noted of either kind.
  bool has_absent() const { return absent_now_ > 0; }
  bool has_wrong() const { return wrong_now_ > 0; }

  /// Rejects a record with a wrong value when nothing else of it is `useful`, or with `strict`.
  Verdict judge(bool useful) const {
    return wrong_now_ == 0 || (useful && !strict_) ? Verdict::ok() : Verdict::reject(wrong_text());
  }

  /// Counts what is noted of the record.
  void accept(Output& out) { accept(out.messages); }
  void accept(std::vector<RecordMessage>& messages) {
    if (absent_now_ + wrong_now_ > 0) count(messages);
  }

  /// Adds both counts.
  void add_to(CountReport& report) const {
    report.add(absent_, "missing or null value", "left out").add(wrong_, "non-numeric value", "left out");
  }
  void state(StateArchive& archive) { archive.values(absent_, wrong_); }

 private:
  std::string wrong_text() const {
    return wrong_value_ == nullptr ? message_ : not_a_number_text(wrong_name_, *wrong_value_);
  }
  [[gnu::cold, gnu::noinline]] void count(std::vector<RecordMessage>& messages) {
    if (absent_ == 0 && absent_now_ > 0) messages.push_back({absent_text(absent_name_, *absent_value_)});
    for (auto& [name, message] : new_fields_) {
      messages.push_back({message + ": left out"});
      reported_.push_back(std::move(name));
    }
    absent_ += absent_now_;
    wrong_ += wrong_now_;
    begin();
  }

  /// Whether a field has not been reported yet, neither for an earlier record nor for this one.
  bool is_new(std::string_view name) const {
    const auto has_name = [&](const NewField& field) { return field.name == name; };
    return reported_.size() + new_fields_.size() < most_reported &&
           std::find(reported_.begin(), reported_.end(), name) == reported_.end() &&
           std::none_of(new_fields_.begin(), new_fields_.end(), has_name);
  }

  /// Fields that are reported one by one.
  static constexpr std::size_t most_reported = 20;
  struct NewField {
    std::string name;
    std::string message;
  };

  bool strict_;
  std::vector<std::string> reported_;  ///< fields
  std::vector<NewField> new_fields_;   ///< of the current record
  std::uint64_t absent_ = 0;
  std::uint64_t wrong_ = 0;

  // of the current record: counts, and the first of each kind
  std::uint64_t absent_now_ = 0;
  std::uint64_t wrong_now_ = 0;
  std::string_view absent_name_;
  const Value* absent_value_ = nullptr;
  std::string_view wrong_name_;
  const Value* wrong_value_ = nullptr;  ///< null: message_ tells it
  std::string message_;
};

}  // namespace weir
