// Drives a fuzz target without libFuzzer: every file of the corpus, then a fixed number of seeded mutations of each. So
// the targets run as tests in every build (also under the sanitizers); the coverage-guided search is scripts/fuzz.
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

void feed(const std::string& bytes) {
  // Behind exactly sized heap memory a read past the end is seen by ASan.
  const std::vector<std::uint8_t> copy(bytes.begin(), bytes.end());
  LLVMFuzzerTestOneInput(copy.data(), copy.size());
}

std::string mutated(std::string bytes, const std::vector<std::string>& corpus, std::mt19937_64& random) {
  const auto below = [&random](std::size_t n) { return n == 0 ? 0 : static_cast<std::size_t>(random() % n); };
  const std::size_t rounds = 1 + below(4);
  for (std::size_t i = 0; i < rounds; ++i) {
    switch (below(6)) {
      case 0:
        if (!bytes.empty()) bytes[below(bytes.size())] = static_cast<char>(random());
        break;
      case 1:
        bytes.insert(below(bytes.size() + 1), 1, static_cast<char>(random()));
        break;
      case 2:
        if (!bytes.empty()) bytes.erase(below(bytes.size()), 1 + below(4));
        break;
      case 3:
        bytes.resize(below(bytes.size() + 1));
        break;
      case 4: {
        static const std::string special = "{}[]\",:\\'\n\r\t -+.eE0123456789()<>=!TZ#";
        bytes.insert(below(bytes.size() + 1), 1, special[below(special.size())]);
        break;
      }
      default: {
        const std::string& other = corpus[below(corpus.size())];
        bytes = bytes.substr(0, below(bytes.size() + 1)) + other.substr(below(other.size() + 1));
      }
    }
  }
  return bytes;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return std::fprintf(stderr, "usage: %s CORPUS\n", argv[0]), 2;
  std::vector<std::string> corpus;
  for (const auto& entry : std::filesystem::directory_iterator(argv[1])) {
    std::ifstream file(entry.path(), std::ios::binary);
    corpus.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  if (corpus.empty()) return std::fprintf(stderr, "%s holds no seeds\n", argv[1]), 1;
  for (const std::string& seed : corpus) feed(seed);
  std::mt19937_64 random(20260101);
  constexpr std::size_t mutations = 20'000;
  for (std::size_t i = 0; i < mutations; ++i) feed(mutated(corpus[i % corpus.size()], corpus, random));
  std::printf("%zu seeds and %zu mutations of them\n", corpus.size(), mutations);
  return 0;
}
