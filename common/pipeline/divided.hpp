// What a filter lets other threads do: reading records.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

#include "record/line_reader.hpp"
#include "record/record.hpp"

namespace weir {

/// Bytes that readers append to, aligned to 8. Clearing keeps the memory.
class EntryBuffer {
 public:
  /// Appends `size` bytes, rounded up to 8, of any value; valid until the next call.
  std::byte* append(std::size_t size) {
    const std::size_t begin = size_;
    size_ += (size + 7) & ~std::size_t{7};
    if (size_ > capacity_) grow();
    return data_.get() + begin;
  }
  const std::byte* data() const { return data_.get(); }
  std::size_t size() const { return size_; }
  void cut(std::size_t size) { size_ = size; }

 private:
  void grow() {
    const std::size_t larger = size_ * 2;
    std::unique_ptr<std::byte[]> data(new std::byte[larger]);
    if (capacity_ > 0) std::memcpy(data.get(), data_.get(), capacity_);
    data_ = std::move(data);
    capacity_ = larger;
  }
  std::unique_ptr<std::byte[]> data_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

/// Takes from records what the filter needs of them, on a thread of its own: without a look at other records.
class RecordReader {
 public:
  RecordReader() = default;
  RecordReader(const RecordReader&) = delete;
  RecordReader& operator=(const RecordReader&) = delete;
  virtual ~RecordReader() = default;

  /// Appends an entry, for Filter::on_read(). False: Filter::on_record() takes the record, as it takes all that are
  /// rejected or that lead to a message; what was appended is cut off.
  virtual bool read(const Record& record, EntryBuffer& entries) = 0;
};

/// A record that a RecordReader has read.
class ReadRecord {
 public:
  ReadRecord(const Line& line, const std::byte* entry) : line_(line), entry_(entry) {}
  ReadRecord(const ReadRecord&) = delete;
  ReadRecord& operator=(const ReadRecord&) = delete;
  virtual ~ReadRecord() = default;

  /// The record itself, parsed now: for the few of which more than the entry is needed.
  virtual const Record& record() const = 0;

  const Line& line() const { return line_; }
  const std::byte* entry() const { return entry_; }

 private:
  const Line& line_;
  const std::byte* entry_;
};

}  // namespace weir
