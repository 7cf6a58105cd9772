// The pure stage of rec-dedup: records that were sent again, by event time, in bounded memory.
#pragma once
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/filter.hpp"
#include "record/group_key.hpp"
#include "record/key_table.hpp"
#include "record/time_field.hpp"
#include "time_memory.hpp"

namespace weir::rec_dedup {

struct Settings {
  TimeSettings time;
  std::vector<std::string> by;
  Duration within{};
  std::uint64_t max_keys = 1'000'000;
  std::string repeats;  ///< the path of the side file for repeats; empty: they are dropped
};

/// Passes a record on unless one of the same key was passed on shortly before: at most `within` lies between the two
/// records' times, and between the stream's times at which they came.
///
/// The second condition lets records be forgotten; the first keeps a late record apart from one of today with the same
/// key. Records are forgotten in the order in which they came, so the output does not depend on when memory is swept.
class RecDedup : public Filter {
 public:
  /// Throws std::invalid_argument on a bad field path or zone.
  explicit RecDedup(const Settings& settings);

  bool passes_lines() const { return true; }
  FutureGuard* future_guard() override { return &time_.guard(); }
  Verdict on_record(const Record& record, Output& out) override;
  void on_watermark(Time time, Output& out) override;
  void state(StateArchive& archive) override;
  std::vector<std::string> side_files() const override { return {settings_.repeats}; }
  std::vector<NamedField> named_fields() const override;
  CountReport counts() const override;

  /// The number of records remembered, mostly one per key.
  std::size_t held() const { return times_ ? times_->size() : turns_.size(); }

 private:
  /// The records of a key that are remembered.
  struct Passed {
    std::uint64_t serial = 0;                  ///< of the last record passed on; 0: forgotten, or none yet
    Time time{};                               ///< of that record
    std::unique_ptr<std::deque<Time>> before;  ///< times of earlier records, where some are late: rare
    void state(StateArchive& archive) { archive.values(serial, time, before); }
  };
  /// A record that is remembered.
  struct Turn {
    std::uint64_t serial;
    Time stream_time;  ///< when the record came
    KeyId key;
  };

  bool is_without_key(const Record& record) const;
  bool take(std::string_view key, Time time);
  bool is_near(Time one, Time other) const;
  bool is_repeat(const Passed& passed, Time time) const;
  void remember(Passed& passed, KeyId id, Time time);
  void advance(Time time);
  void forget_first();
  void sweep();

  Settings settings_;
  TimeField time_;
  GroupKey group_;
  std::vector<FieldId> by_;          ///< the fields of group_
  std::optional<TimeMemory> times_;  ///< where the record's time is part of its key; instead of keys_ and turns_
  KeyTable<Passed> keys_;
  std::deque<Turn> turns_;  ///< the order in which records are forgotten
  Time now_ = Time::min();  ///< the stream's time: the greatest time seen or promised
  std::uint64_t serial_ = 0;
  std::size_t known_keys_ = 0;
  std::uint64_t repeats_ = 0;
  std::uint64_t without_key_ = 0;
  std::uint64_t forgotten_early_ = 0;
};

}  // namespace weir::rec_dedup
