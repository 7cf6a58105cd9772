// Overlapping windows: each begins a step after the one before.
#pragma once
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <utility>
#include <vector>

#include "record/key_table.hpp"
#include "window/due_row.hpp"
#include "window/pane_block.hpp"
#include "window/window_store.hpp"

namespace weir {

/// Whether the stage calls show_open().
enum class EarlyRows : std::uint8_t { none, wanted };

/// Hopping windows of one size, one every step, that share panes. A pane is as long as the greatest common divisor of
/// size and step. A record is added to one pane, and a window's row is merged from its panes.
///
/// Each key has two stacks (the two-stacks algorithm: K. Tangwongsan, M. Hirzel, S. Schneider, "Low-latency
/// sliding-window aggregation in worst-case constant time", DEBS 2017). The front has running aggregates up to its end,
/// the back one aggregate of all later panes. A row costs four merges on average, whatever the number of panes.
///
/// The panes are kept too, packed in blocks. The front has an aggregate for each block, and for each pane of the block
/// where the next window begins. So a closed window's row can be written again, and an open window's row early, for one
/// merge per pane.
class SlidingStore final : public KeyedWindowStore {
 public:
  /// Windows end at `origin` and every multiple of `every` from there; `every` must be positive and at most `size`.
  /// Closed windows take records until the watermark is `keep` after their end.
  SlidingStore(CellLayout layout, Duration size, Duration every, Time origin, std::size_t max_keys,
               Duration keep = Duration::zero(), EarlyRows early = EarlyRows::none);
  ~SlidingStore() override;

  bool is_late(Time time, std::string_view key, Time watermark) override;
  bool is_taken_late(Time time, std::string_view key, Time watermark) override;
  std::span<std::byte* const> cells(Time time, std::string_view key, Time watermark) override;
  Time earliest_start(Time watermark) const override;
  Time next_end() const override;
  void close_until(Time watermark, const OnRow& on_row) override;
  void close_all(const OnRow& on_row) override;
  void show_open(const OnRow& on_row) override;
  void state(StateArchive& archive) override;

  /// The number of a window's panes.
  std::int64_t panes_per_window() const { return panes_per_window_; }

 private:
  /// The number of a window: steps from the origin to its end.
  using WindowNumber = std::int64_t;
  static constexpr WindowNumber none = std::numeric_limits<WindowNumber>::max();

  struct KeyState {
    std::vector<PaneBlock> blocks;  ///< merges the block in the front and all that follows it there
    PaneBlock head;                 ///< the same for each pane of one block, in place of that block's suffix
    std::byte* back = nullptr;
    PaneNumber front_end = std::numeric_limits<PaneNumber>::min();  ///< the front: panes before this one
    PaneNumber back_end = std::numeric_limits<PaneNumber>::min();   ///< the back: panes from there to this one
    bool active = false;
  };
  struct ActiveKey {
    std::uint64_t prefix;  ///< of the key's order
    KeyId id;
  };
  struct Touched {
    PaneNumber pane;
    KeyId key;
  };

  PaneNumber pane_of(Time time) const;
  Time end_of(WindowNumber window) const;
  Window window_of(WindowNumber window) const;
  WindowNumber closed_by(Time watermark) const;
  PaneNumber end_pane(WindowNumber window) const { return window * panes_per_step_; }
  PaneNumber first_pane(WindowNumber window) const { return end_pane(window) - panes_per_window_; }
  WindowNumber first_with(PaneNumber pane) const;
  WindowNumber last_with(PaneNumber pane) const;

  void find_pane(Time time);
  std::byte* pane_cell(KeyState& state, PaneNumber pane);
  void find_front(KeyState& state, PaneNumber pane);
  void mark_due(const KeyState& state, KeyId id, std::string_view key, Time watermark);
  static bool has_pane(const KeyState& state, PaneNumber from, PaneNumber until);
  void merge(const KeyState& state, PaneNumber from, PaneNumber until, std::byte* into);

  void fold(KeyState& state, PaneNumber from, PaneNumber until);
  void make_front(KeyState& state, PaneNumber from, PaneNumber until);
  void make_head(KeyState& state, std::size_t block, PaneNumber from);
  std::byte* front(KeyState& state, PaneNumber from);
  const std::byte* suffix_after(const KeyState& state, std::size_t block) const;
  void end_suffix(PaneBlock& block);
  void end_stacks(KeyState& state);
  void drop_before(KeyState& state, PaneNumber pane);
  void drop_all();
  Time kept_until() const { return saturating_add(end_of(last_with(latest_pane_)), keep_); }
  void give_row(KeyState& state, PaneNumber from, const Window& window, std::string_view key, const OnRow& on_row);
  /// What the rows of due_ are: an open window's so far, or a closed one's once more.
  enum class Kind : std::uint8_t { early, revised };
  void give_due(Kind kind, const OnRow& on_row);
  void prefetch(std::size_t active) const;
  void close_one(const OnRow& on_row);
  void sort_active();
  void sweep();
  void move_cells(std::size_t parts, std::size_t size) override;

  Duration size_;
  Duration every_;
  Duration keep_;
  EarlyRows early_;
  Duration pane_size_;
  std::int64_t panes_per_window_;
  std::int64_t panes_per_step_;
  Time origin_;
  TumblingWindows panes_;
  KeyTable<KeyState> keys_;
  std::size_t sweep_at_;
  std::vector<ActiveKey> active_;  ///< keys with panes; the first sorted_ of them are in order
  std::size_t sorted_ = 0;
  WindowNumber next_ = none;                                       ///< the next window to close
  PaneNumber keep_from_ = std::numeric_limits<PaneNumber>::max();  ///< panes before this one are in no kept window
  Window pane_{};                                                  ///< of the last record, like the next two
  PaneNumber pane_number_ = 0;
  WindowNumber first_window_ = 0;
  PaneNumber latest_pane_ = std::numeric_limits<PaneNumber>::min();  ///< of all records
  std::vector<std::byte*> found_;
  std::map<std::pair<WindowNumber, KeyId>, Revised> revised_;
  std::vector<DueRow<WindowNumber>> due_;
  std::vector<Touched> touched_;  ///< since show_open() was last called
  BlockMemory memory_;
};

}  // namespace weir
