#include "poll_spool.hpp"

#include <charconv>

#include "record/field_set.hpp"
#include "record/number.hpp"
#include "record/parser.hpp"
#include "state/epoch_file.hpp"

namespace weir::owm_poll {
namespace {

/// A line of the spool: the reading's own time in nanoseconds since 1970, a space, the record.
std::string_view take_time(std::string_view line, Time& time) {
  std::int64_t count = 0;
  const auto read = std::from_chars(line.data(), line.data() + line.size(), count);
  const auto size = static_cast<std::size_t>(read.ptr - line.data());
  if (read.ec != std::errc{} || size == line.size() || line[size] != ' ')
    throw state::Unusable("the spool has a line that is no record of owm-poll");
  time = Time(Duration(count));
  return line.substr(size + 1);
}

}  // namespace

PollSpool::PollSpool(const std::string& folder, state::SpoolLimits limits) : spool_(folder + "/spool", limits) {}

void PollSpool::begin() {
  if (spool_.first().segment > 1)
    throw state::Unusable("records that an earlier run committed are gone, and the sink of this one has none of them");
  note_stored();
}

/// The readings from the place on, which no snapshot may know.
void PollSpool::note_stored() {
  const state::SpoolPlace place = spool_.place();
  FieldSet fields;
  const FieldId city = fields.add("city");
  RecordParser parser(fields);
  while (const auto line = spool_.next()) {
    Time time{};
    const Record* record = parser.parse_copy(take_time(*line, time), 1);
    if (record != nullptr && (*record)[city].kind == Kind::string) sent_[std::string((*record)[city].text)].note(time);
  }
  spool_.seek(place);
}

void PollSpool::snapshot(SnapshotWriter& to) {
  places_.push_back(spool_.place());
  places_.back().snapshot(to);
  to.number(records_);
  to.number<std::uint64_t>(sent_.size());
  for (const auto& [city, readings] : sent_) {
    to.text(city);
    to.number<std::uint64_t>(readings.times().size());
    for (const Time time : readings.times()) to.number(time.time_since_epoch().count());
  }
}

void PollSpool::restore(SnapshotReader& from) {
  const auto place = state::SpoolPlace::restored(from);
  records_ = from.number<std::uint64_t>();
  for (auto cities = from.number<std::uint64_t>(); cities > 0; --cities) {
    SentReadings& readings = sent_[std::string(from.text())];
    for (auto left = from.number<std::uint64_t>(); left > 0; --left)
      readings.note(Time(Duration(from.number<Duration::rep>())));
  }
  spool_.seek(place);
  spool_.forget(place);
  note_stored();
}

void PollSpool::committed(std::uint64_t snapshots) {
  for (; snapshots > 1 && places_.size() > 1; --snapshots) places_.pop_front();
  if (places_.empty()) return;
  spool_.forget(places_.front());
  places_.pop_front();
}

void PollSpool::store(std::string_view lines, const std::vector<Poller::Mark>& marks) {
  for (const Poller::Mark& mark : marks) {
    line_.clear();
    append_number(line_, mark.reading.time_since_epoch().count());
    line_ += ' ';
    line_ += lines.substr(0, mark.size - 1);
    spool_.append(line_);
    sent_[mark.city].note(mark.reading);
    lines.remove_prefix(mark.size);
  }
  spool_.sync();
}

bool PollSpool::read(Output& to, std::size_t most) {
  std::string& out = to.lines;
  const std::size_t before = out.size();
  for (std::uint64_t left = to.wanted; left > 0 && out.size() - before < most; --left) {
    const auto line = spool_.next();
    if (!line) break;
    Time time{};
    out += take_time(*line, time);
    out += '\n';
    ++records_;
  }
  return out.size() > before;
}

}  // namespace weir::owm_poll
