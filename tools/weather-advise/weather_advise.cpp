#include "weather_advise.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "record/counted.hpp"
#include "record/json_text.hpp"
#include "record/number.hpp"

namespace weir::weather_advise {
namespace {

constexpr std::array<std::string_view, 4> added_names{"mod_high_temp", "low_temp", "temp_message", "advice"};
constexpr std::array<std::string_view, 4> added_openings{R"(,"mod_high_temp":)", R"(,"low_temp":)",
                                                         R"(,"temp_message":)", R"(,"advice":)"};

/// Whether one of two paths leads into the value of the other, so that both cannot be replaced.
bool overlap(const std::string& a, const std::string& b) {
  const auto first = FieldSet::split(a);
  const auto second = FieldSet::split(b);
  return std::equal(first.begin(), first.begin() + static_cast<std::ptrdiff_t>(std::min(first.size(), second.size())),
                    second.begin());
}

}  // namespace

WeatherAdvise::WeatherAdvise(const Settings& settings)
    : settings_(settings),
      cleaned_(rules_of(settings.fields, settings.ranges)),
      by_(settings.by, fields_),
      series_(settings.max_keys) {
  if (settings.max_gap && *settings.max_gap <= Duration::zero())
    throw std::invalid_argument("--max-gap must be longer than 0s");
  for (const RangeRule& rule : cleaned_) {
    const FieldId id = fields_.add(rule.field);
    if (std::ranges::find(ids_, id) != ids_.end())
      throw std::invalid_argument("the field " + rule.field + " is named twice");
    ids_.push_back(id);
    const auto segments = FieldSet::split(rule.field);
    names_.push_back(segments.size() == 1 ? segments[0] : std::string());
  }
  for (const RangeRule& rule : cleaned_) {
    for (const std::string_view added : added_names)
      if (overlap(rule.field, std::string(added)))
        throw std::invalid_argument("the field " + rule.field + " is added, it cannot be cleaned");
    for (const RangeRule& other : cleaned_)
      if (&other != &rule && overlap(rule.field, other.field))
        throw std::invalid_argument("of the fields " + rule.field + " and " + other.field + " one is within the other");
  }
  const auto role = [this](const std::string& path) {
    const FieldId id = fields_.add(path);
    const auto found = std::ranges::find(ids_, id);
    if (found == ids_.end()) ids_.push_back(id);
    return static_cast<std::size_t>(std::ranges::find(ids_, id) - ids_.begin());
  };
  temperature_ = role(settings_.reading.temperature);
  humidity_ = role(settings_.reading.humidity);
  wind_ = role(settings_.reading.wind);
  weather_ = fields_.add(settings_.reading.weather);
  if (settings_.max_gap) time_.emplace(settings_.time, fields_);
  for (std::size_t i = 0; i < added_names.size(); ++i) added_[i] = fields_.add(added_names[i]);
  cells_.resize(ids_.size());
  reported_.resize(ids_.size() + 1);
}

Verdict WeatherAdvise::on_record(const Record& record, Output& out) {
  Time time{};
  std::string_view key;
  if (settings_.max_gap) {
    if (Verdict verdict = time_->read(record, time); verdict.rejected()) return verdict;
    if (Verdict verdict = by_.read(record, key); verdict.rejected()) return verdict;
  }
  if (clean(record))
    if (Verdict verdict = report(record, out); verdict.rejected()) return verdict;
  for (std::size_t i = 0; i < added_.size(); ++i) added_values_[i] = record[added_[i]];
  KeyId id = KeyTable<Series>::full;
  bool waits = false;
  if (settings_.max_gap) {
    id = series_.find_or_add(key);
    if (id == KeyTable<Series>::full) {
      ++without_room_;
    } else {
      waits = follow(series_[id], time, out);
    }
  }
  if (waits || !held_.empty()) {
    hold(record, time, id);
    enforce_limit(out);
    return Verdict::ok();
  }
  const Value& weather = record[weather_];
  write(record.line(), cells_, added_values_, weather.kind == Kind::string ? std::optional(weather.text) : std::nullopt,
        out);
  return Verdict::ok();
}

bool WeatherAdvise::follow(Series& series, Time time, Output& out) {
  if (series.begun && time < series.last) return false;  // late: neither filled nor an end of a gap
  series.begun = true;
  series.last = time;
  const std::size_t cleaned = cleaned_.size();
  series.tracks.resize(cleaned);
  bool waits = false;
  for (std::size_t i = 0; i < cleaned; ++i) {
    Track& track = series.tracks[i];
    Cell& cell = cells_[i];
    if (cell.clean.value) {
      const double value = *cell.clean.value;
      track.know(
          time, value, *settings_.max_gap, [&](Held* held) { fill(*held, i, track.between(held->time, time, value)); },
          [&](Held* held) { leave(*held, i); });
      continue;
    }
    if (track.can_be_filled() && track.is_too_long(time, *settings_.max_gap)) give_up(track, i);
    // A value that would have to be put into an object that is not there cannot be filled.
    const bool has_place = cell.existing.kind != Kind::missing || !names_[i].empty();
    cell.pending = track.can_be_filled() && has_place;
    waits = waits || cell.pending;
    if (!cell.pending) ++left_;
  }
  release(out);
  return waits;
}

void WeatherAdvise::hold(const Record& record, Time time, KeyId key) {
  Held& held = held_.emplace_back();
  held.line = record.line();
  held.time = time;
  held.key = key;
  const auto moved = [&](Value value) {
    if (value.kind != Kind::missing)
      value.raw = std::string_view(held.line).substr(static_cast<std::size_t>(value.raw.data() - record.line().data()),
                                                     value.raw.size());
    value.text = {};
    return value;
  };
  held.cells = cells_;
  held.bytes = sizeof(Held) + held.line.capacity() + held.cells.size() * sizeof(Cell);
  for (std::size_t i = 0; i < held.cells.size(); ++i) {
    held.cells[i].existing = moved(held.cells[i].existing);
    if (!held.cells[i].pending) continue;
    ++held.pending;
    series_[key].tracks[i].wait(&held);  // stays where it is: a deque's ends move nothing
  }
  for (std::size_t i = 0; i < added_values_.size(); ++i) held.added[i] = moved(added_values_[i]);
  if (const Value& weather = record[weather_]; weather.kind == Kind::string) {
    held.weather = weather.text;
    held.weather_known = true;
    held.bytes += held.weather.capacity();
  }
  held_bytes_ += held.bytes;
}

void WeatherAdvise::fill(Held& held, std::size_t field, double value) {
  Cell& cell = held.cells[field];
  cell.pending = false;
  --held.pending;
  cell.clean.value = value;
  cell.clean.token.clear();
  append_number(cell.clean.token, value);
  cell.clean.note = CleanValue::Note::filled;
  ++filled_;
}

/// Leaves a value that waits unknown.
void WeatherAdvise::leave(Held& held, std::size_t field) {
  held.cells[field].pending = false;
  --held.pending;
  ++left_;
}

void WeatherAdvise::give_up(Track& track, std::size_t field) {
  track.give_up([&](Held* held) { leave(*held, field); });
}

void WeatherAdvise::release(Output& out) {
  while (!held_.empty() && held_.front().pending == 0) {
    const Held& held = held_.front();
    write(held.line, held.cells, held.added,
          held.weather_known ? std::optional<std::string_view>(held.weather) : std::nullopt, out);
    held_bytes_ -= held.bytes;
    held_.pop_front();
  }
  if (held_.empty()) owed_.pay(out);
}

void WeatherAdvise::enforce_limit(Output& out) {
  while (held_bytes_ > settings_.max_held && !held_.empty()) {
    const Held& oldest = held_.front();
    Series& series = series_[oldest.key];
    for (std::size_t i = 0; i < cleaned_.size(); ++i) {
      if (!oldest.cells[i].pending) continue;
      give_up(series.tracks[i], i);
      ++given_up_for_room_;
    }
    release(out);
  }
}

void WeatherAdvise::on_watermark(Time time, Output& out) {
  for (const Held& held : held_) {
    if (held.pending == 0) continue;
    Series& series = series_[held.key];
    for (std::size_t i = 0; i < cleaned_.size(); ++i)
      if (held.cells[i].pending && series.tracks[i].is_too_long(time, *settings_.max_gap)) give_up(series.tracks[i], i);
  }
  owed_.forget();
  release(out);
  owed_.note(time, promise(time));
}

Time WeatherAdvise::promise(Time time) const {
  for (const Held& held : held_) time = std::min(time, held.time);
  return time;
}

void WeatherAdvise::on_end(Output& out) {
  for (const Held& held : held_) {
    if (held.pending == 0) continue;
    Series& series = series_[held.key];
    for (std::size_t i = 0; i < cleaned_.size(); ++i)
      if (held.cells[i].pending) give_up(series.tracks[i], i);
  }
  release(out);
}

void WeatherAdvise::write(std::string_view line, const std::vector<Cell>& cells, const std::array<Value, 4>& added,
                          std::optional<std::string_view> weather, Output& out) {
  splicer_.begin(line);
  for (std::size_t i = 0; i < cleaned_.size(); ++i)
    if (cells[i].clean.note != CleanValue::Note::kept) splicer_.set(cells[i].existing, names_[i], cells[i].clean.token);

  weather::Conditions conditions;
  conditions.temperature_c = cells[temperature_].clean.value;
  conditions.humidity = cells[humidity_].clean.value;
  conditions.wind_speed = cells[wind_].clean.value;
  if (weather) conditions.weather = *weather;

  const auto token_of = [](bool value) { return value ? std::string_view("true") : std::string_view("false"); };
  constexpr std::string_view null = "null";
  std::array<std::string_view, 4> tokens{null, null, null, null};
  if (const auto temperature = conditions.temperature_c) {
    tokens[0] = token_of(*temperature > mod_high_temp_c);
    tokens[1] = token_of(*temperature < settings_.low_temp_c);
    message_.clear();
    append_json_string(message_, weather::temperature_message(*temperature));
    tokens[2] = message_;
  }
  if (weather || conditions.temperature_c || conditions.humidity || conditions.wind_speed) {
    text_.clear();
    weather::append_advice(text_, conditions);
    advice_.clear();
    append_json_string(advice_, text_);
    tokens[3] = advice_;
  }
  const bool all_new = std::ranges::all_of(added, [](const Value& value) { return value.kind == Kind::missing; });
  if (all_new) {  // nearly always: no need to look at each
    text_.clear();
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      text_ += added_openings[i];
      text_ += tokens[i];
    }
    splicer_.add(text_);
  } else {
    for (std::size_t i = 0; i < tokens.size(); ++i) splicer_.set(added[i], added_names[i], tokens[i]);
  }
  splicer_.write(out.lines);
}

