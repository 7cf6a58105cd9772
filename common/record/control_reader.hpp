// The one reader of objects with the key @ctl; for this room alone.
#pragma once
#include <optional>
#include <string_view>

#include "record/control_key.hpp"
#include "record/parser.hpp"
#include "time/timestamp.hpp"

namespace weir {

/// Reads control lines, and producers' watermarks, with the fields that any of them has.
class ControlReader {
 private:
  FieldSet fields_;

 public:
  const FieldId type = fields_.add(control_key);
  const FieldId time = fields_.add("time");
  const FieldId version = fields_.add("v");
  const FieldId pipe = fields_.add("pipe");
  const FieldId run = fields_.add("run");
  const FieldId epoch = fields_.add("epoch");
  const FieldId final = fields_.add("final");
  const FieldId took = fields_.add("took");
  const FieldId from = fields_.add("from");
  const FieldId end = fields_.add("end");

  /// This thread's reader.
  static ControlReader& of_thread() {
    static thread_local ControlReader reader;
    return reader;
  }

  /// Reads a line. Returns false when it is not well formed, or its type is not a string.
  bool read(std::string_view line) {
    record_ = parser_.parse_copy(line, 0);
    return record_ != nullptr && (*record_)[type].kind == Kind::string;
  }
  /// A value of the last line, until the next one.
  const Value& operator[](FieldId field) const { return (*record_)[field]; }
  /// The time of a watermark; nothing where it is not one.
  std::optional<Time> time_value() const {
    const Value& value = (*record_)[time];
    return value.kind == Kind::string ? TimeParser().parse(value.text) : std::nullopt;
  }

 private:
  RecordParser parser_{fields_, Checking::every_token};
  const Record* record_ = nullptr;
};

}  // namespace weir
