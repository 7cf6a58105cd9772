// Standard output, written in large blocks.
#pragma once
#include <unistd.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace weir {

/// Standard output. Asks for a pipe of 1 MiB and writes in blocks that fit it.
class StandardOutput {
 public:
  /// Writes to `fd`, which stays open until close().
  explicit StandardOutput(int fd = STDOUT_FILENO);

  /// Bytes that are worth a write under load.
  std::size_t block() const { return block_; }

  /// Writes all bytes. Throws cli::OutputClosed when the reader is gone, std::system_error on any other error. After a
  /// stop request it waits 5 seconds at most for a reader that does not read.
  void write(std::string_view bytes);
  /// As above, and clears them.
  void write(std::string& bytes) {
    write(std::string_view(bytes));
    bytes.clear();
  }

  /// For poll(2) with no events: POLLERR says that the reader is gone.
  int fd() const { return fd_; }

  /// Closes the descriptor and checks the error, so that a full disk is noticed. Throws std::system_error.
  void close();

 private:
  int fd_;
  std::size_t block_;
};

}  // namespace weir
