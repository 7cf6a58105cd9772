// Reading and parsing of an input by several threads, in blocks that come out in order.
#pragma once
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <string_view>
#include <thread>
#include <vector>

#include "pipeline/block_source.hpp"
#include "pipeline/divided.hpp"
#include "record/parser.hpp"

namespace weir {

/// A block of lines, in the order of the input.
struct ReadBlock {
  struct Item {
    std::uint32_t begin;   ///< of the line, in `lines`
    std::uint32_t length;  ///< without its newline
    std::uint32_t entry;   ///< the size of its entry; 0: it was not read
  };
  static constexpr std::size_t most_bytes = 0xffffffff;

  std::vector<char> bytes;
  std::string_view lines;  ///< in `bytes`; RecordParser::padding more bytes are readable
  std::vector<Item> items;
  EntryBuffer entries;       ///< those of the items, one after the other
  std::exception_ptr error;  ///< comes instead of lines
  bool done = false;
};

/// Gives the blocks of an input to threads, which read and parse them, and hands them out in their order. The caller's
/// thread is one of them: it works while the next block is not done.
class ReadAhead {
 public:
  struct Setup {
    std::size_t threads;  ///< with that of the caller
    const FieldSet& fields;
    Checking checking;
    std::size_t max_line;
    std::function<std::unique_ptr<RecordReader>()> make_reader;
  };
  /// Starts the threads. `fields` must outlive this.
  explicit ReadAhead(const Setup& setup);
  /// Ends the threads; blocks that have not been handed out are dropped.
  ~ReadAhead();
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;

  /// Begins a file, after the end of the one before. It remains the caller's.
  void open(int fd);

  enum class Next : std::uint8_t {
    block,
    input,  ///< all blocks so far have been handed out, and the file may have no bytes now: wait_over() follows
    end
  };
  /// Waits for the next block, which is valid until release(). Throws what its reading has thrown.
  Next next(const ReadBlock*& block);
  /// The block has been taken.
  void release();
  /// The file has bytes, or has ended.
  void wait_over();

 private:
  /// What a thread reads records with.
  struct Lane {
    RecordParser parser;
    std::unique_ptr<RecordReader> reader;
  };
  bool may_read() const { return !stop_ && !ended_ && !waits_ && !reading_ && issued_ - taken_ < blocks_.size(); }
  ReadBlock& at(std::uint64_t number) { return blocks_[number % blocks_.size()]; }
  void read_block(std::unique_lock<std::mutex>& lock, Lane& lane);
  void parse(ReadBlock& block, Lane& lane) const;
  void work(Lane& lane);

  std::size_t max_line_;
  std::vector<std::unique_ptr<Lane>> lanes_;  ///< the first one is the caller's
  std::unique_ptr<BlockSource> source_;

  std::mutex mutex_;  ///< guards all from here on, and the blocks that no thread has
  std::condition_variable work_;
  std::condition_variable done_;
  std::vector<ReadBlock> blocks_;  ///< a ring
  std::uint64_t issued_ = 0;       ///< blocks that threads have begun
  std::uint64_t taken_ = 0;        ///< blocks that were handed out and released
  bool reading_ = false;           ///< a thread reads from the file
  bool waits_ = false;             ///< until wait_over()
  bool ended_ = true;
  bool stop_ = false;
  std::vector<std::thread> threads_;  // the last member: they use the others
};

}  // namespace weir
