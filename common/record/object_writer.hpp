// Writing records: new ones, and copies with members added or replaced.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "record/record.hpp"
#include "time/time_types.hpp"

namespace weir {

/// Appends one JSON object and a newline to a buffer, member by member in the order of the calls. Strings are escaped
/// and NaN becomes null here. Call end() once.
class ObjectWriter {
 public:
  /// Begins a new object at the end of `out`.
  explicit ObjectWriter(std::string& out) : out_(out) { out_ += '{'; }

  ObjectWriter& string(std::string_view name, std::string_view text);
  ObjectWriter& number(std::string_view name, double value);  ///< NaN and infinity become null
  ObjectWriter& integer(std::string_view name, std::int64_t value);
  ObjectWriter& boolean(std::string_view name, bool value);
  ObjectWriter& null(std::string_view name);
  ObjectWriter& time(std::string_view name, Time value);  ///< RFC 3339, UTC
  /// Appends a token that is JSON already, such as Value::raw.
  ObjectWriter& raw(std::string_view name, std::string_view token);
  /// As raw(); a missing value becomes null.
  ObjectWriter& value(std::string_view name, const Value& value) {
    return value.kind == Kind::missing ? null(name) : raw(name, value.raw);
  }
  /// Appends a member as it came, with the bytes of its key.
  ObjectWriter& member(const Member& member);

  /// Opens and closes a nested object.
  ObjectWriter& begin_object(std::string_view name);
  ObjectWriter& end_object();

  /// Closes the object and the line.
  void end() { out_ += "}\n"; }

 private:
  void key(std::string_view name);
  std::string& out_;
  bool first_ = true;
};

/// Copies a record's line with members replaced or added; all other bytes stay. Its memory is used again for each
/// record.
class Splicer {
 public:
  /// Starts a record and forgets earlier calls of set(). The record must stay valid until write().
  void begin(const Record& record) { begin(record.line()); }

  /// As begin(), for a copy of a record's line; values given to set() are then views into the copy.
  void begin(std::string_view line);

  /// Sets a member's token: in place when `existing` is a value of this record, otherwise at the end. Added members
  /// stand in the order of the calls.
  void set(const Value& existing, std::string_view name, std::string_view token);

  /// Adds members that are JSON already, each after a comma (`,"a":1,"b":null`). They follow those of set().
  void add(std::string_view members) { added_ += members; }

  /// Appends the edited line and a newline.
  void write(std::string& out);

 private:
  struct Edit {
    std::size_t offset;
    std::size_t length;
    std::size_t token;  ///< offset of the new token in tokens_
    std::size_t token_length;
  };
  std::string_view line_;
  std::vector<Edit> edits_;
  std::string tokens_;
  std::string added_;
};

}  // namespace weir
