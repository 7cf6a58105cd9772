#include "sent_log.hpp"

#include <fmt/format.h>

#include <optional>

#include "record/object_writer.hpp"
#include "record/parser.hpp"
#include "state/atomic_file.hpp"
#include "subscribers/subscribers.hpp"

namespace weir::summary_mail {
namespace {

constexpr std::uint64_t largest_log = std::uint64_t{1} << 30U;

std::string key_of(const SentNote& note) {
  return fmt::format("{}\n{}\n{}", note.date, note.kind, address_key(note.email));
}

}  // namespace

void SentLog::take(const std::string& path, std::string_view bytes) {
  FieldSet fields;
  const FieldId date = fields.add("date");
  const FieldId kind = fields.add("kind");
  const FieldId email = fields.add("email");
  RecordParser parser(fields);
  std::size_t whole = 0;
  for (std::uint64_t number = 1;; ++number) {
    const auto end = bytes.find('\n', whole);
    if (end == std::string_view::npos) return;
    const std::string_view line = bytes.substr(whole, end - whole);
    whole = end + 1;
    if (line.empty()) continue;
    const Record* record = parser.parse_copy(line, number);
    if (record == nullptr || (*record)[date].kind != Kind::string || (*record)[kind].kind != Kind::string ||
        (*record)[email].kind != Kind::string)
      throw BadSentLog(
          fmt::format("{} line {} is not a note of a sent mail: give --sent a file of its own", path, number));
    keys_.insert(key_of({(*record)[date].text, (*record)[kind].text, (*record)[email].text}));
  }
}

SentLog SentLog::read(const std::string& path) {
  SentLog log;
  if (const auto bytes = state::read_file(path, largest_log)) log.take(path, *bytes);
  return log;
}

std::optional<SentLog> SentLog::open(const std::string& path) {
  auto lock = state::LockFile::take(path);
  if (!lock) return std::nullopt;
  SentLog log;
  log.lock_ = std::move(lock);
  log.take(path, state::read_file(path, largest_log).value_or(""));
  log.file_.emplace(path);
  log.file_->sync();
  return log;
}

bool SentLog::contains(const SentNote& note) const { return keys_.contains(key_of(note)); }

void SentLog::note(const SentNote& note, Time sent) {
  std::string line;
  ObjectWriter(line)
      .string("date", note.date)
      .string("kind", note.kind)
      .string("email", note.email)
      .time("sent", sent)
      .end();
  add(note, line);
}

void SentLog::note_refused(const SentNote& note, std::string_view reason) {
  std::string line;
  ObjectWriter(line)
      .string("date", note.date)
      .string("kind", note.kind)
      .string("email", note.email)
      .string("refused", reason)
      .end();
  add(note, line);
}

void SentLog::add(const SentNote& note, std::string_view line) {
  file_->append(line);
  file_->sync();
  keys_.insert(key_of(note));
}

}  // namespace weir::summary_mail
