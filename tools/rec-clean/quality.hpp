// The tests of QARTOD, by key: flags beside the values.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "cells.hpp"
#include "clean/qartod.hpp"
#include "record/key_table.hpp"
#include "series_step.hpp"

namespace weir::rec_clean {

/// Whether each test has a flag of its own beside the flag of all.
enum class FlagDetail : std::uint8_t { together, each_test };

struct QualitySettings : StepSettings {
  std::vector<std::string> tests;  ///< each `FIELD: TESTS`, or `PARAMETER: TESTS`
  std::string suffix = "_qc";      ///< of a field's flag
  std::string name = "qc";         ///< the flag of the whole record
  FlagDetail detail = FlagDetail::together;
};

/// A finished line whose flags are marks, until the flags are known.
struct MarkedLine {
  std::string line;
  std::vector<clean::Flags> flags;
  Time time{};
  std::uint64_t number = 0;
  void state(StateArchive& archive) { archive.values(line, flags, time, number); }
};

/// Judges the values of records, and sets their flags. A record whose spike test needs the next value of its key waits
/// for it.
class Quality : public SeriesStep {
 public:
  /// Throws std::invalid_argument. `parameter` and `value` name the fields of long records; both are empty for wide
  /// ones.
  Quality(const QualitySettings& settings, const std::string& parameter, const std::string& value, Cells& cells);
  /// Gives a key tests of its own for a field or parameter, in place of the usual ones. Throws std::invalid_argument.
  void add(const std::string& key, const std::string& target, const std::string& tests, Cells& cells);

  /// A record whose parameter has no tests is of no series.
  Verdict find(const Cells& cells, bool& found) override;
  bool follow(Cells& cells, Output& out) override;
  void hold(std::string_view line, Output& out) override;
  void state(StateArchive& archive) override;

 private:
  struct Target {
    std::string name;
    std::uint32_t rule;  ///< an index into rules_
    CellId value, flag;
    std::vector<CellId> test_flags;  ///< with FlagDetail::each_test, of the tests that the rule has
  };
  /// What is judged together: all fields of a wide record, or one parameter.
  struct Group {
    bool begun = false;
    std::vector<clean::QartodSeries> series;
    std::vector<std::uint32_t> rules;  ///< for each target, an index into rules_
    std::optional<MarkedLine> held;
    void state(StateArchive& archive) { archive.values(begun, series, rules, held); }
  };
  struct Key {
    std::vector<Group> groups;
    void state(StateArchive& archive) { archive.values(groups); }
  };

  void read_target(const std::string& text, Cells& cells);
  std::uint32_t add_target(const std::string& name, clean::QartodRule rule, Cells& cells);
  std::uint32_t add_rule(const std::string& text, clean::QartodRule rule);
  void check_marks() const;
  void renew(Group& group);
  /// The targets of a group.
  std::pair<std::size_t, std::size_t> targets_of(std::size_t group) const;
  template <typename Each>
  void each_flag(const Group& group, const std::vector<clean::Flags>& flags, Each each) const;
  void set_flags(Cells& cells, const Group& group, bool as_marks);
  void count(const Group& group, const std::vector<clean::Flags>& flags);
  void release(Group& group, Output& out);
  void add_counts(CountReport& report) const override;
  /// A record is released when its next value can only come after a gap, which decides nothing.
  void release_before(Time time, Output& out) override;
  void release_all(Output& out) override;
  Time earliest_held() const override;
  /// Releases the held records for which `which` is true, in the order in which they came.
  template <typename Which>
  void release_if(Which which, Output& out);

  QualitySettings settings_;
  std::vector<clean::QartodRule> rules_;
  std::vector<std::string> texts_;  ///< of rules_
  std::vector<Target> targets_;
  std::unordered_map<std::string, std::uint32_t> by_parameter_;
  std::map<std::pair<std::string, std::size_t>, std::uint32_t> own_rules_;  ///< of a key and a target
  bool long_ = false;
  std::string value_field_;  ///< of long records
  std::string parameter_path_;
  CellId parameter_ = 0, whole_flag_ = 0;

  KeyTable<Key> keys_;

  // the current record
  std::string scratch_;
  std::size_t group_ = 0;
  std::vector<clean::Flags> flags_;

  std::uint64_t suspect_ = 0, failed_ = 0;
};

}  // namespace weir::rec_clean
