// The run around a source, for tests: it keeps what the source reports.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/source.hpp"

namespace weir::test {

class KeptHost : public SourceHost {
 public:
  explicit KeptHost(std::string folder = {}) : folder_(std::move(folder)) {}

  void reject(std::uint64_t, std::string_view raw, std::string_view) override { rejected.emplace_back(raw); }
  Log& log() override { return log_; }
  const std::string& folder() const override { return folder_; }

  std::vector<std::string> rejected;
  std::string logged;  ///< a line for each message

 private:
  struct Lines : Log {
    explicit Lines(std::string& to) : text(to) {}
    void add(std::string_view message) { (text += message) += '\n'; }
    void info(std::string_view message) override { add(message); }
    void warn(std::string_view message) override { add(message); }
    void error(std::string_view message) override { add(message); }
    std::string& text;
  };
  std::string folder_;
  Lines log_{logged};
};

/// Saves the source as the run does at the end of an epoch.
inline std::string saved_at(AnySource& source, std::uint64_t epoch) {
  std::string bytes;
  SnapshotWriter writer(bytes);
  source.save(epoch, writer);
  return bytes;
}

/// Loads what saved_at() gave into a source just started.
inline void load_at(AnySource& source, std::uint64_t epoch, std::string_view bytes) {
  SnapshotReader reader(bytes);
  source.load(epoch, reader);
  reader.finish();
}

}  // namespace weir::test
