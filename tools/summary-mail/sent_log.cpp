#include "sent_log.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <utility>

#include "record/object_writer.hpp"
#include "record/parser.hpp"
#include "state/atomic_file.hpp"
#include "state/descriptor.hpp"
#include "state/files.hpp"
#include "subscribers/subscribers.hpp"

namespace weir::summary_mail {
namespace {

using state::fail;

constexpr std::uint64_t largest_log = std::uint64_t{1} << 30U;

std::string key_of(const SentNote& note) {
  return fmt::format("{}\n{}\n{}", note.date, note.kind, address_key(note.email));
}

}  // namespace

std::size_t SentLog::take(const std::string& path, std::string_view bytes) {
  path_ = path;
  FieldSet fields;
  const FieldId date = fields.add("date");
  const FieldId kind = fields.add("kind");
  const FieldId email = fields.add("email");
  RecordParser parser(fields);
  std::size_t whole = 0;
  for (std::uint64_t number = 1;; ++number) {
    const auto end = bytes.find('\n', whole);
    if (end == std::string_view::npos) return whole;
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
  const std::string bytes = state::read_file(path, largest_log).value_or("");
  const std::size_t whole = log.take(path, bytes);
  log.fd_ = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW);
  if (log.fd_ < 0) fail(path);
  if (whole < bytes.size() && ::ftruncate(log.fd_, static_cast<off_t>(whole)) != 0) fail(path);
  if (::fsync(log.fd_) != 0) fail(path);
  state::sync_folder(state::folder_of(path));
  return log;
}

SentLog::~SentLog() {
  if (fd_ >= 0) ::close(fd_);
}

SentLog::SentLog(SentLog&& other) noexcept
    : path_(std::move(other.path_)),
      keys_(std::move(other.keys_)),
      lock_(std::move(other.lock_)),
      fd_(std::exchange(other.fd_, -1)) {}

SentLog& SentLog::operator=(SentLog&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(keys_, other.keys_);
  std::swap(lock_, other.lock_);
  std::swap(fd_, other.fd_);
  return *this;
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
  std::string_view rest = line;
  while (!rest.empty()) {
    const ssize_t written = ::write(fd_, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail(path_);
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fdatasync(fd_) != 0) fail(path_);
  keys_.insert(key_of(note));
}

}  // namespace weir::summary_mail
