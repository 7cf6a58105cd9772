// What sources share that answer requests: the way of a request from the mailbox to its answer. Header only: stages do
// not link this room.
#pragma once
#include <cstdint>
#include <deque>
#include <functional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "pipeline/spooled_source.hpp"
#include "requests/mailbox.hpp"
#include "requests/request_spool.hpp"

namespace weir {

/// A Receiver of requests: take() stores what a request has and calls answer_later(); reply() sends answers when what
/// they are for is safe.
template <typename Request, typename Response>
class RequestReceiver : public Receiver {
 public:
  using Delivery = requests::Delivery<Request>;
  using Mailbox = requests::Mailbox<Request>;
  using Now = std::function<Time()>;

  /// `mailbox` belongs to the derived class. Throws std::invalid_argument, naming the option.
  RequestReceiver(Mailbox& mailbox, const requests::RequestSettings& settings, FieldSet fields, Now now)
      : spool_(settings, std::move(fields)),
        now_(std::move(now)),
        mailbox_(mailbox),
        commits_(settings.acknowledge == requests::Acknowledge::commit) {}

  void start(SourceHost& host, Inbox& inbox) override {
    host_ = &host;
    spool_.start([&inbox](std::string_view line) { inbox.add(line); });
    listen(host);
  }

  void stored(std::string_view line) override { spool_.stored(line); }

  bool receive(std::uint64_t most) override {
    spool_.begin();
    for (std::uint64_t lines = 0; lines < most;) {
      const auto delivery = mailbox_.take();
      if (!delivery) return false;
      lines += take(*delivery);
    }
    return true;
  }

  void acknowledge() override {
    std::vector<Pending> done;
    for (Pending& pending : unsafe_) {
      if (commits_) {
        mailbox_.note_stored(pending.ticket);
        emitting_.push_back(std::move(pending));
      } else {
        done.push_back(std::move(pending));
      }
    }
    unsafe_.clear();
    send(std::move(done));
  }

  void committed(std::uint64_t lines) override {
    committed_lines_ = lines;
    std::vector<Pending> done;
    for (; !uncommitted_.empty() && uncommitted_.front().lines <= lines; uncommitted_.pop_front())
      done.push_back(std::move(uncommitted_.front()));
    send(std::move(done));
  }
  bool waits_for_commit() const override { return commits_; }

  void wait(std::span<pollfd> also, WaitLimit limit) override {
    pollfd own{mailbox_.descriptor(), POLLIN, 0};
    wait_for({&own, 1}, also, limit);
  }

  Emitted emit(std::string_view line, std::uint64_t number, Output& out) override {
    using LineKind = requests::RequestSpool::Line::Kind;
    const requests::RequestSpool::Line read = spool_.line(line);
    switch (read.kind) {
      case LineKind::record:
        out.lines += read.record;
        out.lines += '\n';
        return Emitted::record;
      case LineKind::reject:
        host_->reject_from({"path", read.path}, number, read.raw, read.reason);
        return Emitted::reject;
      case LineKind::answer:
        if (emitting_.empty()) break;
        emitting_.front().lines = number - 1;
        uncommitted_.push_back(std::move(emitting_.front()));
        emitting_.pop_front();
        committed(committed_lines_);
        break;
      case LineKind::note:
        break;
    }
    return Emitted::nothing;
  }

  void state(StateArchive& archive) override { spool_.state(archive); }

 protected:
  using Answers = std::vector<std::pair<std::uint64_t, Response>>;

  /// Starts the server, which puts requests into the mailbox.
  virtual void listen(SourceHost& host) = 0;
  /// Takes a request; returns the number of lines that were added.
  virtual std::uint64_t take(const Delivery& delivery) = 0;
  /// Sends answers.
  virtual void reply(Answers answers) = 0;

  /// Answers when the lines are safe: nothing was added for a request whose records are all known.
  void answer_later(std::uint64_t ticket, Response response, std::uint64_t lines) {
    Pending pending{.ticket = ticket, .response = std::move(response)};
    if (commits_) spool_.add_answer(ticket);
    if (commits_ || lines > 0 || !unsafe_.empty()) return unsafe_.push_back(std::move(pending));
    std::vector<Pending> now;
    now.push_back(std::move(pending));
    send(std::move(now));
  }

  requests::RequestSpool spool_;
  Now now_;

 private:
  struct Pending {
    std::uint64_t ticket;
    Response response;
    std::uint64_t lines = 0;  ///< that must be committed
  };

  void send(std::vector<Pending> done) {
    if (done.empty()) return;
    Answers answers;
    for (Pending& pending : done) {
      mailbox_.note_answered(pending.ticket);
      answers.emplace_back(pending.ticket, std::move(pending.response));
    }
    reply(std::move(answers));
  }

  Mailbox& mailbox_;
  bool commits_;
  SourceHost* host_ = nullptr;
  std::vector<Pending> unsafe_;      ///< answered when what was received is safe
  std::deque<Pending> emitting_;     ///< their notes have not been emitted
  std::deque<Pending> uncommitted_;  ///< answered when so many lines are committed
  std::uint64_t committed_lines_ = 0;
};

}  // namespace weir
