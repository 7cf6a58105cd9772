// Sessions: records of a key with pauses shorter than a gap.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <queue>
#include <vector>

#include "record/key_table.hpp"
#include "window/cell_pool.hpp"
#include "window/due_row.hpp"
#include "window/window_store.hpp"

namespace weir {

/// Sessions from the first record to a gap after the last one, end not included. A record near enough to two sessions
/// joins them. A session of the greatest length takes no later record, and ends there.
///
/// Sessions whose rows were written are kept for a while, so that late records still find them. A session that has
/// grown is another window. Its earlier row is retracted before the new one is written, as Kafka Streams deletes a
/// session that another absorbs. The same is true for rows of open sessions.
class SessionStore final : public KeyedWindowStore {
 public:
  /// `gap` must be positive, and `max_length` not shorter. Sessions are kept until the watermark is `keep` after their
  /// end.
  SessionStore(CellLayout layout, Duration gap, std::size_t max_keys, Duration keep = Duration::zero(),
               Duration max_length = Duration::max());
  ~SessionStore() override;

  bool is_late(Time time, std::string_view key, Time watermark) override;
  bool is_taken_late(Time time, std::string_view key, Time watermark) override;
  std::span<std::byte* const> cells(Time time, std::string_view key, Time watermark) override;
  Time earliest_start(Time watermark) const override;
  Time next_end() const override { return queue_.empty() ? Time::max() : queue_.top().at; }
  void close_until(Time watermark, const OnRow& on_row) override;
  void close_all(const OnRow& on_row) override { close_until(Time::max(), on_row); }
  void show_open(const OnRow& on_row) override;
  void state(StateArchive& archive) override;

 private:
  enum class Kind : std::uint8_t { early, whole };
  /// A row that was written.
  struct Given {
    Window window;
    std::uint32_t revision;
    Kind kind;
    std::uint64_t records;
    /// The revision of the row that replaces this one. Early rows do not count.
    std::uint32_t next_revision() const { return revision + (kind == Kind::whole ? 1 : 0); }
  };
  struct Session {
    Time first;
    Time last;
    std::byte* cell;
    std::vector<Given> given;  ///< the rows written for its records; several where sessions were joined
  };
  struct KeyState {
    std::vector<Session> sessions;  ///< by time; rarely more than one is open
    Time queued = Time::max();      ///< the time of the key's entry in queue_
  };
  struct Entry {
    Time at;  ///< the next time at which something is due for the key
    KeyId key;
    friend bool operator<(const Entry& a, const Entry& b) { return a.at > b.at; }
  };
  struct DueRow {
    Time end;
    Time first;
    std::uint64_t prefix;
    KeyId key;
  };

  Time end_of(const Session& session) const {
    return std::min(saturating_add(session.last, gap_), saturating_add(session.first, max_length_));
  }
  bool fits(Time first, Time last) const { return last < saturating_add(first, max_length_); }
  Window window_of(const Session& session) const { return {session.first, end_of(session)}; }
  bool is_near(const Session& session, Time time) const;
  bool is_given(const Session& session) const;
  Time next_of(const Session& session) const;
  std::vector<Session>::iterator first_ending_after(std::vector<Session>& sessions, Time time) const;
  void absorb_next(std::vector<Session>& sessions, std::vector<Session>::iterator here);
  void queue(KeyState& state, KeyId id, Time at);
  void sweep();
  void give(Session& session, KeyId id, Kind kind, const OnRow& on_row);
  void give_due(Kind kind, const OnRow& on_row);
  void forget(KeyState& state, Time watermark);
  void move_cells(std::size_t parts, std::size_t size) override;

  Duration gap_;
  Duration keep_;
  Duration max_length_;
  KeyTable<KeyState> keys_;
  std::size_t sweep_at_;
  std::priority_queue<Entry> queue_;
  std::vector<DueRow> due_;
  std::vector<KeyId> visited_;
  std::byte* found_ = nullptr;
  CellPool pool_;
};

}  // namespace weir
