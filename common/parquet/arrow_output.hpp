// The file that Arrow writes to; for the sources of this room alone.
#pragma once
#include <arrow/io/interfaces.h>
#include <arrow/result.h>
#include <arrow/status.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <parquet/exception.h>
#include <unistd.h>

#include <cstdint>
#include <exception>
#include <stdexcept>
#include <string>
#include <utility>

#include "state/atomic_file.hpp"
#include "state/descriptor.hpp"
#include "state/files.hpp"

namespace weir {

/// It keeps the first error, since Arrow's writer does not end well after one.
class ArrowOutput final : public ::arrow::io::OutputStream {
 public:
  explicit ArrowOutput(std::string path)
      : path_(std::move(path)),
        file_(::open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666)) {
    if (file_.get() < 0) state::fail(path_);
  }
  ::arrow::Status Write(const void* data, std::int64_t size) override {
    size_ += size;
    if (error_) return ::arrow::Status::OK();
    try {
      state::write_all(file_.get(), {static_cast<const char*>(data), static_cast<std::size_t>(size)}, path_);
    } catch (const std::exception&) {
      error_ = std::current_exception();
    }
    return ::arrow::Status::OK();
  }
  using ::arrow::io::OutputStream::Write;
  ::arrow::Status Close() override {
    closed_ = true;
    return ::arrow::Status::OK();
  }
  bool closed() const override { return closed_; }
  ::arrow::Result<std::int64_t> Tell() const override { return size_; }

  /// Throws the error that came, if any.
  void check() const {
    if (error_) std::rethrow_exception(error_);
  }
  /// Syncs the file to the disk; returns its size.
  std::uint64_t sync() const {
    check();
    if (::fsync(file_.get()) != 0) state::fail("syncing " + path_);
    return static_cast<std::uint64_t>(size_);
  }

 private:
  std::string path_;
  state::Descriptor file_;
  std::int64_t size_ = 0;
  bool closed_ = false;
  std::exception_ptr error_;
};

/// Calls Arrow and turns what it throws into an error that names the file.
template <typename Call>
auto guarded(const std::string& path, Call call) {
  try {
    return call();
  } catch (const ::parquet::ParquetException& error) {
    throw std::runtime_error(fmt::format("{}: {}", path, error.what()));
  }
}

}  // namespace weir
