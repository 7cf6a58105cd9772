// Which mails have been sent, durably.
#pragma once
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_set>

#include "state/lock_file.hpp"
#include "time/time_types.hpp"

namespace weir::summary_mail {

/// The file holds something that is no note.
class BadSentLog : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A mail as it is noted.
struct SentNote {
  std::string_view date;  ///< `YYYY-MM-DD`, the day that the mail is about
  std::string_view kind;
  std::string_view email;
};

/// A file with a line for each mail that the server has taken:
/// `{"date":"2017-11-30","kind":"daily","email":"ana@example.org", "sent":"2017-12-01T05:00:00Z"}`. It only grows;
/// lines may be taken out by hand while no run is going on.
class SentLog {
 public:
  /// Reads the notes that there are, for looking only; no file, no notes. Throws BadSentLog, naming the line, on a line
  /// that is no note (a last one without a line end is what a crash left, and is passed over), std::system_error when
  /// it cannot be read.
  static SentLog read(const std::string& path);

  /// As read(), then also ready for note(): makes the file if need be, cuts off what a crash left, and keeps all other
  /// runs out until it is destroyed. Nothing while another run has it.
  static std::optional<SentLog> open(const std::string& path);

  ~SentLog();
  SentLog(SentLog&& other) noexcept;
  SentLog& operator=(SentLog&& other) noexcept;

  bool contains(const SentNote& note) const;

  /// Adds a note and returns when it is on the disk. Throws std::system_error.
  void note(const SentNote& note, Time sent);
  /// As note(), of a mail that the server does not take and that is not to be tried again: `"refused":"550 …"` stands
  /// in the place of `sent`.
  void note_refused(const SentNote& note, std::string_view words);

 private:
  SentLog() = default;
  /// Returns the length of the whole lines.
  std::size_t take(const std::string& path, std::string_view bytes);
  void add(const SentNote& note, std::string_view line);

  std::string path_;
  std::unordered_set<std::string> keys_;
  std::optional<state::LockFile> lock_;
  int fd_ = -1;
};

}  // namespace weir::summary_mail
