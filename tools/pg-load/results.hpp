// The server's answers to a load.
#pragma once
#include <cstddef>
#include <optional>
#include <string>

#include "db/connection.hpp"

namespace weir::pg_load {

/// Bytes of COPY data at a time: few enough for the socket to take at once, and many enough to cost few calls.
inline constexpr std::size_t piece_size = 128 * 1024;

/// Reads results up to the one that asks for COPY's data. Returns the first value of a row that came before it, or
/// nothing. Throws db::ServerError where a statement is refused.
std::optional<std::string> await_copy(db::Connection& server);

/// Collects the results that follow the last data.
class Results {
 public:
  enum class Wait : std::uint8_t { no, yes };

  /// True when all have come. Then throws db::ServerError for the first refusal.
  bool collect(db::Connection& server, Wait wait);
  /// Rows of the last result that had any.
  std::size_t rows() const { return rows_; }

 private:
  std::optional<db::ServerError::Report> refusal_;
  std::size_t rows_ = 0;
};

}  // namespace weir::pg_load
