// SenML in JSON (RFC 8428) to records.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "record/parser.hpp"
#include "time/time_types.hpp"

namespace weir {

/// The reason for what has more records than its reader takes.
inline constexpr const char* too_many_records = "there are too many records";

/// Resolves the records of a pack: base values are added, relative times are made absolute. Not thread-safe.
///
/// A record becomes `{"timestamp":"…Z","name":"urn:dev:ow:10e2073a01080063","unit":"Cel","value":23.1}`. The value is
/// that of `v`, `vs` or `vb`; `data` has the text of `vd`, `sum` that of `s`, `update_time` that of `ut`. A value or
/// sum that is NaN or infinite stands in the line as `NaN`, for PayloadReader to decide on.
class SenmlReader {
 public:
  /// Takes packs of `most` elements at most.
  explicit SenmlReader(std::uint64_t most = 100'000);

  /// What comes of the element of that number (from 1): a line without its end, or the reason why there is none.
  using OnRecord = std::function<void(std::uint64_t number, std::string_view element, std::string_view line,
                                      std::string_view reason)>;

  /// Reads a pack that came at `received`, from which relative times count. Returns false where it is not an array, or
  /// asks for what this reader does not know: reason() then tells, and `each` has not been called.
  bool read(std::string_view pack, Time received, const OnRecord& each);
  const std::string& reason() const { return reason_; }

 private:
  struct Base {
    std::string name, unit, value, sum, time;
  };
  struct Result {
    std::uint64_t number = 0;
    std::string element{}, line{}, reason{};
  };
  bool take(std::string_view element, Time received);
  const Record* parse(std::string_view element);
  std::string resolve(const Record& record, Time received, std::string& line);

  std::uint64_t most_;
  FieldSet fields_;
  FieldId bn_, bt_, bu_, bv_, bs_, bver_, n_, u_, v_, vs_, vb_, vd_, s_, t_, ut_;
  RecordParser parser_;
  RecordParser array_parser_;
  Base base_;
  std::uint64_t number_ = 0;  ///< of the element
  std::vector<Result> results_;
  std::string repaired_;  ///< an element with NaN or infinity, without them
  std::string reason_;
};

}  // namespace weir
