#include "gaps.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "record/number.hpp"
#include "record/object_writer.hpp"

namespace weir::rec_clean {
namespace {

/// A mark in a held line: this byte, which no JSON has, and one that counts the fields, from a blank. Marks of values
/// are even, those of `filled` odd.
constexpr char mark = '\x01';
constexpr std::size_t most_fields = 40;
constexpr std::uint64_t most_made = 100'000;

std::string mark_of(std::size_t number) { return {mark, static_cast<char>(' ' + number)}; }

}  // namespace

Gaps::Gaps(const GapSettings& settings, const StepSettings& step, Cells& cells)
    : SeriesStep(step, "not filled", cells), settings_(settings), keys_(step.max_keys) {
  for (const std::string& text : settings.fields) {
    const std::size_t equals = text.rfind('=');
    const std::string path = text.substr(0, equals);
    const std::string method = equals == std::string::npos ? "" : text.substr(equals + 1);
    if (path.empty() || (method != "linear" && method != "last"))
      throw std::invalid_argument(fmt::format("--fill: '{}' is not FIELD=linear or FIELD=last", text));
    for (const Field& other : fields_)
      if (other.path == path) throw std::invalid_argument(fmt::format("--fill: {} is there twice", path));
    fields_.push_back({path, FieldSet::plain_name(path), method == "last" ? FillMethod::last : FillMethod::linear,
                       cells.cell(path), cells.made_cell(path + "_filled")});
    named_.push_back({path, "--fill"});
  }
  if (!settings.max_gap || *settings.max_gap <= Duration::zero())
    throw std::invalid_argument("--fill needs --max-gap, the longest time between two known values");
  if (settings.every && *settings.every <= Duration::zero())
    throw std::invalid_argument("--every must be longer than 0s");
  if (fields_.size() > most_fields) throw std::invalid_argument("--fill: too many fields");
  parts_.resize(fields_.size());
  values_.resize(fields_.size());
}

Verdict Gaps::find(const Cells& /*cells*/, bool& found) {
  found = true;
  id_ = keys_.find_or_add(key_);
  if (id_ == KeyTable<Series>::full) return GroupKey::refuse_new(step_settings_.max_keys);
  keys_[id_].tracks.resize(fields_.size());
  return Verdict::ok();
}

Gaps::Held* Gaps::held_of(Series& series, std::uint64_t number) {
  const auto found = std::ranges::lower_bound(series.held, number, {}, &Held::number);
  return &*found;
}

void Gaps::fill(Series& series, std::uint64_t number, std::size_t field, Time next, double value) {
  Held& held = *held_of(series, number);
  Part& part = held.parts[field];
  part.fill = Fill::filled;
  part.token.clear();
  append_number(part.token, series.tracks[field].between(held.time, next, value));
  --held.pending;
  ++filled_;
}

void Gaps::leave(Series& series, std::uint64_t number, std::size_t field) {
  Held& held = *held_of(series, number);
  held.parts[field].fill = Fill::left;
  --held.pending;
  ++left_;
}

/// Adds values_ at a time to the tracks, and says in parts_ what becomes of those that are unknown.
bool Gaps::pass(Series& series, Time time) {
  bool waits = false;
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    clean::GapTrack<std::uint64_t>& track = series.tracks[i];
    Part& part = parts_[i];
    part.fill = Fill::none;
    if (values_[i]) {
      const double value = *values_[i];
      track.know(
          time, value, *settings_.max_gap, [&](std::uint64_t number) { fill(series, number, i, time, value); },
          [&](std::uint64_t number) { leave(series, number, i); });
      continue;
    }
    if (track.can_be_filled() && track.is_too_long(time, *settings_.max_gap))
      track.give_up([&](std::uint64_t number) { leave(series, number, i); });
    part.fill = Fill::left;
    if (!track.can_be_filled()) {
      ++left_;
    } else if (fields_[i].method == FillMethod::last) {
      part.fill = Fill::filled;
      part.token.clear();
      append_number(part.token, track.value());
      ++filled_;
    } else {
      part.fill = Fill::pending;
      waits = true;
    }
  }
  return waits;
}

bool Gaps::follow(Cells& cells, Output& out) {
  Series& series = keys_[id_];
  late_now_ = series.begun && now_ < series.last;
  if (late_now_) {
    note_late("not filled", out);
    for (const Field& field : fields_) cells.set_token(field.filled, "false");
    return false;
  }
  if (settings_.every && series.begun) make_missing(series, out);
  for (std::size_t i = 0; i < fields_.size(); ++i) values_[i] = cells.value(fields_[i].value).number();
  const bool waits = pass(series, now_);
  series.begun = true;
  series.last = now_;
  release(series, out);
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    const Part& part = parts_[i];
    const bool pending = part.fill == Fill::pending;
    if (pending || part.fill == Fill::filled) cells.set_token(fields_[i].value, pending ? mark_of(2 * i) : part.token);
    cells.set_token(fields_[i].filled, pending ? mark_of(2 * i + 1) : part.fill == Fill::filled ? "true" : "false");
  }
  return waits || !series.held.empty();
}

