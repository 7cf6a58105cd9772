// Where a stage's bad records go.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace weir {

/// What a source knows of where a record came from: {"topic", "site/heater"}.
struct Origin {
  std::string_view kind;  ///< the name of its field in --rejects
  std::string_view name;
};

/// Takes records that turn out to be bad after on_record() has returned (a row that the server refuses), and input of a
/// source that is not a record.
class RejectLog {
 public:
  virtual ~RejectLog() = default;
  virtual void reject(std::uint64_t line, std::string_view raw, std::string_view reason) = 0;

  /// As reject(), for input that comes from more than one place.
  virtual void reject_from(const Origin& origin, std::uint64_t line, std::string_view raw, std::string_view reason) {
    static_cast<void>(origin);
    reject(line, raw, reason);
  }

  /// The file whose lines come now, for messages; empty for standard input.
  virtual void set_file(const std::string& file) { static_cast<void>(file); }
};

}  // namespace weir
