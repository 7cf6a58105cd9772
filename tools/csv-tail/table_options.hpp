// How a user describes a table.
#pragma once
#include <string>
#include <vector>

#include "row_settings.hpp"

namespace weir::csv_tail {

/// The values of options, some of them as text.
struct TableOptions {
  std::string delimiter = ",";
  std::string decimal = ".";
  std::string thousands{};
  std::string encoding = "UTF-8";
  std::vector<std::string> renames{};  ///< `old=new`
  bool trim = false;
  bool lazy_quotes = false;
  bool ragged = false;
  RowSettings rows{};  ///< what options are bound to as it is

  /// The whole. Throws std::invalid_argument, naming the option.
  RowSettings settings() const;
};

}  // namespace weir::csv_tail
