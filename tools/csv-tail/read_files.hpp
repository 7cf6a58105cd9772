// csv-tail without -f: files from beginning to end.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "pipeline/source.hpp"
#include "row_records.hpp"

namespace weir::csv_tail {

/// Reads files one after the other; each has its own header. `-` is standard input.
class ReadFiles : public Source {
 public:
  ReadFiles(RowSettings settings, std::vector<std::string> files);
  ~ReadFiles() override;

  void start(RejectLog& rejects) override { rejects_ = &rejects; }
  Step next(Output& out) override;
  void wait(std::span<pollfd> also, WaitLimit limit) override;

 private:
  bool open_next();
  void close_file();

  RowSettings settings_;
  std::vector<std::string> files_;
  std::size_t opened_ = 0;
  RejectLog* rejects_ = nullptr;
  int fd_ = -1;
  std::optional<RowRecords> records_;
};

}  // namespace weir::csv_tail
