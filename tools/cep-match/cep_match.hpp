// The pure stage of cep-match: patterns over the records of each key, in the order of their time.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "conditions.hpp"
#include "key_matches.hpp"
#include "match_writer.hpp"
#include "matcher.hpp"
#include "pipeline/filter.hpp"
#include "pipeline/left_out.hpp"
#include "pipeline/owed_watermark.hpp"
#include "query.hpp"
#include "record/group_key.hpp"
#include "record/key_table.hpp"
#include "record/time_field.hpp"
#include "row_store.hpp"
#include "settings.hpp"
#include "window/due_queue.hpp"
#include "window/watermark.hpp"

namespace weir::cep_match {

/// Puts the records of each key in order, by event time and a watermark, and writes the matches of a pattern.
class CepMatch : public Filter {
 public:
  /// Throws std::invalid_argument, naming the option, on a pattern or expression that cannot be read, a bad path or
  /// zone, and options that do not go together.
  explicit CepMatch(const Settings& settings);

  bool passes_lines() const { return query_.rows == Rows::all; }
  std::uint32_t schema() const override { return 2; }
  FutureGuard* future_guard() override { return &time_.guard(); }
  Verdict on_record(const Record& record, Output& out) override;
  void on_watermark(Time time, Output& out) override;
  Time promise(Time time) const override;
  void on_end(Output& out) override;
  void state(StateArchive& archive) override;
  std::vector<std::string> side_files() const override { return {settings_.late.path()}; }
  std::vector<NamedField> named_fields() const override;
  CountReport counts() const override;

  /// What the limit of --max-held counts.
  std::uint64_t held_bytes() const { return matcher_.held_bytes(); }
  /// Instructions of the pattern run so far, for tests.
  std::uint64_t steps() const { return matcher_.steps(); }

 private:
  Query read_query(const Settings& settings);
  TimeSettings time_settings() const;
  void choose_places();
  Verdict read(const Record& record);
  void note_unsummed(const Record& record);
  bool by_key() const { return settings_.watermark == WatermarkOf::key; }
  Time now_of(const KeyState& key) const { return by_key() ? key.now : watermark_.now(); }
  void drop_late(const Record& record, Duration late_by, Output& out);
  RowId store(const Record& record);
  void hold(KeyState& key, RowId row);
  bool has_room(KeyState& key, Output& out);
  void note_full(Output& out);
  void take(KeyState& key, std::string_view name, RowId row, Output& out);
  void take_now(KeyId id, const Record& record, Output& out);
  void advance_key(KeyId id, Time now, Output& out);
  void advance(Time now, Output& out);
  void note_due(KeyId id);
  Time due(const KeyState& key) const;
  KeyId add_key(std::string_view name);
  void note_failures(Output& out);

  Settings settings_;
  Fields needed_{fields_};  ///< of expressions
  Query query_;
  TimeField time_;
  GroupKey group_;
  std::vector<std::uint32_t> places_;       ///< of needed_: the place among a row's values
  std::vector<FieldId> kept_;               ///< what a row keeps; then members with the names of what is added
  std::vector<std::uint32_t> kept_fields_;  ///< of needed_: the first of kept_
  std::vector<std::uint32_t> names_;
  Conditions conditions_;
  RowStore rows_;
  TargetReader reader_;
  MatchWriter writer_;
  Matcher matcher_;
  KeyMatches matches_;
  KeyTable<KeyState> keys_;
  DueQueue due_;  ///< keys by the time at which something happens without a record of theirs
  Watermark watermark_;
  OwedWatermark owed_;

  // the current record
  Time record_time_{};
  Labels fits_ = 0;
  LeftOut left_out_;
  std::vector<expr::Result> values_;   ///< of needed_, those that conditions read
  std::vector<expr::Result> results_;  ///< of kept_fields_

  std::uint64_t held_ = 0;  ///< records not in order yet
  std::uint64_t late_ = 0;
  std::uint64_t without_room_ = 0;  ///< records left out at max_held
  std::size_t swept_at_ = 1024;     ///< keys at which idle ones are forgotten
  bool forgets_ = false;
  bool failure_noted_ = false;
  bool drop_noted_ = false;
  bool full_noted_ = false;
};

}  // namespace weir::cep_match
