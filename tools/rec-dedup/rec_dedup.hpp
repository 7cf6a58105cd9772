// Records that were sent again, by event time, in bounded memory.
#pragma once
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string_view>

#include "pipeline/filter.hpp"
#include "record/group_key.hpp"
#include "record/key_table.hpp"
#include "time/timestamp.hpp"
#include "time_memory.hpp"

namespace weir::rec_dedup {

/// What becomes of repeats.
enum class Repeats : std::uint8_t {
  leave_out,     ///< they are counted
  write_to_side  ///< and written, as they came, to the first side file
};

struct RecDedupSettings {
  std::string time_field = "timestamp";
  TimeParser time;
  std::vector<std::string> by;
  Duration within{};
  std::size_t max_keys = 1'000'000;
  Repeats repeats = Repeats::leave_out;
};

/// Passes a record on unless one of the same key was passed on shortly before: both by the records' own times and by
/// how far the stream's time has come since, no more than `within` lies between them.
///
/// The second condition lets records be forgotten; the first keeps a late record apart from one of today with the same
/// key. They are forgotten in the order in which they came, so the stream's time decides alone, and not when memory is
/// swept.
class RecDedup : public Filter {
 public:
  /// Throws std::invalid_argument on a bad field path.
  explicit RecDedup(const RecDedupSettings& settings);

  const FieldSet& fields() const override { return fields_; }
  Verdict on_record(const Record& record, Output& out) override;
  void on_watermark(Time time, Output& out) override;
  void snapshot(SnapshotWriter& to) const override;
  void restore(SnapshotReader& from) override;
  std::string summary() const override;

  /// Records that are remembered, mostly one of a key.
  std::size_t held() const { return times_ ? times_->size() : turns_.size(); }

 private:
  /// What is remembered of a key: the time of the record of it that was passed on last, and those of the ones before it
  /// that are not forgotten either: late records and what they were late for, too far apart to be repeats.
  struct Passed {
    std::uint64_t serial = 0;  ///< which record it was; 0: forgotten, or never there
    Time time{};
    std::unique_ptr<std::deque<Time>> before;  ///< hardly ever there
  };
  /// A record that is remembered.
  struct Turn {
    std::uint64_t serial;
    Time stream_time;  ///< how far the stream had come
    KeyId key;
  };

  bool take(std::string_view key, Time time);
  bool is_near(Time one, Time other) const;
  bool is_repeat(const Passed& passed, Time time) const;
  void remember(Passed& passed, KeyId id, Time time);
  void advance(Time time);
  void forget_first();
  void sweep();

  RecDedupSettings settings_;
  FieldSet fields_;
  FieldId time_;
  GroupKey group_;
  std::optional<TimeMemory> times_;  ///< where the record's time is one of the key's fields; otherwise what follows
  KeyTable<Passed> keys_;
  std::deque<Turn> turns_;  ///< the order in which records are forgotten
  Time now_ = Time::min();  ///< the stream's time: the greatest one seen or promised
  std::uint64_t serial_ = 0;
  std::size_t known_keys_ = 0;
  std::uint64_t repeats_ = 0;
  std::uint64_t forgotten_early_ = 0;
};

}  // namespace weir::rec_dedup
