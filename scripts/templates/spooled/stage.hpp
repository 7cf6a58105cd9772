// The stage of @NAME@: a source that cannot ask for its input again.
#pragma once
#include <cstdint>
#include <fstream>
#include <span>
#include <string>
#include <string_view>

#include "pipeline/spooled_source.hpp"
#include "record/parser.hpp"

namespace weir::@SPACE@ {

struct Settings {
  std::string from;
  SpooledSettings spooled;
};

/// Receives the lines of a file. A stored line is `NUMBER LINE`, so that a later run knows which lines it has.
class @CLASS@ : public Receiver {
 public:
  explicit @CLASS@(const Settings& settings) : settings_(settings), parser_(fields_) {}

  void start(SourceHost& host, Inbox& inbox) override;
  void stored(std::string_view line) override;
  bool receive(std::uint64_t most) override;
  void acknowledge() override {}
  void wait(std::span<pollfd> also, WaitLimit limit) override { wait_for(also, limit); }
  Emitted emit(std::string_view line, std::uint64_t number, Output& out) override;
  bool finished() const override { return finished_; }

 private:
  Settings settings_;
  FieldSet fields_;
  RecordParser parser_;
  SourceHost* host_ = nullptr;
  Inbox* inbox_ = nullptr;
  std::ifstream in_;
  std::uint64_t read_ = 0;    ///< lines of the file
  std::uint64_t stored_ = 0;  ///< of earlier runs
  bool finished_ = false;
};

}  // namespace weir::@SPACE@
