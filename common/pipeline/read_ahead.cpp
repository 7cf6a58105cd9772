#include "pipeline/read_ahead.hpp"

#include <algorithm>
#include <cstring>

#include "process/threads.hpp"
#include "record/control.hpp"

namespace weir {
namespace {

/// Blocks under way for each thread, so that one that takes longer does not hold up the others.
constexpr std::size_t blocks_per_thread = 2;

}  // namespace

ReadAhead::ReadAhead(const Setup& setup) : max_line_(setup.max_line), blocks_(setup.threads * blocks_per_thread + 2) {
  for (std::size_t i = 0; i < setup.threads; ++i)
    lanes_.push_back(std::unique_ptr<Lane>(new Lane{RecordParser(setup.fields, setup.checking), setup.make_reader()}));
  for (std::size_t i = 1; i < lanes_.size(); ++i)
    threads_.push_back(process::start_thread([this, i] { work(*lanes_[i]); }));
}

ReadAhead::~ReadAhead() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  work_.notify_all();
  for (std::thread& each : threads_) each.join();
}

void ReadAhead::open(int fd) {
  const std::lock_guard lock(mutex_);
  source_ = std::make_unique<BlockSource>(fd, max_line_);
  ended_ = false;
  waits_ = true;
}

ReadAhead::Next ReadAhead::next(const ReadBlock*& block) {
  std::unique_lock lock(mutex_);
  for (;;) {
    if (taken_ < issued_ && at(taken_).done) {
      block = &at(taken_);
      if (block->error != nullptr) std::rethrow_exception(block->error);
      return Next::block;
    }
    if (may_read()) {
      read_block(lock, *lanes_.front());
      continue;
    }
    if (taken_ == issued_ && !reading_) {
      if (ended_) return Next::end;
      if (waits_) return Next::input;
    }
    done_.wait(lock);
  }
}

void ReadAhead::release() {
  const std::lock_guard lock(mutex_);
  ++taken_;
  if (may_read()) work_.notify_one();
}

void ReadAhead::wait_over() {
  const std::lock_guard lock(mutex_);
  waits_ = false;
}

/// Reads and parses the next block of the input; `lock` is held at the beginning and at the end only.
void ReadAhead::read_block(std::unique_lock<std::mutex>& lock, Lane& lane) {
  ReadBlock& block = at(issued_);
  block.done = false;
  block.lines = {};
  block.error = nullptr;
  if (const auto range = source_->next_range()) {
    ++issued_;
    if (may_read()) work_.notify_one();
    lock.unlock();
    try {
      block.lines = source_->read_range(*range, block.bytes);
    } catch (...) {
      block.error = std::current_exception();
    }
  } else {
    reading_ = true;
    lock.unlock();
    auto after = BlockSource::After::end;
    try {
      after = source_->read_next(block.bytes, block.lines);
    } catch (...) {
      block.error = std::current_exception();
    }
    lock.lock();
    reading_ = false;
    ended_ = after == BlockSource::After::end;
    waits_ = after == BlockSource::After::nothing_now;
    if (block.lines.empty() && block.error == nullptr) {
      done_.notify_one();
      return;
    }
    ++issued_;
    if (may_read()) work_.notify_one();
    lock.unlock();
  }
  if (block.error == nullptr) {
    try {
      parse(block, lane);
    } catch (...) {
      block.error = std::current_exception();
    }
  }
  lock.lock();
  block.done = true;
  done_.notify_one();
}

void ReadAhead::parse(ReadBlock& block, Lane& lane) const {
  block.items.clear();
  block.entries.cut(0);
  std::string_view rest = block.lines;
  if (rest.size() > ReadBlock::most_bytes) throw std::length_error("a block of lines is too large");
  lane.parser.prepare(rest.ends_with('\n') ? rest.substr(0, rest.size() - 1) : rest);
  while (!rest.empty()) {
    const Record* record = lane.parser.parse_alike(rest, 0);
    std::size_t length = 0;
    if (record != nullptr) {
      length = record->line().size();
      if (length > max_line_) record = nullptr;
    } else {
      length = std::min(rest.find('\n'), rest.size());
      const std::string_view line = rest.substr(0, length);
      if (length > 0 && length <= max_line_ && !is_control_line(line)) record = lane.parser.parse(line, 0);
    }
    const std::size_t before = block.entries.size();
    if (record != nullptr && !lane.reader->read(*record, block.entries)) block.entries.cut(before);
    block.items.push_back({static_cast<std::uint32_t>(rest.data() - block.lines.data()),
                           static_cast<std::uint32_t>(length),
                           static_cast<std::uint32_t>(block.entries.size() - before)});
    rest.remove_prefix(std::min(length + 1, rest.size()));
  }
}

void ReadAhead::work(Lane& lane) {
  std::unique_lock lock(mutex_);
  for (;;) {
    work_.wait(lock, [this] { return stop_ || may_read(); });
    if (stop_) return;
    read_block(lock, lane);
  }
}

}  // namespace weir
