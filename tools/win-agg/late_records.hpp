// Records that come after their window was closed.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "pipeline/output.hpp"
#include "record/object_writer.hpp"
#include "record/parser.hpp"
#include "settings.hpp"
#include "state/archive.hpp"

namespace weir::win_agg {

/// Counts late records and writes them to side files, with `late_by`.
class LateRecords {
 public:
  explicit LateRecords(const Settings& settings);

  /// The side files: of dropped records, and of copies of those that were taken.
  std::vector<std::string> side_files() const { return {late_.path(), taken_path_}; }

  /// A record that no window takes any more.
  void drop(const Record& record, Duration late_by, Output& out);
  /// A record that a closed window takes (--allow-late).
  void take(const Record& record, Duration late_by, Output& out);

  std::uint64_t dropped() const { return dropped_; }
  std::uint64_t taken() const { return taken_; }

  void state(StateArchive& archive) { archive.values(dropped_, taken_); }

 private:
  void write(const Record& record, Duration late_by, std::string& side);

  LateOption late_;
  bool keeps_;
  std::string taken_path_;
  std::uint64_t dropped_ = 0;
  std::uint64_t taken_ = 0;
  FieldSet fields_;
  FieldId late_by_;
  std::unique_ptr<RecordParser> parser_;
  Splicer splicer_;
};

}  // namespace weir::win_agg
