// What other threads do for win-agg.
#include <cstring>

#include "win_agg.hpp"

namespace weir::win_agg {

/// Reads records for another WinAgg: the parts of one that takes none.
class WinAgg::Reader final : public RecordReader {
 public:
  explicit Reader(const Settings& settings) : stage_(settings) {}

  bool read(const Record& record, EntryBuffer& entries) override {
    if (record.line().size() > EntryToken::longest_line) return false;
    Time time;
    if (stage_.time_.read(record, time).rejected()) return false;
    const bool is_window_end = stage_.time_.is_window_end();
    const Time shifted = stage_.shifted(time, is_window_end);
    if (!stage_.time_keys_.empty()) stage_.time_keys_.give(shifted, stage_.group_);
    std::string_view key;
    if (stage_.group_.read(record, key).rejected()) return false;
    append_part(entries, EntryHead{time, static_cast<std::uint32_t>(key.size()), is_window_end ? 1U : 0U});
    if (!key.empty()) std::memcpy(entries.append(key.size()), key.data(), key.size());
    if (auto& merged = stage_.merged_)
      return !merged->check(record, shifted, stage_.windows_.window_of(shifted)).rejected() &&
             merged->write(record, entries);
    return !stage_.sampler_.read(record, stage_.time_.name()).rejected() && stage_.sampler_.write(record, entries);
  }

 private:
  WinAgg stage_;
};

std::unique_ptr<RecordReader> WinAgg::make_reader() const {
  Settings settings = settings_;
  settings.time.max_future.reset();  // the stage itself judges times by those before
  return std::make_unique<Reader>(settings);
}

}  // namespace weir::win_agg
