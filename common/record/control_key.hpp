// The key that no record from outside may have.
#pragma once
#include <string_view>

#include "record/record.hpp"

namespace weir {

/// The key that makes an object a control line.
inline constexpr std::string_view control_key = "@ctl";

/// Refuses records from outside with that key among their top-level members, however it is spelt: a program such as jq
/// would write them as control lines.
class ControlKeyGuard {
 public:
  explicit ControlKeyGuard(FieldSet& fields) : key_(fields.add(control_key)) {}

  Verdict check(const Record& record) const {
    if (record[key_].kind == Kind::missing) return Verdict::ok();
    return Verdict::reject("the key @ctl is kept for control lines");
  }

 private:
  FieldId key_;
};

}  // namespace weir
