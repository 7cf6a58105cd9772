#include "cli/environment.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>

#include "cli/errors.hpp"
#include "cli/trusted_file.hpp"

namespace weir::cli {
namespace {

constexpr mode_t others = S_IRGRP | S_IROTH | S_IWGRP | S_IWOTH;

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

}  // namespace

Environment Environment::load() {
  Environment environment;
  struct stat status {};
  if (::stat(".env", &status) != 0) return environment;
  environment.file_is_open_to_others_ = (status.st_mode & others) != 0;
  std::istringstream file(read_trusted_file(".env"));
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    std::string_view rest = trim(line);
    if (rest.empty() || rest.front() == '#') continue;
    if (rest.starts_with("export ")) rest = trim(rest.substr(7));
    const auto equals = rest.find('=');
    if (equals == std::string_view::npos || equals == 0)
      throw UsageError(fmt::format(".env line {}: expected NAME=value", number));
    const std::string_view name = trim(rest.substr(0, equals));
    std::string_view value = trim(rest.substr(equals + 1));
    if (value.size() >= 2 && (value.front() == '"' || value.front() == '\'') && value.back() == value.front()) {
      value = value.substr(1, value.size() - 2);
    } else if (const auto comment = value.find(" #"); comment != std::string_view::npos) {
      value = trim(value.substr(0, comment));
    }
    environment.file_.insert_or_assign(std::string(name), std::string(value));
  }
  return environment;
}

std::optional<std::string> Environment::get(std::string_view name) const {
  if (const char* value = std::getenv(std::string(name).c_str()); value != nullptr && *value != '\0') return value;
  if (const auto found = file_.find(name); found != file_.end() && !found->second.empty()) return found->second;
  return std::nullopt;
}

std::optional<std::string> Environment::secret(std::string_view name) const {
  auto value = get(name);
  const char* const direct = std::getenv(std::string(name).c_str());
  if (value && (direct == nullptr || *direct == '\0') && file_is_open_to_others_)
    throw UsageError(fmt::format("{} stands in .env, which others can read: chmod 600 .env", name));
  return value;
}

namespace {

std::ifstream open_secret(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0)
    throw UsageError(fmt::format("cannot read the secret in {}: {}", path, std::strerror(errno)));
  if (S_ISREG(status.st_mode) && (status.st_mode & others) != 0)
    throw UsageError(fmt::format("{} holds a secret and others can read it: chmod 600 {}", path, path));
  return std::ifstream(path);
}

}  // namespace

std::string read_secret_file(const std::string& path) {
  std::ifstream file = open_secret(path);
  std::string line;
  if (!std::getline(file, line)) throw UsageError(fmt::format("{} holds no secret", path));
  if (!line.empty() && line.back() == '\r') line.pop_back();
  if (line.empty()) throw UsageError(fmt::format("the first line of {} is empty", path));
  return line;
}

std::vector<std::string> read_secret_lines(const std::string& path) {
  std::ifstream file = open_secret(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (!line.empty() && line.front() != '#') lines.push_back(std::move(line));
  }
  if (lines.empty()) throw UsageError(fmt::format("{} holds no secret", path));
  return lines;
}

}  // namespace weir::cli
