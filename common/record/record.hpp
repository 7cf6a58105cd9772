// A record as a stage sees it.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "record/field_set.hpp"
#include "record/value.hpp"

namespace weir {

/// A top-level member of a record.
struct Member {
  std::string_view raw_key;  ///< with its quotes, as in the line
  std::string_view key;      ///< with escapes resolved
  Value value;
};

/// One line with one JSON object, and the values of the stage's fields. Valid during the call that receives it: copy
/// what is needed later.
class Record {
 public:
  /// The line as it came, without its end.
  std::string_view line() const { return line_; }

  /// The line's number in the input, from 1.
  std::uint64_t line_number() const { return line_number_; }

  /// A field named in the stage's FieldSet. Of members with the same name the last counts, as in jq.
  const Value& operator[](FieldId id) const { return values_[static_cast<std::size_t>(id)]; }

  /// Every top-level member in order, repeated names included; empty unless FieldSet::read_members() was called.
  std::span<const Member> members() const { return members_; }

 private:
  friend class RecordParser;
  std::string_view line_;
  std::uint64_t line_number_ = 0;
  std::vector<Value> values_;
  std::vector<Member> members_;
};

/// The result of a stage for a record: accepted, or rejected with a reason. A bad record is a value, not an exception.
class [[nodiscard]] Verdict {
 public:
  static Verdict ok() { return {}; }
  /// `reason` is a short text without the tool's name or the line number: `temperature_c is not a number`.
  [[gnu::cold, gnu::noinline]] static Verdict reject(std::string reason) {
    Verdict verdict;
    verdict.reason_.reset(new std::string(std::move(reason)));
    return verdict;
  }

  bool rejected() const { return reason_ != nullptr; }
  /// The reason; empty when the record is not rejected.
  const std::string& reason() const {
    static const std::string none;
    return rejected() ? *reason_ : none;
  }

 private:
  /// Deletes a reason, out of the way of records that are accepted.
  struct Forget {
    [[gnu::cold, gnu::noinline]] void operator()(const std::string* reason) const { delete reason; }
  };
  std::unique_ptr<const std::string, Forget> reason_;  // one pointer, nullptr in most verdicts
};

}  // namespace weir
