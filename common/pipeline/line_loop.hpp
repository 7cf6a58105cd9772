// The one place that decides what becomes of a line of input.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pipeline/divided.hpp"
#include "pipeline/epoch_order.hpp"
#include "pipeline/read_ahead.hpp"
#include "pipeline/rejects.hpp"
#include "record/control.hpp"
#include "record/line_reader.hpp"
#include "record/parser.hpp"
#include "record/record.hpp"
#include "state/archive.hpp"
#include "time/future_guard.hpp"

namespace weir {

class LineLoop;

/// A stage's part in reading: one call for each kind of line. All but on_read() are pure, so that a stage cannot forget
/// a kind.
class LineHandler {
 public:
  virtual ~LineHandler() = default;

  /// A line within the limits that is not a control line; the verdict says whether it is rejected.
  virtual Verdict on_line(const Line& line) = 0;
  /// A line of which another thread has made an entry; only for a handler that lets threads read.
  virtual Verdict on_read(const Line& line, const std::byte* entry) {
    static_cast<void>(entry);
    return on_line(line);
  }
  /// Lines that will come one by one, as RecordParser::prepare() takes them.
  virtual void prepare(std::string_view lines) = 0;
  /// Takes the next lines of the reader, as far as they are records with the shape of earlier ones: `loop` gets each.
  /// It may take none.
  virtual void take_alike(LineReader& reader, LineLoop& loop) = 0;
  /// A line that is rejected without a verdict of on_line(): too long, a control line that cannot be used, or a record
  /// whose time is not believed.
  virtual void on_unusable() = 0;

  /// Control lines; `line` is the text without its newline.
  virtual void on_watermark(Time time, std::string_view line) = 0;
  /// A control line of a kind that this version does not know.
  virtual void on_unknown_control(std::string_view line) = 0;

  /// Control lines of checkpoints, only with --state and only in their order (EpochOrder).
  virtual void on_begin(const Control& control, std::string_view line) = 0;
  virtual void on_restore(const Control& control, std::string_view line) = 0;
  virtual void on_barrier(const Control& control) = 0;
  virtual void on_input_end(std::string_view line) = 0;
};

/// A LineHandler that takes parsed records. A line that is not a record is rejected.
class RecordHandler : public LineHandler {
 public:
  /// Parses the fields of `fields`.
  RecordHandler(const FieldSet& fields, Checking checking) : parser_(fields, checking) {}

  virtual Verdict on_record(const Record& record) = 0;
  /// A record that a RecordReader has read, for a stage that has one.
  virtual Verdict on_read_record(const ReadRecord& read) { return on_record(read.record()); }

  /// Whether passes() can be true of any record.
  virtual bool may_pass() const { return false; }
  /// Whether on_record() would only write the record as it came.
  virtual bool passes(const Record& record) const {
    static_cast<void>(record);
    return false;
  }
  /// Whole lines of records that pass; `last` is the number of the last one.
  virtual void pass(std::string_view lines, std::uint64_t last) {
    static_cast<void>(lines);
    static_cast<void>(last);
  }

  void prepare(std::string_view lines) final { parser_.prepare(lines); }
  void take_alike(LineReader& reader, LineLoop& loop) final;
  Verdict on_line(const Line& line) final {
    if (const Record* record = parser_.parse(line.text, line.number)) return on_record(*record);
    on_unusable();
    return Verdict::reject(parser_.reason());
  }
  Verdict on_read(const Line& line, const std::byte* entry) final {
    return on_read_record(Parsed(line, entry, parser_));
  }

 private:
  class Parsed final : public ReadRecord {
   public:
    Parsed(const Line& line, const std::byte* entry, RecordParser& parser) : ReadRecord(line, entry), parser_(parser) {}
    const Record& record() const override;

   private:
    RecordParser& parser_;
  };
  RecordParser parser_;
};

/// Sorts the lines of one input: blank lines are skipped, control lines go to their call, everything else is a record.
/// A record that cannot be used (too long, not JSON, a malformed control line) is counted, subject to the order of
/// epochs and rejected, like any other record.
class LineLoop {
 public:
  /// `order` is null without --state: control lines of checkpoints are then rejected. `guard` is null for a stage that
  /// does not go by event time. All must outlive this.
  LineLoop(LineHandler& handler, Rejects& rejects, EpochOrder* order, FutureGuard* guard = nullptr)
      : handler_(handler), rejects_(rejects), order_(order), guard_(guard) {}

  /// Bytes of the lines that take() gets next.
  void prepare(std::string_view lines) { handler_.prepare(lines); }

