// The stage of @NAME@: a sink whose effects cannot be undone.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "pipeline/gathering_sink.hpp"
#include "state/appended_file.hpp"

namespace weir::@SPACE@ {

/// Appends each record to a file. With checkpoints each line begins with the record's id, because it may come twice.
class @CLASS@ : public GatheringSink {
 public:
  struct Settings {
    std::string file;
  };
  explicit @CLASS@(Settings settings) : settings_(std::move(settings)) {}

  void start(SinkHost& host) override;
  Verdict on_record(const Record& record) override;
  void on_pause(InputFlow flow) override;
  bool finish() override;

  Repeat repeat() const override { return Repeat::visible; }
  bool carry_out(std::uint64_t epoch) override;

 private:
  void flush();

  Settings settings_;
  SinkHost* host_ = nullptr;
  std::optional<state::AppendedFile> file_;
  std::string lines_;  ///< not yet in the file
};

}  // namespace weir::@SPACE@
