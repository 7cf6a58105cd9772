// owm-poll as a receiver: the poller with real clocks and requests.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/http/client.hpp"
#include "pipeline/spooled_source.hpp"
#include "poller.hpp"
#include "sent_file.hpp"

namespace weir::owm_poll {

/// The receiver's settings beside the poller's.
struct PollFiles {
  std::string cache;  ///< the cache of coordinates; empty: none
  std::string sent;   ///< the file of sent readings, without --state; empty: none
};

/// Runs a Poller over an http::Client. The readings that were stored are remembered, so that none comes twice in any
/// run: with --state in the state folder, without it in the file of --sent.
class PollReceiver : public Receiver {
 public:
  PollReceiver(PollSettings settings, std::unique_ptr<Provider> provider, std::vector<City> cities,
               const PollFiles& files, const http::ClientOptions& http);

  void start(SourceHost& host, Inbox& inbox) override;
  void stored(std::string_view line) override;
  bool receive(std::uint64_t most) override;
  bool acknowledges() const override { return sent_file_.wanted(); }
  void acknowledge() override;
  void wait(std::span<pollfd> also, WaitLimit limit) override;
  Emitted emit(std::string_view line, std::uint64_t number, Output& out) override;
  bool finished() const override { return poller_->finished(); }
  void flush() override;
  void state(StateArchive& archive) override;
  std::optional<Time> promise(Time now) const override { return poller_->promise(now); }
  std::string summary() const override { return poller_->summary(); }
  bool failed() const override { return poller_->failed() || keeping_failed_; }

 private:
  void advance();
  void add_taken();
  void save_cache();

  PollSettings settings_;
  std::unique_ptr<Provider> provider_;
  std::vector<City> cities_;
  PlaceCache cache_;
  SentFile sent_file_;
  http::Client client_;
  std::optional<Poller> poller_;
  SourceHost* host_ = nullptr;
  Inbox* inbox_ = nullptr;
  SentByCity stored_;  ///< the readings that any run has stored or sent
  bool begun_ = false;
  bool keeping_failed_ = false;
  std::string lines_;
  std::string line_;
  std::vector<Poller::Mark> marks_;
  std::vector<Poller::Call> calls_;
  std::vector<http::Client::Finished> done_;
};

}  // namespace weir::owm_poll