  /// The lines are left where they are once this is true: the run was asked to stop, and its time is up. It is asked
  /// every few lines, for a line may take a handler long.
  void set_stop(std::function<bool()> stop) { stop_ = std::move(stop); }
  bool is_stopped() {
    if ((++asked_ & 3U) == 0 && stop_) stopped_ = stop_();
    return stopped_;
  }

  /// All lines that the reader has; as take() for each.
  void take_all(LineReader& reader) {
    for (;;) {
      handler_.take_alike(reader, *this);
      if (is_stopped()) return;
      const auto line = reader.next();
      if (!line) return;
      take(*line);
    }
  }

  /// The lines of a block; `number` is that of the last line before it, and then of its last one.
  void take_block(const ReadBlock& block, std::uint64_t max_line, std::uint64_t& number);

  /// One line. Throws StrictReject with --strict, and as EpochOrder for a line out of order.
  void take(const Line& line) {
    if (line.text.empty() || line.text.front() <= ' ') {
      if (is_blank(line.text)) return;
    } else if (!line.too_long && is_control_line(line.text)) {
      return take_control(line);
    }
    if (line.too_long) {
      count_record();
      return reject_unusable(line, "the line is longer than --max-line");
    }
    take_record(line, [&] { return handler_.on_line(line); });
  }

  /// A line that is a record; `judge` gives it to the handler, and returns the verdict.
  template <typename Judge>
  void take_record(const Line& line, Judge judge) {
    count_record();
    const Verdict verdict = judge();
    if (guard_ != nullptr && guard_->waits()) return take_guarded(line, verdict);
    if (verdict.rejected()) reject(line, verdict);
  }

  /// Counts a record. One that passes needs nothing else here.
  void count_record() {
    if (order_ != nullptr) order_->expect_record();
    ++records_;
  }
  /// Whether records may be set aside for their time.
  bool is_guarded() const { return guard_ != nullptr; }

  /// The input pauses: live records that are set aside are given to the handler.
  void on_pause();
  /// There are no more lines: those set aside are given to the handler or rejected.
  void on_end();

  /// The lines set aside, and the guard's own state.
  void state(StateArchive& archive);

  /// The name of the file whose lines come next, for messages; empty for standard input.
  void set_file(const std::string& file) {
    file_ = file;
    rejects_.set_file(file);
  }

  /// Lines that are not control lines, rejected ones included.
  std::uint64_t records() const { return records_; }

  /// The last watermark.
  std::optional<Time> watermark() const { return watermark_; }

 private:
  static bool is_blank(std::string_view line) { return line.find_first_not_of(" \t\r") == std::string_view::npos; }
  /// A record whose time is ahead of the stream: it waits for the guard's ruling.
  struct SetAside {
    Time time{};
    std::uint64_t number = 0;
    std::string file;
    std::string text;
    void state(StateArchive& archive) { archive.values(time, number, file, text); }
  };

  [[gnu::cold]] void take_guarded(const Line& line, const Verdict& verdict);
  [[gnu::cold]] void reject(const Line& line, const Verdict& verdict) {
    rejects_.reject(line.number, line.text, verdict.reason());
  }
  void settle();
  void give(const SetAside& record);
  [[gnu::cold]] void take_control(const Line& line);
  void reject_control(const Line& line, std::string_view reason);
  [[gnu::cold]] void reject_unusable(const Line& line, std::string_view reason);

  LineHandler& handler_;
  Rejects& rejects_;
  EpochOrder* order_;
  FutureGuard* guard_;
  std::string file_;
  std::vector<SetAside> set_aside_;
  std::string padded_;
  std::uint64_t records_ = 0;
  std::function<bool()> stop_;
  std::uint32_t asked_ = 0;
  bool stopped_ = false;
  std::optional<Time> watermark_;
};

inline void RecordHandler::take_alike(LineReader& reader, LineLoop& loop) {
  const bool asks = may_pass() && !loop.is_guarded();
  std::string_view passing;  // lines one after the other
  std::uint64_t last = 0;
  const auto pass_on = [&] {
    if (!passing.empty()) pass(std::exchange(passing, {}), last);
  };
  while (const Record* record = parser_.parse_alike(reader.ahead(), reader.next_number())) {
    if (record->line().size() > reader.max_line()) break;  // parsed again, and rejected
    const Line line = reader.next(record->line().size());
    if (asks && passes(*record)) {
      loop.count_record();
      passing = {passing.empty() ? line.text.data() : passing.data(), passing.size() + line.text.size() + 1};
      last = line.number;
    } else {
      pass_on();
      loop.take_record(line, [&] { return on_record(*record); });
    }
    if (loop.is_stopped()) break;
  }
  pass_on();
}

}  // namespace weir