/// Saves a value by the position of its token in the held line.
static void token_state(StateArchive& archive, Value& value, const std::string& line) {
  const std::uint64_t offset =
      archive.size(value.raw.empty() ? 0 : static_cast<std::uint64_t>(value.raw.data() - line.data()));
  const std::uint64_t size = archive.size(value.raw.size());
  if (offset > line.size()) throw SnapshotError("a token that lies outside its line");
  if (archive.loading()) value.raw = std::string_view(line).substr(offset, size);
  archive.values(value.kind, value.fast_number);
}

void WeatherAdvise::Held::state(StateArchive& archive) {
  archive.value(line);
  archive.list(cells, [&](Cell& cell) {
    token_state(archive, cell.existing, line);
    archive.values(cell.clean.value, cell.clean.token, cell.clean.note, cell.pending);
  });
  for (Value& each : added) token_state(archive, each, line);
  archive.values(weather, weather_known, time, key, bytes);
}

void WeatherAdvise::state(StateArchive& archive) {
  archive.values(series_, held_, owed_);
  archive.values(not_numbers_, not_read_, out_of_range_, filled_, left_, given_up_for_room_, without_room_);
  if (!archive.loading()) return;
  for (Held& held : held_) {
    held_bytes_ += held.bytes;
    for (std::size_t i = 0; i < held.cells.size(); ++i) {
      if (!held.cells[i].pending) continue;
      ++held.pending;
      series_[held.key].tracks.at(i).wait(&held);  // a deque that grows at its end moves nothing
    }
  }
}

std::vector<NamedField> WeatherAdvise::named_fields() const {
  const Settings usual;
  std::vector<NamedField> named = settings_.reading.named();
  if (settings_.fields != usual.fields)
    for (const std::string& path : settings_.fields) named.push_back({path, "--field"});
  for (const std::string& range : settings_.ranges) named.push_back({range.substr(0, range.find('=')), "--range"});
  if (settings_.max_gap)
    for (const std::string& path : settings_.by) named.push_back({path, "--by"});
  return named;
}

CountReport WeatherAdvise::counts() const {
  return CountReport()
      .add(not_numbers_, "non-numeric value", "set to null")
      .add(not_read_, "value", "left out of flags and advice")
      .add(out_of_range_, "value", "out of range")
      .add(filled_, "value", "filled in", Weight::work)
      .add(left_, "value", "left unknown")
      .add(given_up_for_room_, "gap", "given up for want of room (--max-held)")
      .add(without_room_, "record", "of keys beyond --max-keys not filled");
}

}  // namespace weir::weather_advise
