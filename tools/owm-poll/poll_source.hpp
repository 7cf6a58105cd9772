// owm-poll as a source: the poller with real clocks and real requests.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/http/client.hpp"
#include "pipeline/source.hpp"
#include "poll_spool.hpp"
#include "poller.hpp"
#include "sent_file.hpp"

namespace weir::owm_poll {

/// Runs a Poller over an http::Client. With state, records go through a PollSpool.
class PollSource : public Source {
 public:
  /// All of them must outlive it.
  PollSource(Poller& poller, http::Client& client, PlaceCache& cache, const SentFile& sent_file, Voice voice,
             state::SpoolLimits limits = {})
      : poller_(poller),
        client_(client),
        cache_(cache),
        sent_file_(sent_file),
        voice_(std::move(voice)),
        limits_(limits) {}

  void open_state(const std::string& folder) override { spool_.emplace(folder, limits_); }

  Step next(Output& out) override;
  void wait(std::span<pollfd> also, WaitLimit limit) override;
  void close(Output& out) override;
  void snapshot(SnapshotWriter& to) override { spool_->snapshot(to); }
  void restore(SnapshotReader& from) override;
  void committed(std::uint64_t snapshots) override { spool_->committed(snapshots); }
  std::string place() const override { return spool_ ? "record " + std::to_string(spool_->records()) : ""; }
  std::optional<Time> promise(Time time) const override { return poller_.promise(time); }
  std::string summary() const override { return poller_.summary(); }
  bool failed() const override { return poller_.failed() || keeping_failed_; }

 private:
  void save_cache();
  void save_sent();
  void advance();
  Step next_stored(Output& out);
  void store();
  Poller& poller_;
  http::Client& client_;
  PlaceCache& cache_;
  const SentFile& sent_file_;
  Voice voice_;
  state::SpoolLimits limits_;
  std::optional<PollSpool> spool_;  ///< with state
  bool restored_ = false;
  bool full_said_ = false;
  std::string stored_;
  std::vector<Poller::Mark> marks_;
  std::vector<Poller::Call> calls_;
  std::vector<http::Client::Finished> done_;
  bool written_ = true;  ///< all that was sent stands in the file of --sent
  bool keeping_failed_ = false;
};

}  // namespace weir::owm_poll
