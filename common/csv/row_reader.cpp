#include "csv/row_reader.hpp"

#include <algorithm>
#include <cstring>

#include "record/byte_search.hpp"

namespace weir::csv {
namespace {

constexpr char quote = '"';
constexpr std::size_t history_size = 256;
constexpr std::size_t nowhere = std::string_view::npos;
/// Readable bytes after those that came.
constexpr std::size_t padding = PlainCells::padding;

/// memchr is much faster than std::find and a hand-written loop: most of a row is neither delimiter nor line end.
std::size_t find(const char* from, std::size_t size, char wanted) {
  const void* const found = size == 0 ? nullptr : std::memchr(from, wanted, size);
  return found == nullptr ? nowhere : static_cast<std::size_t>(static_cast<const char*>(found) - from);
}

}  // namespace

std::optional<char> parse_delimiter(std::string_view text) {
  if (text == "tab" || text == "\t") return '\t';
  // A character of numbers or words could not be told apart from the content of cells.
  if (text.size() != 1 || text[0] < ' ' || text[0] == quote || text[0] == '\x7f') return std::nullopt;
  const bool letter = (text[0] | 32) >= 'a' && (text[0] | 32) <= 'z';
  if (letter || (text[0] >= '0' && text[0] <= '9') || text[0] == '.' || text[0] == '-' || text[0] == '+')
    return std::nullopt;
  return text[0];
}

char* RowReader::room(std::size_t size) {
  const std::size_t gap = begin_ - std::min(begin_, history_size);
  if (gap > 0 && (begin_ == end_ || buffer_.size() < end_ + size + padding)) {
    std::memmove(buffer_.data(), buffer_.data() + gap, end_ - gap);
    begin_ -= gap;
    end_ -= gap;
  }
  if (buffer_.size() < end_ + size + padding) buffer_.resize(end_ + size + padding);
  return buffer_.data() + end_;
}

void RowReader::append(std::string_view bytes) {
  if (bytes.empty()) return;
  std::memcpy(room(bytes.size()), bytes.data(), bytes.size());
  added(bytes.size());
}

std::string_view RowReader::history() const {
  const std::size_t size = std::min(begin_, history_size);
  return {buffer_.data() + begin_ - size, size};
}

void RowReader::state(StateArchive& archive) {
  if (archive.loading()) reset();
  archive.values(consumed_, line_, mark_done_, skipping_, line_end_, line_end_known_, delimiter_);
  const std::string_view last = archive.text(history());
  if (archive.saving()) return;
  append(last);
  begin_ = end_;
}

void RowReader::drop_pending() {
  end_ = begin_;
  searched_ = scanned_ = 0;
  state_ = State::cell_start;
  quote_given_up_ = false;
}

void RowReader::reset() {
  begin_ = end_ = 0;
  drop_pending();
  mark_done_ = line_end_known_ = skipping_ = finished_ = false;
  line_end_ = '\n';
  delimiter_ = format_.delimiter;
  consumed_ = 0;
  line_ = 1;
}

bool RowReader::skip_mark() {
  static constexpr std::string_view mark = "\xEF\xBB\xBF";
  const std::string_view here = pending();
  if (here.size() < mark.size() && mark.starts_with(here) && !finished_) return false;
  if (here.starts_with(mark)) step(mark.size(), 0);
  mark_done_ = true;
  return true;
}

/// Finds out what ends the lines: a CR outside quotes that no LF follows, before any LF, or else LF. False when more
/// bytes are needed.
bool RowReader::find_line_end() {
  bool quoted = false;
  const std::string_view here = pending();
  for (std::size_t at = 0; at < here.size(); ++at) {
    if (here[at] == quote) quoted = !quoted;
    if (here[at] == '\n') return line_end_known_ = true;
    if (here[at] != '\r' || quoted) continue;
    const std::size_t after = here.find_first_not_of('\r', at);
    if (after == nowhere && !finished_) return false;
    if (after == nowhere || here[after] != '\n') line_end_ = '\r';
    return line_end_known_ = true;
  }
  // A first line longer than allowed is a problem of its own.
  return line_end_known_ = finished_ || here.size() > format_.max_row;
}

/// Passes over what comes before the first line. False when more bytes are needed.
bool RowReader::begin() { return (mark_done_ || skip_mark()) && (line_end_known_ || find_line_end()); }

/// A comment begins here, and is passed over; also true where it may, and more bytes are needed to tell.
bool RowReader::at_comment() {
  const std::string_view here = pending();
  if (here.starts_with(format_.comment)) return skipping_ = true;
  return here.size() < format_.comment.size() && !finished_ && format_.comment.starts_with(here);
}

/// Passes over the rest of a line. False when more bytes are needed.
bool RowReader::skip_rest() {
  const std::size_t found = pending().find(line_end_);
  if (found == nowhere) {
    step(end_ - begin_, 0);
    return false;
  }
  skipping_ = false;
  step(found + 1, 1);
  return true;
}

const Row* RowReader::next() {
  if (!line_end_known_ && !begin()) return nullptr;
  for (;;) {
    if (const Row* row = usual_row()) return row;
    const char* const data = buffer_.data() + begin_;
    const std::size_t size = end_ - begin_;
    if (scanned_ > 0) return quoted_row();
    if (!format_.comment.empty() && searched_ == 0 && !skipping_ && at_comment() && !skipping_) return nullptr;
    if (skipping_) {
      if (!skip_rest()) return nullptr;
      continue;
    }
    const std::size_t found = find(data + searched_, size - searched_, line_end_);
    if (found == nowhere) {
      searched_ = size;
      if (size > format_.max_row) return too_long();
      if (!finished_ || size == 0) return nullptr;
    }
    const std::size_t length = found == nowhere ? size : searched_ + found;
    if (length > format_.max_row) return too_long();
    const std::size_t whole = found == nowhere ? length : length + 1;
    const std::string_view raw = without_end({data, length});
    if (raw.empty()) {
      step(whole, 1);
      continue;
    }
    if (!split_plain(raw, quote)) return quoted_row();
    return plain_row(raw, whole, cells_, false);
  }
}

/// The next row where nothing of it has been looked at, it has no quotes and its end has come; else nullptr.
const Row* RowReader::usual_row() {
  if (searched_ > 0 || scanned_ > 0 || skipping_ || !format_.comment.empty()) return nullptr;
  const char* const row = buffer_.data() + begin_;
  const char* const stop = plain_.split(row, buffer_.data() + end_, delimiter_, line_end_);
  if (stop == nullptr) return nullptr;
  const auto length = static_cast<std::size_t>(stop - row);
  const std::string_view raw = without_end({row, length});
  if (raw.empty() || length > format_.max_row) return nullptr;
  const std::span<std::string_view> cells = plain_.cells();
  if (raw.size() != length) cells.back().remove_suffix(1);
  if (format_.blanks == Blanks::trimmed) trim(cells);
  return plain_row(raw, length + 1, cells, plain_.ascii());
}

const Row* RowReader::next_line() {
  if (!line_end_known_ && !begin()) return nullptr;
  if (skipping_ && !skip_rest()) return nullptr;
  const std::string_view here = pending();
  const std::size_t found = here.find(line_end_);
  if (std::min(found, here.size()) > format_.max_row) return too_long();
  if (found == nowhere && (!finished_ || here.empty())) return nullptr;
  const std::string_view raw = without_end(here.substr(0, found));
  split_plain(raw, delimiter_);
  return plain_row(raw, found == nowhere ? here.size() : found + 1, cells_, false);
}

/// A row without quotes; `whole` is its size with its end.
const Row* RowReader::plain_row(std::string_view raw, std::size_t whole, std::span<const std::string_view> cells,
                                bool ascii) {
  row_.raw = raw;
  row_.line = line_;
  row_.problem = nullptr;
  row_.end = end_of(row_.raw, whole);
  row_.cells = cells;
  row_.ascii = ascii;
  step(whole, 1);
  return &row_;
}

const Row* RowReader::quoted_row() {
  switch (scan(std::min(end_ - begin_, format_.max_row + 1))) {
    case Scan::bad:
      return bad_line(stray_quote);
    case Scan::whole: {
      const std::size_t whole = scanned_;
      std::string_view raw(buffer_.data() + begin_, whole);
      if (raw.ends_with(line_end_)) raw.remove_suffix(1);
      if (raw.size() > format_.max_row) return too_long();
      row_.raw = without_end(raw);
      row_.line = line_;
      row_.problem = nullptr;
      row_.end = end_of(row_.raw, whole);
      row_.ascii = false;
      split_quoted(row_.raw);
      row_.cells = cells_;
      step(whole, 1 + static_cast<std::uint64_t>(std::count(row_.raw.begin(), row_.raw.end(), line_end_)));
      return &row_;
    }
    case Scan::open:
      break;
  }
  if (scanned_ > format_.max_row) {
    if (state_ == State::quoted) return bad_line("a quote that is not closed within the longest row allowed");
    return too_long();
  }
  if (quote_given_up_ && open_quote()) return bad_line("a quote that was not closed in time (--quote-timeout)");
  return finished_ ? bad_line("a quote that is not closed") : nullptr;
}

/// Scans quotes and delimiters up to `limit` bytes from begin_. `whole`: the row ends at scanned_.
RowReader::Scan RowReader::scan(std::size_t limit) {
  const char* const data = buffer_.data() + begin_;
  std::size_t at = scanned_;
  State state = state_;
  while (at < limit) {
    if (state == State::quoted) {
      const std::size_t found = find(data + at, limit - at, quote);
      if (found == nowhere) {
        at = limit;
        break;
      }
      at += found + 1;
      state = State::quote_seen;
      continue;
    }
    const char c = data[at++];
    if (c == line_end_) {
      scanned_ = at;
      return Scan::whole;
    }
    if (state == State::quote_seen || state == State::blank_after_quote || state == State::carriage_return) {
      if (after_quote(c, state, at) == Scan::bad) return Scan::bad;
    } else if (c == delimiter_) {
      state = State::cell_start;
    } else if (c == quote) {
      if (state != State::plain)
        state = State::quoted;
      else if (format_.quotes == Quotes::strict)
        return Scan::bad;
    } else if (state != State::cell_start || format_.blanks == Blanks::kept || !blank(c)) {
      state = State::plain;
    }
  }
  scanned_ = at;
  state_ = state;
  if (finished_ && at == end_ - begin_ && state != State::quoted) return Scan::whole;
  return Scan::open;
}

/// A character after a quote that may have closed its cell.
RowReader::Scan RowReader::after_quote(char c, State& state, std::size_t& at) const {
  const bool cell_may_end = state != State::carriage_return;  // a CR after a closing quote belongs to the line end
  if (c == delimiter_ && cell_may_end) {
    state = State::cell_start;
  } else if (c == quote && state == State::quote_seen) {
    state = State::quoted;  // the second of a doubled quote
  } else if (c == '\r' && cell_may_end) {
    state = State::carriage_return;
  } else if (cell_may_end && blank_may_follow_quote() && blank(c)) {
    state = State::blank_after_quote;
  } else if (format_.quotes == Quotes::lazy) {
    state = State::quoted;  // the quote before was text
    --at;
  } else {
    return Scan::bad;
  }
  return Scan::open;
}

const Row* RowReader::bad_line(const char* problem) {
  const std::size_t size = end_ - begin_;
  const std::size_t found = find(buffer_.data() + begin_, size, line_end_);
  row_ = {without_end({buffer_.data() + begin_, found == nowhere ? size : found}), line_, problem, {}, {}};
  step(found == nowhere ? size : found + 1, 1);
  return &row_;
}

const Row* RowReader::too_long() {
  row_ = {{buffer_.data() + begin_, format_.max_row}, line_, "the row is longer than the longest allowed", {}, {}};
  const auto breaks = static_cast<std::uint64_t>(std::count(row_.raw.begin(), row_.raw.end(), line_end_));
  step(format_.max_row, breaks);
  skipping_ = true;
  return &row_;
}

/// Splits a row at its delimiters; returns false where the byte `except` stands before one.
bool RowReader::split_plain(std::string_view raw, char except) {
  cells_.clear();
  const char* at = raw.data();
  const char* const end = at + raw.size();
  const auto delimiter = static_cast<std::uint8_t>(delimiter_);
  const auto other = static_cast<std::uint8_t>(except);
  for (;;) {
    const char* const stop =
        find_stop(at, end, [=](Bytes bytes) -> Bytes { return (bytes == delimiter) | (bytes == other); });
    cells_.emplace_back(at, static_cast<std::size_t>(std::min(stop, end) - at));
    if (stop >= end) break;
    if (*stop != delimiter_) return false;
    at = stop + 1;
  }
  if (format_.blanks == Blanks::trimmed) trim(cells_);
  return true;
}

/// Splits a row with quotes, which scan() has found to be right.
void RowReader::split_quoted(std::string_view raw) {
  cells_.clear();
  unquoted_.clear();
  unquoted_.reserve(raw.size() + padding);  // keeps the views into it valid, and bytes after them readable
  std::size_t at = 0;
  for (;;) {
    std::size_t text = at;
    if (format_.blanks == Blanks::trimmed)
      while (text < raw.size() && blank(raw[text])) ++text;
    if (text < raw.size() && raw[text] == quote) {
      at = std::min(raw.find(delimiter_, unquote(raw, text + 1)), raw.size());
    } else {
      const std::size_t end = std::min(raw.find(delimiter_, at), raw.size());
      cells_.emplace_back(raw.data() + at, end - at);
      at = end;
    }
    if (at >= raw.size()) break;
    ++at;
  }
  if (format_.blanks == Blanks::trimmed) trim(cells_);
}

/// Adds the cell in quotes whose text begins here. Returns where its closing quote ends.
std::size_t RowReader::unquote(std::string_view raw, std::size_t at) {
  const std::size_t start = unquoted_.size();
  for (;;) {
    const std::size_t close = std::min(raw.find(quote, at), raw.size());
    unquoted_.append(raw, at, close - at);
    at = std::min(close + 1, raw.size());
    const bool doubled = at < raw.size() && raw[at] == quote;
    if (!doubled && closes(raw, at)) break;
    unquoted_ += quote;
    if (doubled) ++at;
  }
  cells_.emplace_back(unquoted_.data() + start, unquoted_.size() - start);
  return at;
}

/// Whether a quote closes its cell when the text after it begins here.
bool RowReader::closes(std::string_view raw, std::size_t at) const {
  if (format_.quotes == Quotes::strict) return true;
  if (blank_may_follow_quote())
    while (at < raw.size() && blank(raw[at])) ++at;
  return at >= raw.size() || raw[at] == delimiter_;
}

void RowReader::trim(std::span<std::string_view> cells) {
  for (std::string_view& cell : cells) {
    while (!cell.empty() && (cell.front() == ' ' || cell.front() == '\t')) cell.remove_prefix(1);
    while (!cell.empty() && (cell.back() == ' ' || cell.back() == '\t')) cell.remove_suffix(1);
  }
}

}  // namespace weir::csv
