// owm-poll as a source: the poller with real clocks and real requests.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "net/http/client.hpp"
#include "pipeline/source.hpp"
#include "poller.hpp"
#include "sent_file.hpp"

namespace weir::poll {

/// Runs a Poller over an http::Client.
class PollSource : public Source {
 public:
  /// All of them must outlive it.
  PollSource(Poller& poller, http::Client& client, PlaceCache& cache, const SentFile& sent_file, Voice voice)
      : poller_(poller), client_(client), cache_(cache), sent_file_(sent_file), voice_(std::move(voice)) {}

  Step next(Output& out) override;
  void wait(std::span<pollfd> also, WaitLimit limit) override;
  void close(Output& out) override;
  std::optional<Time> promise(Time time) const override { return poller_.promise(time); }
  std::string summary() const override { return poller_.summary(); }
  bool failed() const override { return poller_.failed() || keeping_failed_; }

 private:
  void save_cache();
  void save_sent();
  Poller& poller_;
  http::Client& client_;
  PlaceCache& cache_;
  const SentFile& sent_file_;
  Voice voice_;
  std::vector<Poller::Call> calls_;
  std::vector<http::Client::Finished> done_;
  bool written_ = true;  ///< all that was sent stands in the file of --sent
  bool keeping_failed_ = false;
};

}  // namespace weir::poll
