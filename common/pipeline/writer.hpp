// Bytes out: to standard output and to side files.
#pragma once
#include <chrono>
#include <cstdint>
#include <string>

namespace weir {

/// A side file, opened for appending at the first byte; `-` is not special. Without a path it takes nothing.
class FileWriter {
 public:
  explicit FileWriter(std::string path) : path_(std::move(path)) {}
  ~FileWriter();
  FileWriter(const FileWriter&) = delete;
  FileWriter& operator=(const FileWriter&) = delete;
  FileWriter(FileWriter&& other) noexcept;
  FileWriter& operator=(FileWriter&&) = delete;

  bool wanted() const { return !path_.empty(); }
  /// Creates or opens the file now, so that a path that cannot be written fails before any record is read.
  void open();
  /// Writes all and clears `bytes`. Throws std::system_error naming the file.
  void write(std::string& bytes);

 private:
  std::string path_;
  int fd_ = -1;
};

/// Standard output. Asks for a pipe of 1 MiB and writes in blocks that fit it.
class StandardOutput {
 public:
  StandardOutput();

  /// How many bytes are worth a write under load.
  std::size_t block() const { return block_; }

  /// Writes all and clears `bytes`. Throws cli::OutputClosed when the reader is gone, std::system_error on any other
  /// error. After a stop was requested a reader that does not read is waited for 5 seconds at most.
  void write(std::string& bytes);

  /// The descriptor, for poll(2) with no events: POLLERR says that the reader is gone.
  static int descriptor();

  /// close(2) with its error looked at, so that a full disk is not missed. Throws std::system_error.
  void close();

 private:
  std::size_t block_;
};

}  // namespace weir
