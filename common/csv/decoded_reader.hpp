// Splits CSV bytes of any encoding into rows.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "csv/decoder.hpp"
#include "csv/row_reader.hpp"

namespace weir::csv {

/// The encoding's name as iconv and messages have it; empty for UTF-8. Throws std::invalid_argument when iconv does not
/// know it.
std::string plain_encoding(std::string name);

/// A RowReader for input that may not be UTF-8. A byte order mark of UTF-8 or UTF-16 at the beginning decides the
/// encoding, else the one that was asked for. Positions and pending bytes are those of the input as it came; they hold
/// after settle(). UTF-8 passes through as it is.
class DecodedReader {
 public:
  /// `encoding` is as plain_encoding() gives it.
  explicit DecodedReader(Format format = {}, std::string encoding = {});

  /// Room for `size` more bytes of input; report with added() how many were put there.
  char* room(std::size_t size);
  void added(std::size_t size);
  void finish();

  const Row* next() { return rows_.next(); }
  const Row* next_line() { return rows_.next_line(); }
  void set_delimiter(char delimiter) { rows_.set_delimiter(delimiter); }
  char delimiter() const { return rows_.delimiter(); }
  bool open_quote() const { return rows_.open_quote(); }
  void give_up_quote() { rows_.give_up_quote(); }

  /// Finds the place in the input where the rows given out end.
  void settle();

  /// The encoding of the input, as far as it is known; empty: UTF-8.
  const std::string& encoding() const { return encoding_; }

  // As those of RowReader, of the input as it came.
  std::uint64_t consumed() const { return decoder_ ? consumed_ : rows_.consumed(); }
  std::string_view pending() const;
  std::string_view history() const;
  void drop_pending();
  void reset();
  void state(StateArchive& archive);

 private:
  enum class Input : std::uint8_t { goes_on, ended };
  void find_encoding(Input input);
  void use(std::string encoding);
  void begin_again(std::string encoding);
  void decode();

  RowReader rows_;
  std::string wanted_;    ///< what was asked for
  std::string encoding_;  ///< what it is
  bool known_ = false;
  // where it is not UTF-8
  std::unique_ptr<Decoder> decoder_;
  std::unique_ptr<Decoder> measure_;  ///< decodes again what rows were made of
  std::string raw_;
  std::size_t begin_ = 0;    ///< in raw_: the first byte that belongs to no row
  std::size_t decoded_ = 0;  ///< in raw_: the first byte that is not decoded
  std::size_t end_ = 0;      ///< in raw_: after the last byte that came
  std::uint64_t consumed_ = 0;
  std::uint64_t settled_ = 0;  ///< consumed() of rows_ at the last settle()
};

}  // namespace weir::csv
