// A folder for one test.
#pragma once
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include <cstdlib>

#include "catch.hpp"

namespace weir::test {

/// The bytes of a file; `none` where it is not there.
inline std::string content_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return "none";
  return {std::istreambuf_iterator<char>(in), {}};
}

inline void write_content(const std::string& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

/// A new, empty folder, which is removed with this object.
struct Folder {
  std::string path = (std::filesystem::temp_directory_path() / "weir.XXXXXX").string();

  Folder() { REQUIRE(::mkdtemp(path.data()) != nullptr); }
  ~Folder() { std::filesystem::remove_all(path); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string file(std::string_view name) const { return path + '/' + std::string(name); }
  std::string content(std::string_view name) const { return content_of(file(name)); }
  void write(std::string_view name, std::string_view bytes) const { write_content(file(name), bytes); }
};

/// The folder of a spool, which is not there yet.
struct SpoolFolder {
  Folder parent;
  std::string path = parent.file("spool");

  std::string file(int segment) const { return path + "/s-" + std::to_string(segment); }
};

}  // namespace weir::test