/// Makes the records that are missing since the last one, where the gap is not too long.
void Gaps::make_missing(Series& series, Output& out) {
  const std::uint64_t gap = clean::nanoseconds_between(series.last, now_);
  const auto step = static_cast<std::uint64_t>(settings_.every->count());
  if (gap > static_cast<std::uint64_t>(settings_.max_gap->count())) return;
  if (gap / step > most_made) {
    ++too_long_;
    return;
  }
  std::ranges::fill(values_, std::nullopt);
  Time time = series.last;
  // The last step may be up to half a step short, as clocks are.
  for (std::uint64_t at = step; at + step / 2 < gap; at += step) {
    time += *settings_.every;
    pass(series, time);
    line_.clear();
    ObjectWriter object(line_);
    object.time(time_.name(), time);
    by_.append_members(line_, keys_.key(id_));
    for (std::size_t i = 0; i < fields_.size(); ++i) {
      const Part& part = parts_[i];
      const bool pending = part.fill == Fill::pending;
      object.raw(fields_[i].name, pending ? mark_of(2 * i) : part.fill == Fill::filled ? part.token : "null");
      object.raw(fields_[i].name + "_filled", pending                     ? mark_of(2 * i + 1)
                                              : part.fill == Fill::filled ? "true"
                                                                          : "false");
    }
    object.end();
    add_held(series, line_, time);
    ++made_;
  }
  release(series, out);
}

void Gaps::hold(std::string_view line, Output& out) {
  Series& series = keys_[id_];
  add_held(series, line, now_);
  release(series, out);
  keep_room(out);
}

void Gaps::add_held(Series& series, std::string_view line, Time time) {
  Held& held = series.held.emplace_back();
  held.line = line;
  held.parts = parts_;
  held.time = time;
  held.number = ++number_;
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    if (parts_[i].fill != Fill::pending) continue;
    ++held.pending;
    series.tracks[i].wait(held.number);
  }
  ++held_;
  held_bytes_ += sizeof(Held) + held.line.size();
}

/// Writes the first records that wait for nothing more.
void Gaps::release(Series& series, Output& out) {
  for (; !series.held.empty() && series.held.front().pending == 0; series.held.pop_front()) {
    const Held& held = series.held.front();
    for (std::size_t at = 0; at < held.line.size(); ++at) {
      if (held.line[at] != mark) {
        out.lines += held.line[at];
        continue;
      }
      const auto number = static_cast<std::size_t>(held.line[++at] - ' ');
      const Part& part = held.parts[number / 2];
      const bool filled = part.fill == Fill::filled;
      if (number % 2 == 0)
        out.lines += filled ? std::string_view(part.token) : std::string_view("null");
      else
        out.lines += filled ? std::string_view("true") : std::string_view("false");
    }
    --held_;
    held_bytes_ -= sizeof(Held) + held.line.size();
  }
  pay_watermark(out);
}

/// Gives up the tracks for which `which` is true, and writes what then waits for nothing more, in the order in which it
/// came.
template <typename Which>
void Gaps::give_up_if(Which which, Output& out) {
  std::vector<std::pair<std::uint64_t, KeyId>> found;
  keys_.for_each([&](KeyId id) {
    Series& series = keys_[id];
    if (series.held.empty()) return;
    found.emplace_back(series.held.front().number, id);
    for (std::size_t i = 0; i < series.tracks.size(); ++i)
      if (which(series.tracks[i])) series.tracks[i].give_up([&](std::uint64_t number) { leave(series, number, i); });
  });
  std::sort(found.begin(), found.end());
  for (const auto& [number, id] : found) release(keys_[id], out);
}

void Gaps::release_before(Time time, Output& out) {
  give_up_if([&](const auto& track) { return track.is_too_long(time, *settings_.max_gap); }, out);
}

Time Gaps::earliest_held() const {
  Time earliest = Time::max();
  keys_.for_each([&](KeyId id) {
    if (!keys_[id].held.empty()) earliest = std::min(earliest, keys_[id].held.front().time);
  });
  return earliest;
}

void Gaps::release_all(Output& out) {
  give_up_if([](const auto&) { return true; }, out);
}

void Gaps::state(StateArchive& archive) {
  archive.values(keys_, number_, owed_, late_, filled_, left_, made_, too_long_, without_room_);
  if (!archive.loading()) return;
  keys_.for_each([&](KeyId id) {
    Series& series = keys_[id];
    for (const Held& held : series.held) {
      ++held_;
      held_bytes_ += sizeof(Held) + held.line.size();
      for (std::size_t i = 0; i < held.parts.size(); ++i)
        if (held.parts[i].fill == Fill::pending) series.tracks.at(i).wait(held.number);
    }
  });
}

void Gaps::add_counts(CountReport& report) const {
  report.add(filled_, "value", "filled in", Weight::work)
      .add(left_, "value", "left unknown")
      .add(made_, "record", "made (--every)", Weight::work)
      .add(too_long_, "gap", fmt::format("left without records, as it is longer than {} steps of --every", most_made));
}

}  // namespace weir::rec_clean
