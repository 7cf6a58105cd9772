#include "stage_figures.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>
#include <unordered_map>
#include <utility>

#include "state/descriptor.hpp"

namespace weir::pipe_health {
namespace {

namespace fs = std::filesystem;

/// A longer file is none of a stage's.
constexpr std::size_t most_bytes = 1 << 20;

struct Family {
  std::string head{};     ///< its help and type, from the first page that has it
  std::string samples{};  ///< of all pages
};

bool is_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == ':';
  });
}

/// Whether a sample belongs to a family: `NAME{` or `NAME `, for a histogram with an ending.
bool is_sample_of(std::string_view line, std::string_view family) {
  if (!line.starts_with(family)) return false;
  std::string_view rest = line.substr(family.size());
  for (const std::string_view end : {std::string_view("_bucket"), std::string_view("_sum"), std::string_view("_count")})
    if (rest.starts_with(end)) {
      rest.remove_prefix(end.size());
      break;
    }
  return rest.starts_with('{') || rest.starts_with(' ');
}

/// Families in the order in which they came.
class Families {
 public:
  void add(std::string_view page) {
    Family* family = nullptr;
    std::string name;
    bool is_first = false;
    while (!page.empty()) {
      const std::string_view line = page.substr(0, page.find('\n'));
      page.remove_prefix(std::min(page.size(), line.size() + 1));
      constexpr std::string_view help = "# HELP ";
      if (line.starts_with(help)) {
        const std::string_view text = line.substr(help.size());
        name = text.substr(0, text.find(' '));
        is_first = !places_.contains(name);
        family = is_name(name) ? &of(name) : nullptr;
      }
      if (family == nullptr) continue;
      if (line.starts_with("# ")) {
        if (is_first) family->head.append(line) += '\n';
      } else if (is_sample_of(line, name)) {
        family->samples.append(line) += '\n';
      }
    }
  }

  std::string text() const {
    std::string out;
    for (const Family& each : families_)
      if (!each.samples.empty()) out.append(each.head).append(each.samples);
    return out;
  }

 private:
  Family& of(const std::string& name) {
    const auto [place, is_new] = places_.try_emplace(name, families_.size());
    if (is_new) families_.emplace_back();
    return families_[place->second];
  }

  std::vector<Family> families_;
  std::unordered_map<std::string, std::size_t> places_;
};

/// The text of a regular file that is not too long. Any other kind, such as a FIFO, is not waited for.
std::optional<std::string> page_in(const std::string& path) {
  const state::Descriptor file(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  struct stat status {};
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  std::string page;
  constexpr std::size_t block = 64 * 1024;
  while (page.size() <= most_bytes) {
    const std::size_t length = page.size();
    page.resize(length + block);
    const ssize_t n = ::read(file.get(), page.data() + length, block);
    page.resize(length + static_cast<std::size_t>(n > 0 ? n : 0));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return std::nullopt;
    if (n == 0) return page;
  }
  return std::nullopt;
}

}  // namespace

std::string merged(const std::vector<std::string>& pages) {
  Families families;
  for (const std::string& page : pages) families.add(page);
  return families.text();
}

std::string figures_in(const std::string& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::directory_iterator each(folder, error), end; !error && each != end; each.increment(error))
    if (each->path().extension() == ".prom") files.push_back(each->path());
  std::sort(files.begin(), files.end());
  std::vector<std::string> pages;
  // What cannot be read is left out: the stage's own messages tell.
  for (const fs::path& file : files)
    if (auto page = page_in(file.string())) pages.push_back(std::move(*page));
  return merged(pages);
}

}  // namespace weir::pipe_health
