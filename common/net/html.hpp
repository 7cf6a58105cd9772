// Text in HTML.
#pragma once
#include <string>
#include <string_view>

namespace weir {

/// Text with `& < > " '` as entities, fit for HTML's text and quoted attributes.
std::string escape_html(std::string_view text);

}  // namespace weir
