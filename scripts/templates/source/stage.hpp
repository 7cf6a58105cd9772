// The stage of @NAME@: a source with a position.
#pragma once
#include <cstdint>
#include <span>
#include <string>

#include "pipeline/source.hpp"

namespace weir::@SPACE@ {

struct Settings {
  std::uint64_t count = 10;
};

/// A position between two records.
struct Position {
  std::uint64_t next = 1;

  void state(StateArchive& archive) { archive.values(next); }
};

/// Writes the numbers from 1 to `count`.
class @CLASS@ : public Source<Position> {
 public:
  explicit @CLASS@(const Settings& settings) : settings_(settings) {}

  Step next(Output& out) override;
  void wait(std::span<pollfd> also, WaitLimit limit) override { wait_for(also, limit); }
  Position position() override { return position_; }
  void restore(const Position& position) override { position_ = position; }
  std::string position_text() const override { return "number " + std::to_string(position_.next); }

 private:
  Settings settings_;
  Position position_;
};

}  // namespace weir::@SPACE@
