// line-source: the lines of a file as they are, whatever they hold; only for the tests.
#include <fstream>
#include <stdexcept>

#include "pipeline/source_main.hpp"

namespace {

using namespace weir;

struct Settings {
  std::string file;
};

class LineSource : public Source<std::uint64_t> {
 public:
  explicit LineSource(const std::string& file) : file_(file, std::ios::binary) {
    if (!file_) throw std::invalid_argument(file + " cannot be read");
  }

  Step next(Output& out) override {
    std::string line;
    for (std::uint64_t left = std::min<std::uint64_t>(out.wanted, 1000); left > 0; --left) {
      if (!std::getline(file_, line)) return Step::end;
      position_ += line.size() + 1;
      append_line(out.lines, line);
    }
    return Step::more;
  }
  void wait(std::span<pollfd> also, WaitLimit limit) override { wait_for(also, limit); }
  std::uint64_t position() override { return position_; }
  void restore(const std::uint64_t& position) override {
    position_ = position;
    file_.seekg(static_cast<std::streamoff>(position));
  }
  std::string position_text() const override { return "byte " + std::to_string(position_); }

 private:
  std::ifstream file_;
  std::uint64_t position_ = 0;
};

void define_options(cli::App& app, Settings& settings, SourceOptions& source) {
  app.example("line-source strange.ndjson", "The lines of a file, unchecked");
  app.positional("FILE", settings.file, "The file");
  source.define(app);
}

std::unique_ptr<AnySource> make(const Settings& settings, const SourceOptions&, cli::Context&) {
  return std::make_unique<LineSource>(settings.file);
}

}  // namespace

int main(int argc, char** argv) {
  return source_main(argc, argv, "line-source", "writes the lines of a file as they are", define_options, make);
}
