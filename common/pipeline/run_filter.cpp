#include "pipeline/middle_run.hpp"
#include "pipeline/run.hpp"
#include "record/control.hpp"

namespace weir {
namespace {

class FilterRun final : public MiddleRun {
 public:
  FilterRun(Filter& filter, const MiddleSetup& setup) : MiddleRun(setup), filter_(filter) {}

 private:
  Verdict on_record(const Record& record) override {
    run_report().look(record);
    line_ = record.line_number();
    Verdict verdict = filter_.on_record(record, out());
    if (!out().messages.empty()) log_messages();
    write_block();
    return verdict;
  }

  bool may_pass() const override { return filter_.may_pass() && writes_blocks() && !run_report().looks(); }
  bool passes(const Record& record) const override { return filter_.passes(record); }
  void pass(std::string_view lines, std::uint64_t last) override {
    line_ = last;
    write_lines(lines);
  }

  Verdict on_read_record(const ReadRecord& read) override {
    if (run_report().looks()) return on_record(read.record());
    line_ = read.line().number;
    Verdict verdict = filter_.on_read(read, out());
    if (!out().messages.empty()) log_messages();
    write_block();
    return verdict;
  }

  /// Those of a watermark or of the end have the line of the last record.
  [[gnu::cold]] void log_messages() {
    for (const RecordMessage& each : out().messages) rejects().message(line_, each);
    out().messages.clear();
  }

  void on_unusable() override { filter_.on_unusable(); }

  void on_watermark(Time time, std::string_view line) override {
    filter_.on_watermark(time, out());
    if (!out().messages.empty()) log_messages();
    const Time promised = filter_.promise(time);
    if (promised == time) return on_unknown_control(line);
    append_watermark(out().lines, promised);
    write_block();
  }

  void on_block(InputFlow flow) override { filter_.on_pause(flow); }
  void complete() override {}
  void finish() override {
    filter_.on_end(out());
    if (!out().messages.empty()) log_messages();
  }
  void state(StateArchive& archive) override { filter_.state(archive); }

  CountReport counts() const override { return filter_.counts(); }
  std::vector<StageCounter> own_counters() const override { return filter_.own_counters(); }
  std::string statistics() const override { return filter_.statistics(records(), rejects().count()); }

  Filter& filter_;
  std::uint64_t line_ = 0;  ///< of the last record
};

}  // namespace

cli::Exit run_filter(Filter& filter, const InputOptions& input, const OutputOptions& output, cli::Context& context,
                     const std::vector<std::string>& sides, Descriptors descriptors) {
  return FilterRun(filter, {.fields = filter.fields(),
                            .input = input,
                            .context = context,
                            .guard = filter.future_guard(),
                            .schema = filter.schema(),
                            .sides = sides,
                            .named = filter.named_fields(),
                            .unbuffered = output.unbuffered,
                            .make_reader = [&filter] { return filter.make_reader(); },
                            .computes = true,
                            .descriptors = descriptors})
      .run();
}

}  // namespace weir
