// A host for tests that drive a sink without a run.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "kept_log.hpp"
#include "pipeline/sink_stage.hpp"

namespace weir {

/// Keeps messages and rejects. With a run it is that of a pipeline with checkpoints.
struct TestHost : SinkHost {
  TestHost() = default;
  explicit TestHost(const std::string& folder) : run(PipelineRun{"pipe", "run", folder}) {}

  void reject(std::uint64_t line, std::string_view raw, std::string_view reason) override {
    rejects.push_back({line, std::string(raw), std::string(reason)});
  }
  void refuse(std::span<const Refusal> refused) override { rejects.assign(refused.begin(), refused.end()); }
  Log& log() override { return kept; }
  const PipelineRun* pipeline() const override { return run ? &*run : nullptr; }
  bool keeps_rejects() const override { return true; }
  std::vector<pollfd> stop_descriptors() const override { return {}; }
  void check_stop() override {}

  KeptLog kept;
  std::vector<Refusal> rejects;
  std::optional<PipelineRun> run;
};

}  // namespace weir
