#include "edge_filter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "record/held_text.hpp"
#include "record/member_path.hpp"
#include "record/number.hpp"
#include "record/value_checks.hpp"

namespace weir::edge_filter {
namespace {

/// How long a record may hold a watermark back, without --max-interval.
constexpr Duration usual_hold = std::chrono::hours(1);

enum Member : std::size_t { raw_value, processed_value, quality_score, anomaly_score, should_transmit };
constexpr std::array<std::string_view, 5> member_names{"raw_value", "processed_value", "quality_score", "anomaly_score",
                                                       "should_transmit"};

}  // namespace

EdgeFilter::EdgeFilter(const Settings& settings)
    : LateFilter(settings.time, settings.late),
      settings_(settings),
      types_(settings.types),
      value_(fields_.add(settings.value)),
      group_(settings.by, fields_),
      keys_(settings.max_keys),
      left_out_(settings.strict) {
  if (!settings.parameter.empty()) parameter_ = fields_.add(settings.parameter);
  for (const std::string& path : settings.on_change) on_change_.push_back(fields_.add(path));
  for (const std::string_view name : member_names) {
    if (std::find(group_.names().begin(), group_.names().end(), name) != group_.names().end() ||
        settings.parameter == name)
      throw std::invalid_argument(fmt::format("'{}' is a field that is added: it cannot be part of the key", name));
    members_.push_back(fields_.add(name));
  }
  if (settings.min_interval && settings.max_interval && *settings.min_interval > *settings.max_interval)
    throw std::invalid_argument("--min-interval is longer than --max-interval");
  for (const TypeRules& rules : types_.all()) {
    limits_.push_back(needed(rules.smoothing));
    std::optional<Butterworth>& filter = filters_.emplace_back();
    if (rules.smoothing.order > 0) filter.emplace(rules.smoothing.order, rules.smoothing.cutoff);
    if (rules.smoothing.method == Smoothing::Method::filtfilt && settings.buffer <= filter->padding())
      throw std::invalid_argument(fmt::format("--buffer: filtfilt of order {} needs more than {} readings",
                                              rules.smoothing.order, filter->padding()));
    holds_ = holds_ || rules.rule == SendRule::swing || settings.previous == Previous::too;
  }
  longest_hold_ = settings.max_interval.value_or(usual_hold);
}

/// How many readings of a series are kept.
std::size_t EdgeFilter::needed(const Smoothing& smoothing) const {
  std::size_t most = std::max<std::size_t>({anomaly_readings + 1, smoothing.readings, settings_.warm_up});
  if (smoothing.method == Smoothing::Method::filtfilt) most = std::max<std::size_t>(most, settings_.buffer);
  return most;
}

Verdict EdgeFilter::read_status(const Record& record) {
  status_.clear();
  for (const FieldId id : on_change_) {
    const Value& value = record[id];
    if (value.kind == Kind::object || value.kind == Kind::array || value.raw.size() > GroupKey::max_size)
      return Verdict::reject(fmt::format("{} is not a short plain value (--on-change)", fields_.path(id)));
    status_.append(value.raw) += '\n';
  }
  return Verdict::ok();
}

/// The series of a key, or nothing when a new one has no room.
Series* EdgeFilter::series_of(std::string_view key, const Record& record) {
  const KeyId id = keys_.find_or_add(key);
  if (id == KeyTable<Series>::full) return nullptr;
  Series& series = keys_[id];
  if (!series.known && parameter_) series.type = types_.find(record[*parameter_].text);
  return &series;
}

Verdict EdgeFilter::on_record(const Record& record, Output& out) {
  if (Verdict verdict = time_.read(record, now_); verdict.rejected()) return verdict;
  left_out_.begin();
  const Value& value = record[value_];
  double number = 0;
  const bool there = value.read(number);
  if (!value.present())
    left_out_.note_absent(settings_.value, value);
  else if (!there)
    left_out_.note_wrong(settings_.value, value);
  if (Verdict verdict = left_out_.judge(there); verdict.rejected()) return verdict;
  if (Verdict verdict = read_status(record); verdict.rejected()) return verdict;
  std::string_view key;
  if (Verdict verdict = group_.read(record, key); verdict.rejected()) return verdict;
  if (parameter_) {
    const Value& type = record[*parameter_];
    if (type.kind == Kind::object || type.kind == Kind::array || type.raw.size() > GroupKey::max_size)
      return Verdict::reject(settings_.parameter + " is not a short plain value (--parameter)");
    // Each type of sensor of a key is a series of its own.
    token_.assign(key) += '\0';
    token_ += type.text;
    key = token_;
  }
  if (holds_)
    if (Verdict verdict = check_held_text("the record", record.line()); verdict.rejected()) return verdict;
  Series* const series = series_of(key, record);
  if (series == nullptr) return GroupKey::refuse_new(settings_.max_keys);
  left_out_.accept(out);
  if (series->known && now_ < series->newest) {
    set_aside(record, out, [] { return "late: older than another record of its key, and left out"; });
    if (settings_.written == Written::all) write(record, nullptr, Send::no, out.lines);
    return Verdict::ok();
  }
  series->newest = now_;
  if (!there) {
    write_absent(*series, record, out);
  } else {
    const double before = series->readings.size() > 0 ? series->readings.last() : number;
    const Result result = process(*series, number);
    decide(*series, record, result, before, out);
    series->absent = false;
  }
  series->known = true;
  series->status = status_;
  return Verdict::ok();
}

// --- what is sent ----------------------------------------------------------------------------------------------------

/// Whether the rule of the type, other than a swinging door, sends the value.
bool EdgeFilter::changes(const Series& series, const Result& result, double value_before) const {
  const TypeRules& rules = types_[series.type];
  if (rules.rule == SendRule::deadband) {
    const double width = rules.band.share ? rules.band.width * std::abs(series.sent_value) : rules.band.width;
    return std::abs(result.value - series.sent_value) > width;
  }
  if (series.readings.size() < settings_.warm_up) return true;
  if (result.quality > 0.8 && result.anomaly > 0.7) return true;
  const double last = settings_.compare == Compare::sent ? series.sent_value : value_before;
  if (std::abs(result.value - last) / std::max(std::abs(last), least_divisor) > rules.threshold) return true;
  return rules.every > 0 && (series.count - 1) % rules.every == 0;
}

void EdgeFilter::decide(Series& series, const Record& record, const Result& result, double value_before, Output& out) {
  const bool must = !series.sent || series.absent || (series.known && series.status != status_);
  if (must) {
    release(series, types_[series.type].rule == SendRule::swing ? Send::yes : Send::no, out);
    return send(series, record, result, out);
  }
  if (types_[series.type].rule == SendRule::swing) return swing(series, record, result, out);
  const Duration since = saturating_distance(series.sent_time, now_);
  const bool waits = settings_.min_interval && since < *settings_.min_interval;
  const bool changed = !waits && changes(series, result, value_before);
  const bool due = !waits && settings_.max_interval && since >= *settings_.max_interval;
  release(series, changed ? Send::yes : Send::no, out);
  if (changed || due) return send(series, record, result, out);
  if (settings_.previous == Previous::too) return hold(series, record, result);
  ++kept_back_;
  if (settings_.written == Written::all) write(record, &result, Send::no, out.lines);
}

/// The door is at the point sent last; the record held is the end of the line so far.
void EdgeFilter::swing(Series& series, const Record& record, const Result& result, Output& out) {
  const double band = types_[series.type].band.width;
  const auto waits = [&](Time time) {
    return settings_.min_interval && saturating_distance(series.sent_time, time) < *settings_.min_interval;
  };
  const bool due = settings_.max_interval && saturating_distance(series.sent_time, now_) > *settings_.max_interval;
  if (series.held.is_there()) {
    const bool ends = due || !series.door.reaches(now_, result.value, band);
    release(series, ends && !waits(series.held.time) ? Send::yes : Send::no, out);
  }
  if (series.door.is_at(now_) && !series.door.reaches(now_, result.value, band))
    return send(series, record, result, out);  // a second value at the time of one sent
  hold(series, record, result);
  series.door.narrow(now_, result.value, band);
}

void EdgeFilter::send(Series& series, const Record& record, const Result& result, Output& out) {
  series.sent = true;
  series.sent_time = now_;
  series.sent_value = result.value;
  series.door.begin(now_, result.value);
  write(record, &result, Send::yes, out.lines);
}

/// Keeps a record until it is known whether it is sent.
void EdgeFilter::hold(Series& series, const Record& record, const Result& result) {
  std::string& line = series.held.line;
  line.clear();
  write(record, &result, Send::yes, line);
  line.pop_back();
  const bool replaced = record[members_[should_transmit]].kind != Kind::missing;
  std::size_t flag = line.rfind("true");  // the last member, unless the record had it already
  if (replaced) {
    std::string other;
    write(record, &result, Send::no, other);
    flag = static_cast<std::size_t>(std::mismatch(line.begin(), line.end(), other.begin()).first - line.begin());
  }
  series.held.flag = static_cast<std::uint32_t>(flag);
  series.held.time = now_;
  series.held.value = result.value;
}

/// Writes the record held. One that is sent is where the next line begins.
void EdgeFilter::release(Series& series, Send send, Output& out) {
  Held& held = series.held;
  if (!held.is_there()) return;
  if (send == Send::yes) {
    append_line(out.lines, held.line);
    if (types_[series.type].rule == SendRule::swing) {
      series.sent_time = held.time;
      series.sent_value = held.value;
      series.door.begin(held.time, held.value);
    }
  } else {
    ++kept_back_;
    if (settings_.written == Written::all)
      append_line(out.lines.append(held.line, 0, held.flag).append("false"),
                  std::string_view(held.line).substr(held.flag + 4));
  }
  held.line.clear();
}

/// A value that goes missing is a change, and is sent; the ones after it are not.
void EdgeFilter::write_absent(Series& series, const Record& record, Output& out) {
  const bool changed = !series.absent || series.status != status_;
  release(series, types_[series.type].rule == SendRule::swing ? Send::yes : Send::no, out);
  series.absent = true;
  if (!changed) ++kept_back_;
  if (changed || settings_.written == Written::all) write(record, nullptr, changed ? Send::yes : Send::no, out.lines);
}

// --- output ----------------------------------------------------------------------------------------------------------

/// Gives a member its token: in place where the record has it, else after the others.
void EdgeFilter::set_member(const Record& record, std::size_t member, std::string_view token) {
  const Value& existing = record[members_[member]];
  if (existing.kind != Kind::missing) return splicer_.set(existing, member_names[member], token);
  members_text_.append(",\"").append(member_names[member]).append("\":").append(token);
}

/// Writes a record with its new members; without a result they are null.
void EdgeFilter::write(const Record& record, const Result* result, Send send, std::string& to) {
  splicer_.begin(record);
  members_text_.clear();
  const Value& value = record[value_];
  set_member(record, raw_value, value.present() ? value.raw : std::string_view("null"));
  const auto set_number = [&](std::size_t member, double number) {
    token_.clear();
    if (result == nullptr)
      token_ = "null";
    else
      append_number(token_, number);
    set_member(record, member, token_);
  };
  if (result != nullptr && result->as_it_came)
    set_member(record, processed_value, value.raw);
  else
    set_number(processed_value, result == nullptr ? 0 : result->value);
  set_number(quality_score, result == nullptr ? 0 : result->quality);
  set_number(anomaly_score, result == nullptr ? 0 : result->anomaly);
  set_member(record, should_transmit, send == Send::yes ? "true" : "false");
  splicer_.add(members_text_);
  splicer_.write(to);
}

void EdgeFilter::on_watermark(Time time, Output& out) {
  if (!holds_) return;
  const Time due = saturating_subtract(time, longest_hold_);
  std::vector<KeyId> late;
  keys_.for_each([&](KeyId id) {
    if (keys_[id].held.is_there() && keys_[id].held.time < due) late.push_back(id);
  });
  std::sort(late.begin(), late.end());
  for (const KeyId id : late)
    release(keys_[id], types_[keys_[id].type].rule == SendRule::swing ? Send::yes : Send::no, out);
  owed_.note(time, promise(time));
}

Time EdgeFilter::promise(Time time) const {
  if (holds_)
    keys_.for_each([&](KeyId id) {
      if (keys_[id].held.is_there()) time = std::min(time, keys_[id].held.time);
    });
  return time;
}

void EdgeFilter::on_end(Output& out) {
  std::vector<KeyId> all;
  keys_.for_each([&](KeyId id) {
    if (keys_[id].held.is_there()) all.push_back(id);
  });
  std::sort(all.begin(), all.end(),
            [this](KeyId a, KeyId b) { return std::pair(keys_[a].held.time, a) < std::pair(keys_[b].held.time, b); });
  for (const KeyId id : all)
    release(keys_[id], types_[keys_[id].type].rule == SendRule::swing ? Send::yes : Send::no, out);
  owed_.pay(out);
}

void EdgeFilter::state(StateArchive& archive) {
  archive.values(keys_, owed_, left_out_, late_, outliers_, kept_back_);
  if (archive.loading())
    keys_.for_each([this](KeyId id) {
      if (keys_[id].type >= types_.all().size())
        throw SnapshotError("a series, a held record or a type that cannot exist");
    });
}

std::vector<NamedField> EdgeFilter::named_fields() const {
  std::vector<NamedField> named{{settings_.value, "--value"}};
  for (const std::vector<NamedField>& fields :
       {named_fields_of("--by", settings_.by), named_fields_of("--on-change", settings_.on_change)})
    named.insert(named.end(), fields.begin(), fields.end());
  return named;
}

CountReport EdgeFilter::counts() const {
  CountReport counts;
  if (settings_.written == Written::all)
    add_late_written(counts, "late record", "older than another of their key: written, not counted in");
  else
    add_late(counts, "late record", "older than another of their key: ");
  left_out_.add_to(counts);
  counts.add(outliers_, "outlier", "left out of the smoothing", Weight::work);
  if (settings_.written == Written::sent) counts.add(kept_back_, "record", "not worth sending", Weight::work);
  return counts;
}

}  // namespace weir::edge_filter
