// The stream that the inputs become.
#pragma once
#include <string>
#include <string_view>

#include "least_watermark.hpp"
#include "pipeline/output.hpp"
#include "pipeline/rejects.hpp"
#include "pipeline/standard_output.hpp"
#include "record/control.hpp"

namespace weir::pipe_merge {

/// Lines of all inputs on their way to standard output, and the watermark that holds for all of them.
class MergedStream {
 public:
  MergedStream(std::size_t inputs, Rejects& rejects, int output)
      : watermark_(inputs), rejects_(rejects), stdout_(output) {}

  std::string& lines() { return lines_; }
  LeastWatermark& watermark() { return watermark_; }
  Rejects& rejects() { return rejects_; }
  StandardOutput& output() { return stdout_; }

  /// Appends a watermark where the least of all inputs has advanced.
  void pass_watermark() {
    if (const auto time = watermark_.advance()) append_watermark(lines_, *time);
  }
  /// Writes the lines where they are enough for a block.
  void write_block() {
    if (lines_.size() >= stdout_.block()) stdout_.write(lines_);
  }
  void flush() {
    rejects_.flush();
    stdout_.write(lines_);
  }

 private:
  std::string lines_;
  LeastWatermark watermark_;
  Rejects& rejects_;
  StandardOutput stdout_;
};

}  // namespace weir::pipe_merge
