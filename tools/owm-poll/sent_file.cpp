#include "sent_file.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "record/field_set.hpp"
#include "record/object_writer.hpp"
#include "record/parser.hpp"
#include "state/atomic_file.hpp"
#include "time/timestamp.hpp"

namespace weir::owm_poll {

SentFile::SentFile(std::string path) : path_(std::move(path)) {
  if (!wanted()) return;
  lock_ = state::LockFile::take(path_ + ".lock");
  if (!lock_) throw std::runtime_error(path_ + " is in use by another owm-poll");
}

SentByCity SentFile::load() const {
  SentByCity sent;
  const auto text = wanted() ? state::read_file(path_) : std::nullopt;
  if (!text) return sent;
  FieldSet fields;
  const FieldId city = fields.add("city");
  const FieldId timestamp = fields.add("timestamp");
  RecordParser parser(fields);
  TimeParser times;
  std::string_view rest = *text;
  for (std::uint64_t number = 1; !rest.empty(); ++number) {
    const auto end = std::min(rest.find('\n'), rest.size());
    const Record* record = parser.parse_copy(rest.substr(0, end), number);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (record == nullptr || (*record)[city].kind != Kind::string) continue;
    if (const auto time = times.parse((*record)[timestamp].text)) sent[std::string((*record)[city].text)].note(*time);
  }
  return sent;
}

void SentFile::save(const SentByCity& sent) const {
  std::string text;
  for (const auto& [city, readings] : sent)
    for (const Time time : readings.times()) ObjectWriter(text).string("city", city).time("timestamp", time).end();
  state::write_file(path_, text, 0644);
}

}  // namespace weir::owm_poll
