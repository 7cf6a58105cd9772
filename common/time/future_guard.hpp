// The guard of an event-time stream against clocks that run ahead.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "time/time_types.hpp"

namespace weir {

/// Decides which times of a stream are believed.
///
/// A time more than a limit after the latest believed one is ahead: its record is set aside. When a believed time
/// follows, the records set aside are wrong. When several times in a row are ahead, the stream has paused, and they are
/// right; from then on pauses of up to twice that length are usual. The first times of a stream are set aside until
/// two of them agree. The caller keeps the records themselves (LineLoop).
class FutureGuard {
 public:
  /// Different times in a row that make a pause out of a jump.
  static constexpr std::size_t agreeing_times = 3;
  /// Records in a row that do the same, so that what is set aside is bounded.
  static constexpr std::size_t most_set_aside = 1000;
  /// At the end of the input, records up to this many limits ahead are believed.
  static constexpr int end_limits = 12;
  /// How far the clocks of a live stream may be ahead of this machine's.
  static constexpr Duration usual_skew = std::chrono::minutes(5);

  /// A guard that believes every time.
  FutureGuard() = default;
  /// `limit` is positive.
  explicit FutureGuard(Duration limit) : limit_(limit), highest_(Time::min()) {}

  /// Takes the time of the next record. False: the record is to be set aside.
  bool admit(Time time) {
    if (time > highest_) return admit_slowly(time);
    if (time > latest_) latest_ = time;
    return true;
  }

  /// What becomes of the records set aside.
  struct Ruling {
    Time believed;   ///< those up to here are right
    bool keep_rest;  ///< later ones stay set aside; else they are wrong
  };

  /// Whether records are set aside.
  bool waits() const { return !times_.empty(); }
  /// The time that admit() has just set aside, if it has; a second call returns nothing.
  std::optional<Time> take_set_aside() { return std::exchange(set_aside_, std::nullopt); }

  /// The ruling that the times so far lead to, if any. From then on admit() believes every time, until settle().
  std::optional<Ruling> ruling();
  /// `kept` times stay set aside, in the order of the input.
  void settle(std::vector<Time> kept);

  /// A watermark: the stream has come to `time`.
  void on_watermark(Time time);
  /// The input pauses, and this machine's clock shows `now`: times of the last hour are live and believed, so that they
  /// do not wait for others. It is the one ruling that does not follow from the stream alone.
  void on_pause(Time now);
  /// The input has ended.
  void on_end();

  /// How far `time` is after the latest believed one.
  Duration ahead(Time time) const;
  /// The limit of now: as given, or twice the longest pause.
  Duration limit() const;

  template <typename Archive>
  void state(Archive& archive) {
    archive.values(latest_, longest_pause_, times_);
    if (archive.loading()) resume();
  }

 private:
  bool admit_slowly(Time time);
  bool started() const { return latest_ != Time::min(); }
  void judge_beginning();
  void judge_jump();
  void resume();
  void update();

  std::optional<Duration> limit_;
  Time highest_ = Time::max();  ///< times up to here are believed without a look at the rest
  Time latest_ = Time::min();   ///< the latest believed time
  Duration longest_pause_{};
  std::vector<Time> times_;  ///< of the records set aside, in the order of the input
  std::optional<Ruling> ruling_;
  std::optional<Time> set_aside_;
};

}  // namespace weir
