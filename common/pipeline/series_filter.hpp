// A filter that keeps the last readings of each key and field.
#pragma once
#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pipeline/filter.hpp"
#include "pipeline/number_fields.hpp"
#include "pipeline/output.hpp"
#include "record/counted.hpp"
#include "record/group_key.hpp"
#include "record/key_order.hpp"
#include "record/key_table.hpp"
#include "record/time_field.hpp"
#include "state/archive.hpp"

namespace weir {

/// Whether the readings are also written.
enum class Readings : std::uint8_t { drop, pass };

struct SeriesSettings {
  TimeSettings time;
  std::vector<std::string> by;
  std::vector<std::string> fields;
  std::uint64_t last = 0;  ///< readings kept of each series
  std::uint64_t max_keys = 100'000;
  Readings readings = Readings::drop;
  bool strict = false;  ///< a value that is not a number rejects its record
};

/// Has a `Series` for each key and field. It is made with the number of readings that it keeps, which set_limit() sets
/// once it is loaded from a snapshot.
template <typename Series>
class SeriesFilter : public Filter {
 public:
  bool passes_lines() const { return series_settings_.readings == Readings::pass; }
  FutureGuard* future_guard() override { return &time_.guard(); }
  std::vector<NamedField> named_fields() const override {
    return NumberFields::named_fields(series_settings_.fields, series_settings_.by);
  }

 protected:
  /// `made` is what the filter writes ("a forecast"), with fields of these `own` names. Throws std::invalid_argument on
  /// a bad path or zone, and where --by has a field of such a name.
  SeriesFilter(const SeriesSettings& settings, std::string_view made, std::initializer_list<const char*> own,
               NumberFields::Limit limit = {})
      : series_settings_(settings),
        time_(settings.time, fields_),
        group_(settings.by, fields_),
        values_(settings.fields, fields_, settings.strict, std::move(limit)),
        keys_(settings.max_keys) {
    for (const char* name : own)
      if (std::find(group_.names().begin(), group_.names().end(), name) != group_.names().end())
        throw std::invalid_argument(fmt::format("--by: {} has a field '{}' of its own", made, name));
  }

  /// Reads the key and the numbers of a record, whose time is usable: key_ and values_.readings(). Writes the record
  /// with --pass.
  [[gnu::always_inline]] Verdict read(const Record& record, NumberFields::OfNull of_null, Output& out) {
    KeyId id{};
    if (Verdict verdict = values_.read(record, group_, keys_, key_, id, of_null); verdict.rejected()) return verdict;
    if (id != KeyTable<KeyState>::full) {
      series_ = &keys_[id].series;
      if (series_->empty()) series_->assign(values_.size(), Series(series_settings_.last));
    }
    values_.accept(out);
    if (passes_lines()) append_line(out.lines, record.line());
    return Verdict::ok();
  }

  /// The series of a reading of the last record.
  Series& series_of(const NumberFields::Reading& reading) { return (*series_)[reading.field]; }

  void note_too_old(Output& out) {
    if (++too_old_ == 1) out.messages.push_back({too_old_text() + ": left out"});
  }
  void add_too_old(CountReport& report) const { report.add(too_old_, "reading", "left out: " + too_old_text()); }

  /// Calls `function(key, series, field)` for each series, in the order of the keys.
  template <typename Function>
  void for_each_in_order(Function function) {
    for (const KeyId id : keys_in_order(keys_))
      for (std::size_t field = 0; field < values_.size(); ++field)
        function(keys_.key(id), keys_[id].series[field], field);
  }

  void series_state(StateArchive& archive) {
    archive.values(keys_, values_, too_old_);
    if (!archive.loading()) return;
    keys_.for_each([this](KeyId id) {
      for (Series& series : keys_[id].series) series.set_limit(series_settings_.last);
    });
  }

  const SeriesSettings series_settings_;
  TimeField time_;
  GroupKey group_;
  NumberFields values_;
  std::string_view key_;  ///< of the last record

 private:
  struct KeyState {
    std::vector<Series> series;  ///< one per field
    void state(StateArchive& archive) { archive.value(series); }
  };

  std::string too_old_text() const {
    return fmt::format("older than the last {} of its series", series_settings_.last);
  }

  KeyTable<KeyState> keys_;
  std::vector<Series>* series_ = nullptr;  ///< of the last record's key
  std::uint64_t too_old_ = 0;
};

}  // namespace weir
