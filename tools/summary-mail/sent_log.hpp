// The durable log of sent mails.
#pragma once
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_set>

#include "state/appended_file.hpp"
#include "state/lock_file.hpp"
#include "time/time_types.hpp"

namespace weir::summary_mail {

/// The file has a line that is not a note.
class BadSentLog : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The key of a note.
struct SentNote {
  std::string_view date;  ///< `YYYY-MM-DD`, the day of the summary
  std::string_view kind;
  std::string_view email;
};

/// A file with a line for each mail that the server has accepted:
///
/// `{"date":"2017-11-30","kind":"daily","email":"ana@example.org","sent":"2017-12-01T05:00:00Z"}`.
///
/// It only grows. Users may remove lines while no run is active.
class SentLog {
 public:
  /// Reads the notes without opening the file for writing; a missing file has none. An incomplete last line, which a
  /// crash leaves, is ignored.
  ///
  /// Throws BadSentLog with the number of a line that is not a note, and std::system_error when the file cannot be
  /// read.
  static SentLog read(const std::string& path);

  /// As read(), then opens the file for note(): makes it if needed, removes an incomplete last line, and locks it until
  /// destroyed. Nothing while another run holds the lock.
  static std::optional<SentLog> open(const std::string& path);

  bool contains(const SentNote& note) const;

  /// Adds a note, and returns once it is on the disk. Throws std::system_error.
  void note(const SentNote& note, Time sent);
  /// As note(), for a mail that the server rejects for good: the note has `"refused":"550 …"` in place of `sent`.
  void note_refused(const SentNote& note, std::string_view reason);

 private:
  SentLog() = default;
  void take(const std::string& path, std::string_view bytes);
  void add(const SentNote& note, std::string_view line);

  std::unordered_set<std::string> keys_;
  std::optional<state::LockFile> lock_;
  std::optional<state::AppendedFile> file_;
};

}  // namespace weir::summary_mail
