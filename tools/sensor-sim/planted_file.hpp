// The file of --planted.
#pragma once
#include <string>
#include <string_view>

#include "smart_grid_scene.hpp"
#include "state/descriptor.hpp"

namespace weir::sensor_sim {

/// A file whose lines are written when write() returns. The first line truncates what an earlier run left, unless
/// go_on_at() keeps a part. All calls throw std::system_error.
class PlantedFile : public sensor_sim::SmartGridScene::PlantedLog {
 public:
  explicit PlantedFile(std::string path);

  void write(std::string_view line) override;
  void sync() override;
  /// Throws state::Unusable when the file is shorter.
  void go_on_at(std::uint64_t size) override;
  void close();

 private:
  [[noreturn]] void fail() const;
  std::string path_;
  state::Descriptor file_;
  bool begun_ = false;
};

}  // namespace weir::sensor_sim
