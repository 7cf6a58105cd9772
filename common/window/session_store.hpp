// Windows of activity: records of a key with pauses shorter than a gap between them.
#pragma once
#include <cstddef>
#include <queue>
#include <vector>

#include "record/key_table.hpp"
#include "window/cell_pool.hpp"
#include "window/window_store.hpp"

namespace weir {

/// Sessions reach from their first record to their last one and the gap behind it, end not included. A record that
/// falls between two open sessions and is near enough to both makes them one.
class SessionStore final : public KeyedWindowStore {
 public:
  /// `gap` must be positive.
  SessionStore(CellLayout layout, Duration gap, std::size_t max_keys);
  ~SessionStore() override;

  bool is_late(Time time, std::string_view key, Time watermark) override;
  std::span<std::byte* const> cells(Time time, std::string_view key, Time watermark) override;
  Time earliest_start(Time watermark) const override;
  void add_columns(std::span<const Aggregate> columns) override;
  Time next_end() const override { return queue_.empty() ? Time::max() : queue_.top().end; }
  void close_until(Time watermark, const OnRow& on_row) override;
  void close_all(const OnRow& on_row) override { close_until(Time::max(), on_row); }

 private:
  struct Session {
    Time first;
    Time last;
    std::byte* cell;
  };
  struct KeyState {
    std::vector<Session> sessions;  ///< that are open, by time; hardly ever more than one
    Time queued = Time::max();      ///< the entry of queue_ that stands for the key
  };
  struct Entry {
    Time end;  ///< no session of the key ends earlier
    KeyId key;
    friend bool operator<(const Entry& a, const Entry& b) { return a.end > b.end; }
  };
  struct Ended {
    Window window;
    std::uint64_t prefix;
    KeyId key;
    std::byte* cell;
  };

  Time end_of(const Session& session) const { return saturating_add(session.last, gap_); }
  bool is_near(const Session& session, Time time) const;
  void queue(KeyState& state, KeyId id);

  Duration gap_;
  KeyTable<KeyState> keys_;
  std::size_t sweep_at_;
  std::priority_queue<Entry> queue_;
  std::vector<Ended> ended_;
  std::byte* found_ = nullptr;
  CellPool pool_;
};

}  // namespace weir
