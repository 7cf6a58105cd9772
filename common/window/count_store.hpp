// Windows of a number of records.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "record/key_table.hpp"
#include "window/cell_pool.hpp"
#include "window/window_store.hpp"

namespace weir {

/// Windows of a key's records in input order: the n-th record closes a window, and no record is late. A window reaches
/// from the least to the greatest of their times, both included.
class CountStore final : public KeyedWindowStore {
 public:
  /// `records` must be at least 1.
  CountStore(CellLayout layout, std::uint64_t records, std::size_t max_keys);
  ~CountStore() override;

  bool is_late(Time time, std::string_view key, Time watermark) override;
  std::span<std::byte* const> cells(Time time, std::string_view key, Time watermark) override;
  bool added(Time time, std::string_view key) override;
  Time earliest_start(Time watermark) const override;
  Time next_end() const override { return Time::max(); }
  /// Writes the full window, whatever the watermark.
  void close_until(Time watermark, const OnRow& on_row) override;
  void close_all(const OnRow& on_row) override;
  void state(StateArchive& archive) override;

 private:
  struct KeyState {
    Window window{};
    std::byte* cell = nullptr;
  };

  void end(KeyId id, const OnRow& on_row);
  void move_cells(std::size_t parts, std::size_t size) override;

  std::uint64_t records_;
  KeyTable<KeyState> keys_;
  std::vector<KeyId> full_;
  CellPool pool_;
};

}  // namespace weir
