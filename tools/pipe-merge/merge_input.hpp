// One input of a merge.
#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "merged_stream.hpp"
#include "pipeline/line_loop.hpp"
#include "record/line_reader.hpp"
#include "record/parser.hpp"
#include "state/descriptor.hpp"
#include "state/stage_folder.hpp"

namespace weir::pipe_merge {

/// Whether the whole takes part in checkpoints.
enum class Checkpoints : std::uint8_t { off, on };

/// Reads the lines of one input into the stream. With checkpoints it is the sink of that input's run, which keeps its
/// state in a folder of its own: a barrier holds the input until release().
class MergeInput : private LineHandler {
 public:
  /// `root` is the whole's state folder. Lines are parsed with Checking::every_token alone; to copy them takes a third
  /// of the time. Else they must stand in braces. The stream must outlive this. Throws std::system_error.
  MergeInput(std::size_t index, const std::string& path, MergedStream& stream, Checkpoints checkpoints,
             const std::string& root, std::size_t max_line, Checking checking);

  enum class Read : std::uint8_t { lines, end };
  /// Reads once, 256 KiB at most, and takes the lines. `end` is the end of the file, once nothing holds it.
  Read read();
  /// Takes lines that were read while the input was held.
  void take_lines();
  /// For poll(2); -1 while nothing is to be read.
  int fd() const { return held_ || done_ ? -1 : file_.get(); }

  /// Nothing is taken after a restore or a barrier, until release().
  bool is_held() const { return held_; }
  void release() { held_ = false; }
  /// Something has come since the last barrier.
  bool has_news() const { return has_news_; }
  /// The input is over: it no longer holds back the watermark.
  void end();
  bool is_done() const { return done_; }

  const std::string& path() const { return path_; }
  std::uint64_t records() const { return lines_.records(); }
  const EpochOrder& order() const { return order_; }

  /// The name of its pipeline, empty before its run has begun; its folder in the whole's bears it.
  const std::string& name() const { return name_; }
  state::RunFolder folder() const { return state::RunFolder(root_ + '/' + name_); }
  /// The epoch of its last barrier, before the first one that to restore.
  std::uint64_t epoch() const { return epoch_; }
  void set_epoch(std::uint64_t epoch) { epoch_ = epoch; }
  /// Answers its run with epoch().
  void answer() const;
  /// How long its stages stood still for the last barrier.
  std::chrono::milliseconds took() const { return took_; }

 private:
  void prepare(std::string_view lines) override { parser_.prepare(lines); }
  void take_alike(LineReader&, LineLoop&) override {}  // lines are held one by one
  Verdict on_line(const Line& line) override;
  void on_unusable() override { has_news_ = true; }
  void on_watermark(Time time, std::string_view line) override;
  void on_unknown_control(std::string_view line) override;
  void on_begin(const Control& control, std::string_view line) override;
  void on_restore(const Control& control, std::string_view line) override;
  void on_barrier(const Control& control) override;
  void on_input_end(std::string_view line) override;

  std::size_t index_;
  std::string path_;
  MergedStream& stream_;
  std::string root_;
  state::Descriptor file_;
  LineReader reader_;
  EpochOrder order_;
  Checking checking_;
  RecordParser parser_;  ///< with Checking::every_token
  LineLoop lines_;
  std::string name_;
  std::uint64_t epoch_ = 0;
  std::chrono::milliseconds took_{};
  bool held_ = false;
  bool has_news_ = false;
  bool done_ = false;
};

}  // namespace weir::pipe_merge
