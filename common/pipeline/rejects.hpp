// Records that cannot be used: counted, the first few reported, all kept where --rejects names a file.
#pragma once
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>

#include "cli/app.hpp"
#include "pipeline/options.hpp"
#include "pipeline/output.hpp"
#include "pipeline/reject_log.hpp"
#include "pipeline/side_file.hpp"

namespace weir {

/// Ends the run at the first reject with --strict.
class StrictReject : public std::runtime_error {
 public:
  StrictReject() : StrictReject("stopped at the first record that cannot be used (--strict)") {}
  explicit StrictReject(const char* reason) : std::runtime_error(reason) {}
};

class Rejects : public RejectLog {
 public:
  Rejects(const RejectOptions& options, cli::Context& context);

  /// Writes pending rejects also where an exception ends the run.
  ~Rejects() override;
  Rejects(const Rejects&) = delete;
  Rejects& operator=(const Rejects&) = delete;

  void set_file(const std::string& file) override;

  /// Throws StrictReject with --strict.
  void reject(std::uint64_t line, std::string_view raw, std::string_view reason) override;

  /// As reject(); the origin stands in the message, with the beginning of the text, and in the file.
  void reject_from(const Origin& origin, std::uint64_t line, std::string_view raw, std::string_view reason) override;

  /// Counts a record and reports it where it is one of the first; nothing is written to the file.
  void count(std::uint64_t line, std::string_view reason);
  /// Reports something on a record that is not rejected.
  void message(std::uint64_t line, const RecordMessage& message);
  /// Appends the line that --rejects gets for a record.
  void append(std::string& out, std::uint64_t line, std::string_view raw, std::string_view reason) const {
    append(out, {}, line, raw, reason);
  }

  void flush();

  /// Flushes, reports their number, and returns the exit status.
  cli::Exit finish();

  std::uint64_t count() const { return count_; }
  bool strict() const { return strict_; }
  /// Whether the records' text is kept.
  bool kept() const { return writer_.wanted(); }

  /// For checkpoints.
  SideFile& file() { return writer_; }

 private:
  void append(std::string& out, const Origin& origin, std::uint64_t line, std::string_view raw,
              std::string_view reason) const;
  bool is_shown(std::string_view reason);
  bool counted(std::string_view reason);
  void keep(const Origin& origin, std::uint64_t line, std::string_view raw, std::string_view reason);

  cli::Context& context_;
  bool strict_;
  std::string file_;
  std::string file_member_;  ///< of its rejects: `,"file":"…"`
  std::uint64_t count_ = 0;
  std::set<std::string, std::less<>> kinds_;  ///< of the rejects reported
  std::string pending_;
  SideFile writer_;
};

}  // namespace weir
