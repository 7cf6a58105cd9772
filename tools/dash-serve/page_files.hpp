// The files of the page, compiled into the binary.
#pragma once
#include <span>
#include <string_view>

namespace weir::dash_serve {

/// A file of the page, valid for the life of the program.
struct PageFile {
  std::string_view path;  ///< `/app.js`; the page itself is `/`
  std::string_view type;
  std::string_view bytes;
};

std::span<const PageFile> page_files();

}  // namespace weir::dash_serve
