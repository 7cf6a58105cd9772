// What weather-advise keeps from one run to the next.
#include "weather_advise.hpp"

namespace weir::weather_advise {
namespace {

/// A value whose token stands in the held line.
void write_value(SnapshotWriter& to, const Value& value, const std::string& line) {
  to.plain(value.kind);
  to.number<std::uint64_t>(value.raw.empty() ? 0 : static_cast<std::uint64_t>(value.raw.data() - line.data()));
  to.number<std::uint64_t>(value.raw.size());
  to.number(value.fast_number);
}

Value read_value(SnapshotReader& from, const std::string& line) {
  Value value;
  value.kind = from.plain<Kind>();
  const auto offset = from.number<std::uint64_t>();
  const auto size = from.number<std::uint64_t>();
  if (offset > line.size()) throw SnapshotError("a token that lies outside its line");
  value.raw = std::string_view(line).substr(offset, size);
  value.fast_number = from.number<double>();
  return value;
}

}  // namespace

void WeatherAdvise::snapshot(SnapshotWriter& to) const {
  series_.snapshot(to, [](SnapshotWriter& each, const Series& series) {
    each.number(series.begun);
    each.plain(series.last);
    each.number<std::uint64_t>(series.tracks.size());
    for (const Track& track : series.tracks) {
      each.number(track.known);
      each.number(track.given_up);
      each.plain(track.time);
      each.number(track.value);
    }
  });
  to.number<std::uint64_t>(held_.size());
  for (const Held& held : held_) {
    to.text(held.line);
    to.number<std::uint64_t>(held.cells.size());
    for (const Cell& cell : held.cells) {
      write_value(to, cell.existing, held.line);
      to.number(cell.clean.value.has_value());
      to.number(cell.clean.value.value_or(0));
      to.text(cell.clean.token);
      to.plain(cell.clean.note);
      to.number(cell.pending);
    }
    for (const Value& added : held.added) write_value(to, added, held.line);
    to.text(held.weather);
    to.number(held.weather_known);
    to.plain(held.time);
    to.plain(held.key);
    to.number<std::uint64_t>(held.bytes);
  }
  to.number(owed_.has_value());
  to.plain(owed_.value_or(Time{}));
  for (const std::uint64_t count : {not_numbers_, out_of_range_, filled_, left_, given_up_for_room_, without_room_})
    to.number(count);
}

void WeatherAdvise::restore(SnapshotReader& from) {
  series_.restore(from, [](SnapshotReader& each, Series& series) {
    series.begun = each.number<bool>();
    series.last = each.plain<Time>();
    for (auto left = each.number<std::uint64_t>(); left > 0; --left) {
      Track& track = series.tracks.emplace_back();
      track.known = each.number<bool>();
      track.given_up = each.number<bool>();
      track.time = each.plain<Time>();
      track.value = each.number<double>();
    }
  });
  for (auto left = from.number<std::uint64_t>(); left > 0; --left) {
    Held& held = held_.emplace_back();
    held.line = from.text();
    for (auto cells = from.number<std::uint64_t>(); cells > 0; --cells) {
      Cell& cell = held.cells.emplace_back();
      cell.existing = read_value(from, held.line);
      const bool known = from.number<bool>();
      const auto value = from.number<double>();
      if (known) cell.clean.value = value;
      cell.clean.token = from.text();
      cell.clean.note = from.plain<CleanValue::Note>();
      cell.pending = from.number<bool>();
    }
    for (Value& added : held.added) added = read_value(from, held.line);
    held.weather = from.text();
    held.weather_known = from.number<bool>();
    held.time = from.plain<Time>();
    held.key = from.plain<KeyId>();
    held.bytes = from.number<std::uint64_t>();
    held_bytes_ += held.bytes;
    for (std::size_t i = 0; i < held.cells.size(); ++i) {
      if (!held.cells[i].pending) continue;
      ++held.pending;
      series_[held.key].tracks.at(i).open.push_back(&held);  // a deque that grows at its end moves nothing
    }
  }
  const bool owes = from.number<bool>();
  const auto owed = from.plain<Time>();
  if (owes) owed_ = owed;
  for (std::uint64_t* const count :
       {&not_numbers_, &out_of_range_, &filled_, &left_, &given_up_for_room_, &without_room_})
    *count = from.number<std::uint64_t>();
}

}  // namespace weir::weather_advise
