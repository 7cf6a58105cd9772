// The time of the records that come in at a source.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "record/record.hpp"
#include "time/source_time.hpp"

namespace weir {

/// The options of the time in a source's records.
struct SourceTimeFieldSettings {
  std::vector<std::string> fields{};  ///< their values, joined by blanks, are the time; empty: it stays as it came
  SourceTimeSettings time{.fold = Fold::reject};
  std::optional<Duration> max_future{};  ///< how far a time may be ahead of the clock; nothing: as far as it likes
  bool reads_always = false;             ///< the caller asks for time(), whatever else is wanted
};

/// Makes times right where records come in, and compares them with the clock. Without fields the first of
/// usual_time_fields that a record has is compared, where it can be read. Not thread-safe.
class SourceTimeField {
 public:
  /// Adds the fields to `fields`. Throws std::invalid_argument, naming the option.
  SourceTimeField(const SourceTimeFieldSettings& settings, FieldSet& fields);
  SourceTimeField(const SourceTimeField&) = delete;
  SourceTimeField& operator=(const SourceTimeField&) = delete;

  /// Reads the time of a record that came at `now`. Rejects one without a usable time, or too far ahead. A clock before
  /// 2025 is not set, and nothing is compared with it.
  Verdict read(const Record& record, Time now);

  /// The time of the last record, where it was read and could be.
  std::optional<Time> time() const { return last_; }

  /// Whether the field must get token().
  bool normalises() const { return normalises_; }
  /// The first field and its path.
  FieldId field() const { return ids_.front(); }
  const std::string& path() const { return paths_.front(); }
  /// The time of the last record in UTC, as a JSON string.
  const std::string& token() const { return token_; }

 private:
  std::optional<std::string> join(const Record& record);
  Verdict compare(const Record& record, Time now);

  bool normalises_;
  std::vector<std::string> paths_;
  std::vector<FieldId> ids_;
  std::optional<Duration> max_future_;
  bool reads_always_;
  std::optional<Time> last_;
  RowOrder order_;
  SourceTime time_;
  std::string written_;
  std::string token_;
};

}  // namespace weir
