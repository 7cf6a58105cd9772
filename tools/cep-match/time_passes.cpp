// What cep-match does as time passes, at the end, and for its reports.
#include <algorithm>

#include "cep_match.hpp"
#include "time/saturating.hpp"

namespace weir::cep_match {

void CepMatch::on_watermark(Time time, Output& out) {
  watermark_.advance(time);
  advance(watermark_.now(), out);
  if (by_key()) keys_.for_each([&](KeyId id) { keys_[id].now = std::max(keys_[id].now, time); });
  owed_.note(time, promise(time));
  note_failures(out);
}

/// Rows still to come are those of matches that are under way, and of records that are held. With a window none of
/// these is older than that.
Time CepMatch::promise(Time time) const {
  if (matches_.open() == 0 && held_ == 0 && query_.looks_ahead == 0) return time;
  if (query_.program.within && query_.looks_ahead == 0 && !by_key())
    return std::min(time, saturating_subtract(watermark_.now(), *query_.program.within));
  Time earliest = time;
  keys_.for_each([&](KeyId id) {
    const KeyState& key = keys_[id];
    earliest = std::min(earliest, matches_.start(key));
    if (key.held_first != no_row) earliest = std::min(earliest, rows_[key.held_first].time);
  });
  return earliest;
}

void CepMatch::on_end(Output& out) {
  advance(Time::max(), out);
  struct Open {
    Time start;
    KeyId id;
  };
  std::vector<Open> open;
  keys_.for_each([&](KeyId id) {
    if (!keys_[id].is_idle()) open.push_back({matches_.start(keys_[id]), id});
  });
  std::sort(open.begin(), open.end(), [this](const Open& a, const Open& b) {
    return a.start != b.start ? a.start < b.start : GroupKey::compare(keys_.key(a.id), keys_.key(b.id)) < 0;
  });
  for (const Open& each : open) matches_.finish(keys_[each.id], keys_.key(each.id), out);
  owed_.pay(out);
  note_failures(out);
}

std::vector<NamedField> CepMatch::named_fields() const {
  std::vector<NamedField> named = named_fields_of(query_.form == Form::line ? "--by" : "PARTITION BY", query_.by);
  for (std::size_t i = 0; i < needed_.size(); ++i) named.push_back({needed_.path(i), needed_.use(i)});
  return named;
}

CountReport CepMatch::counts() const {
  CountReport report;
  report.add_late(late_, "late record", "", settings_.late)
      .add(matches_.given_up(), "beginning",
           "of a match given up at a limit (--max-records, --max-threads, --max-held)", Weight::lost)
      .add(matcher_.dropped_threads(), "thread", "of a match dropped at a limit (--max-threads, --max-held)",
           Weight::lost)
      .add(without_room_, "record", "left out at a limit (--max-held)", Weight::lost)
      .add(matches_.unskippable(), "skip", "that had no record to go to")
      .add(conditions_.failed(), "condition", "without a result because a value was of the wrong type")
      .add(writer_.failed(), "measure", "null because a value was of the wrong type");
  left_out_.add_to(report);
  return report;
}

}  // namespace weir::cep_match
