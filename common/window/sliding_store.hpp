// Windows that overlap: each begins a step behind the one before.
#pragma once
#include <cstddef>
#include <vector>

#include "record/key_table.hpp"
#include "window/cell_pool.hpp"
#include "window/window_store.hpp"

namespace weir {

/// Hopping windows of one size, one every step, that share panes: a record goes into one pane, as long as the greatest
/// common divisor of size and step, and a window's row is merged from its panes. For each key they stand in two stacks
/// (K. Tangwongsan, M. Hirzel, S. Schneider, "Low-latency sliding-window aggregation in worst-case constant time", DEBS
/// 2017, on the two-stacks algorithm): a front of running aggregates from each pane to the end of the front, and a back
/// with one aggregate of all. A row costs three merges in the mean, however many panes a window has.
class SlidingStore final : public KeyedWindowStore {
 public:
  /// Windows end at `origin` and every multiple of `every` from there; `every` must be positive and at most `size`.
  SlidingStore(CellLayout layout, Duration size, Duration every, Time origin, std::size_t max_keys);
  ~SlidingStore() override;

  bool is_late(Time time, std::string_view key, Time watermark) override;
  std::span<std::byte* const> cells(Time time, std::string_view key, Time watermark) override;
  Time earliest_start(Time watermark) const override;
  void add_columns(std::span<const Aggregate> columns) override;
  Time next_end() const override { return next_end_; }
  void close_until(Time watermark, const OnRow& on_row) override;
  void close_all(const OnRow& on_row) override;

  /// How many panes a window has.
  std::int64_t panes_per_window() const { return size_ / pane_size_; }

 private:
  struct PaneCell {
    Time start;
    std::byte* cell;
  };
  /// panes[dropped, front): the front, each cell with all that follows in the front; [front, folded): the back, each
  /// cell by itself, together in `back`; from `folded` on: panes that no row has had yet.
  struct KeyState {
    std::vector<PaneCell> panes;
    std::size_t dropped = 0;
    std::size_t front = 0;
    std::size_t folded = 0;
    std::byte* back = nullptr;
    bool active = false;

    bool idle() const { return dropped == panes.size(); }
  };
  struct ActiveKey {
    std::uint64_t prefix;  ///< of the key's order
    KeyId id;
  };

  Time first_end_after(Time time) const;
  std::byte* make_cell();
  void end_cell(std::byte* cell);
  std::byte* insert(KeyState& state, std::size_t at, Time start);
  void drop_before(KeyState& state, Time start);
  void fold(KeyState& state, Time end);
  void give_row(KeyState& state, const Window& window, std::string_view key, const OnRow& on_row);
  void close_one(const OnRow& on_row);
  void sort_active();
  void sweep();

  Duration size_;
  Duration every_;
  Duration pane_size_;
  TumblingWindows panes_;
  TumblingWindows steps_;
  KeyTable<KeyState> keys_;
  std::size_t sweep_at_;
  std::vector<ActiveKey> active_;  ///< keys with panes; the first sorted_ of them in order
  std::size_t sorted_ = 0;
  Time next_end_ = Time::max();
  Window pane_{};  ///< of the last record
  std::vector<std::byte*> found_;
  CellPool pool_;
};

}  // namespace weir
