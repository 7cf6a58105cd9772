// The environment, the `.env` file beside it, and secrets.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::cli {

/// Variables from the process's environment and, where that has none, from `.env` in the working directory. An empty
/// variable counts as not set.
class Environment {
 public:
  /// Reads `.env` when there is one: `KEY=value` lines, `export` before and quotes around allowed, `#` lines skipped.
  /// Throws UsageError on a line that is neither.
  static Environment load();

  std::optional<std::string> get(std::string_view name) const;

  /// As get(), for a secret. Throws UsageError when it would come from a `.env` that others can read.
  std::optional<std::string> secret(std::string_view name) const;

 private:
  std::map<std::string, std::string, std::less<>> file_;
  bool file_is_open_to_others_ = false;
};

/// The first line of a file that holds a secret (`--password-file`). Throws UsageError when it cannot be read, is
/// empty, or when others than its owner can read it.
std::string read_secret_file(const std::string& path);

/// As read_secret_file(), every line that is not blank and begins with no `#`.
std::vector<std::string> read_secret_lines(const std::string& path);

}  // namespace weir::cli
