// Open windows: a cell for each window and key, from the first record until the watermark closes it.
#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "record/key_table.hpp"
#include "window/cell_pool.hpp"
#include "window/due_row.hpp"
#include "window/window_store.hpp"

namespace weir {

/// Cells by window and key. Memory depends on the number of keys with an open cell (at most `max_keys`) and of open
/// cells, not of records. The memory of closed windows is reused.
///
/// Closed windows can be kept for a while, so that late records still find them. Their rows are then written again with
/// a higher revision, the next time that windows are closed.
///
/// Where columns take in what was before a window, keys are kept for good, with their last values. A late record then
/// also revises the next window of its key.
class PaneStore final : public WindowStore {
 public:
  /// Keeps closed windows until the watermark is `keep` after their end.
  PaneStore(CellLayout layout, std::size_t max_keys, Duration keep = Duration::zero());
  ~PaneStore() override;

  /// Also makes rows for so many windows without records that follow one of the key's. `next` is the window after one.
  void fill(std::uint32_t most, std::function<Window(const Window&)> next);

  /// The cell of a key in a window; a new one is empty. Valid until the next call of any other member but
  /// layout(). nullptr when the key is new and `max_keys` others have cells in open windows.
  std::byte* cell(const Window& window, std::string_view key) {
    const KeyId id = keys_.find(key);
    if (id == KeyTable<KeyState>::full) return cell_of_new(window, key);
    const KeyState& state = keys_[id];
    return state.is_recent(window.start) ? state.recent : find_or_make(id, window);
  }

  /// As cell(), for a window that the last watermark has closed and that is still kept, or would be if it had records.
  /// Its row is written again.
  std::byte* cell_again(const Window& window, std::string_view key);

  /// Whether a closed window still takes records at this watermark.
  bool keeps(const Window& window, Time watermark) const {
    return keep_ > Duration::zero() && saturating_add(window.end, keep_) > watermark;
  }

  Time next_end() const override;

  /// Writes revised rows first.
  void close_until(Time watermark, const OnRow& on_row) override;
  void close_all(const OnRow& on_row) override;

  void show_open(const OnRow& on_row) override;
  void state(StateArchive& archive) override;

 private:
  // The structs of which there is one for each key or cell are packed: there may be millions.
  struct KeyCell {
    KeyId key;
    /// The number of records when its row was last shown (lowest 32 bits); without records, ~ how many may follow.
    std::uint32_t shown = 0;
    std::byte* cell;
  };
  struct [[gnu::packed, gnu::aligned(4)]] Sorted {
    std::uint64_t prefix;  ///< of the key's order
    std::uint32_t place;   ///< in Pane::cells
  };
  struct Pane {
    Window window;
    LargeVector<KeyCell> cells;  ///< in the order in which the keys were added
  };
  struct OpenCell {
    Time start;
    std::byte* cell;
  };
  /// The state of a key: the cell that was used last, which is its only open one unless it has OpenCells.
  struct [[gnu::packed, gnu::aligned(4)]] KeyState {
    Duration::rep recent_start = 0;
    std::byte* recent = nullptr;
    std::uint32_t open = 0;  ///< 1 + the index of its OpenCells; 0: it has none

    bool is_recent(Time start) const { return recent != nullptr && recent_start == start.time_since_epoch().count(); }
    void set_recent(Time start, std::byte * cell) {
      recent_start = start.time_since_epoch().count();
      recent = cell;
    }
    bool has_open() const { return recent != nullptr || open != 0; }
  };
  /// The open cells of a key that has at least two, by window start.
  struct OpenCells {
    std::vector<OpenCell> cells;
    std::size_t closed = 0;  ///< the number of closed windows at the beginning

    std::span<const OpenCell> open() const { return std::span(cells).subspan(closed); }
    void insert(Time start, std::byte* cell);
    void forget(Time start);
    std::byte* find(Time start) const;
  };

  std::byte* cell_of_new(const Window& window, std::string_view key);
  std::byte* find_or_make(KeyId id, const Window& window);
  std::byte* find_open(KeyId id, Time start) const;
  void add_open(KeyId id, Time start, std::byte* cell);
  void forget_open(KeyId id, Time start);
  void prefetch_row(const Pane& pane, std::size_t at) const;
  void prefetch_cell(const std::byte* cell) const;
  Pane& pane(const Window& window);
  enum class Which : std::uint8_t { all, with_records, changed };
  void give_rows(Pane& pane, Which which, const OnRow& on_row);
  void give_revised(const OnRow& on_row);
  void give(const Window& window, KeyId id, std::byte* cell, std::uint32_t revision, const OnRow& on_row);
  const std::byte* before(KeyId id, Time start);
  void revise(const Window& window, KeyId id, bool had_row);
  void revise_following(const Window& window, KeyId id);
  void fill_after(const Pane& closed);
  void state_of_bases(StateArchive& archive);
  void end_first();
  void sweep();
  void move_cells(std::size_t parts, std::size_t size) override;

  Duration keep_;
  OpenCells& open_of(const KeyState& state) { return open_[state.open - 1]; }
  const OpenCells& open_of(const KeyState& state) const { return open_[state.open - 1]; }
  std::byte* base_of(KeyId id) const {
    return static_cast<std::size_t>(id) < bases_.size() ? bases_[static_cast<std::size_t>(id)] : nullptr;
  }
  std::byte*& base_to_set(KeyId id);

  KeyTable<KeyState> keys_;
  std::vector<OpenCells> open_;
  std::vector<std::uint32_t> spare_open_;  ///< indices of OpenCells that no key has
  std::vector<std::byte*> bases_;  ///< of the keys: the last values of the windows before, where columns take them in
  std::size_t sweep_at_;
  std::deque<std::unique_ptr<Pane>> panes_;  ///< by window start, which is also by end
  std::vector<std::unique_ptr<Pane>> spare_panes_;
  LargeVector<Sorted> sorted_;  ///< of the window that is closing
  std::size_t closed_ = 0;      ///< the number of closed and kept panes at the beginning
  std::map<std::pair<Time, KeyId>, Revised> revised_;
  std::vector<DueRow<Window>> due_;
  std::byte* scratch_ = nullptr;  ///< a cell while a row is given
  std::uint32_t most_filled_ = 0;
  std::function<Window(const Window&)> next_window_;
  CellPool pool_;
};

}  // namespace weir
