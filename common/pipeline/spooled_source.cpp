#include "pipeline/spooled_source.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "state/epoch_file.hpp"

namespace weir {
namespace {

/// Lines that are received at once: with --state they share a sync.
constexpr std::uint64_t receive_batch = 1024;
constexpr std::size_t block = 64 * 1024;
/// The pause between two looks at a full spool: a commit of the sink does not wake this stage.
constexpr WaitLimit full_interval{100};

/// The number of lines from a place on, each of which has its end. A search by memchr is many times as fast as
/// std::count.
std::uint64_t lines_from(std::string_view text, std::size_t at) {
  std::uint64_t lines = 0;
  for (; (at = text.find('\n', at)) != std::string_view::npos; ++at) ++lines;
  return lines;
}

}  // namespace

SpooledSource::SpooledSource(std::unique_ptr<Receiver> receiver, const SpooledSettings& settings)
    : receiver_(std::move(receiver)), settings_(settings) {}

void SpooledSource::start(SourceHost& host) {
  host_ = &host;
  if (!host.folder().empty())
    spool_.emplace(host.folder() + "/spool", state::SpoolLimits{.total = settings_.spool_limit});
  receiver_->start(host, *this);
}

void SpooledSource::begin() {
  if (!spool_) return;
  if (spool_->first().segment > 1)
    throw state::Unusable("lines that an earlier run committed are gone, and the sink of this one has none of them");
  look_back(spool_->first());
}

void SpooledSource::restore(const SpooledPosition& position) {
  lines_ = position.lines;
  records_ = position.records;
  look_back(position.spool);
}

/// Shows the receiver the lines from a position on and those of the last two files, and continues at that position.
void SpooledSource::look_back(state::SpoolPosition from) {
  spool_->seek(from);
  const std::uint64_t recent = std::max(spool_->first().segment, spool_->end().segment - 1);
  if (recent < from.segment || (recent == from.segment && from.offset > 0)) spool_->seek({recent, 0});
  while (const auto line = spool_->next()) receiver_->stored(*line);
  spool_->seek(from);
}

SpooledPosition SpooledSource::position() {
  return {.spool = spool_->position(), .lines = lines_, .records = records_};
}

void SpooledSource::add(std::string_view line) {
  unacknowledged_ = true;
  if (spool_) return spool_->append(line);
  queue_ += line;
  queue_ += '\n';
}

bool SpooledSource::all_emitted() const {
  return spool_ ? spool_->position() == spool_->end() && spool_->all_synced() : queue_at_ == queue_.size();
}

AnySource::Step SpooledSource::next(Output& out) {
  if (complete()) return Step::end;
  if (all_emitted()) receive();
  store();
  if (emit(out, block)) return Step::more;
  const bool waits = unacknowledged_ && receiver_->acknowledges();
  return receiver_->finished() && all_emitted() && !waits ? Step::end : Step::idle;
}

void SpooledSource::receive() {
  std::uint64_t most = receive_batch;
  if (spool_) {
    if (spool_->full()) {
      if (!std::exchange(full_reported_, true))
        host_->log().warn(
            "the spool is full: nothing is received until the sink has committed some of it (--spool-limit)");
      return;
    }
  } else {
    if (unacknowledged_ && receiver_->acknowledges()) return;  // these lines must be written first
    most = std::min(most, settings_.count.value_or(std::numeric_limits<std::uint64_t>::max()) - records_);
  }
  more_ = receiver_->receive(most);
}

/// With --state: makes durable what was received, and acknowledges it.
void SpooledSource::store() {
  if (!spool_ || spool_->all_synced()) return;
  spool_->sync();
  unacknowledged_ = false;
  receiver_->acknowledge();
}

void SpooledSource::written() {
  if (spool_ || !all_emitted() || !std::exchange(unacknowledged_, false)) return;
  receiver_->acknowledge();
}

std::optional<std::string_view> SpooledSource::next_line() {
  if (spool_) return spool_->next();
  if (queue_at_ == queue_.size()) {
    queue_.clear();
    queue_at_ = 0;
    return std::nullopt;
  }
  const std::size_t end = queue_.find('\n', queue_at_);
  const std::string_view line = std::string_view(queue_).substr(queue_at_, end - queue_at_);
  queue_at_ = end + 1;
  return line;
}

/// False when there was no line.
bool SpooledSource::emit(Output& out, std::size_t most_bytes) {
  const std::size_t before = out.lines.size();
  const std::uint64_t lines_before = lines_;
  for (std::uint64_t left = out.wanted; left > 0 && !complete() && out.lines.size() - before < most_bytes;) {
    const auto line = next_line();
    if (!line) break;
    const std::size_t at = out.lines.size();
    const Receiver::Emitted emitted = receiver_->emit(*line, lines_ + 1, out);
    if (emitted != Receiver::Emitted::nothing) ++lines_;
    if (emitted != Receiver::Emitted::record) continue;
    const std::uint64_t appended = lines_from(out.lines, at);
    records_ += appended;
    left -= std::min(left, appended);
  }
  return lines_ > lines_before;
}

void SpooledSource::wait(std::span<pollfd> also, WaitLimit limit) {
  store();  // a receiver may send acknowledgements while it waits
  if (!all_emitted() || receiver_->finished()) limit = WaitLimit::zero();
  if (spool_ && spool_->full()) {
    if (limit < WaitLimit::zero() || limit > full_interval) limit = full_interval;
    return wait_for(also, limit);
  }
  receiver_->wait(also, more_ ? WaitLimit::zero() : limit);
}

void SpooledSource::finish(Output& out) {
  receiver_->flush();
  store();
  out.wanted = std::numeric_limits<std::uint64_t>::max();
  while (emit(out, block)) {
  }
}

/// Lines that were received beyond --count are not acknowledged: one acknowledgement would take all with it.
void SpooledSource::close() {
  store();
  if (!spool_ && !all_emitted()) return;
  written();
  receiver_->close();
}

}  // namespace weir
