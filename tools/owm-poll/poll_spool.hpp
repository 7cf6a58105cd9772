// Records of replies that the sink has not committed, and which readings they were.
#pragma once
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/output.hpp"
#include "poller.hpp"
#include "sent_file.hpp"
#include "state/spool.hpp"

namespace weir::owm_poll {

/// Keeps every record on the disk before it goes on, so that no reading is asked for in vain, and remembers which
/// readings there were, so that none comes twice, whichever run asked for it. Calls throw state::Unusable and
/// std::system_error.
class PollSpool {
 public:
  PollSpool(const std::string& folder, state::SpoolLimits limits);

  /// Where nothing is committed: at the first record.
  void begin();
  void snapshot(SnapshotWriter& to);
  void restore(SnapshotReader& from);
  void committed(std::uint64_t snapshots);

  /// Makes lines durable; `marks` are theirs, in order.
  void store(std::string_view lines, const std::vector<Poller::Mark>& marks);
  /// Appends what is stored and has not been read, `to.wanted` lines and some `most` bytes of it at most. False when
  /// there was nothing.
  bool read(Output& to, std::size_t most);

  bool full() const { return spool_.full(); }
  /// The readings that were stored, by any run.
  const SentByCity& sent() const { return sent_; }
  std::uint64_t records() const { return records_; }

 private:
  void note_stored();

  state::Spool spool_;
  SentByCity sent_;
  std::uint64_t records_ = 0;             ///< read, by all runs
  std::deque<state::SpoolPlace> places_;  ///< of the snapshots that are not committed
  std::string line_;
};

}  // namespace weir::owm_poll
