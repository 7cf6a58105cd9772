#include "csv/row_reader.hpp"

#include <algorithm>
#include <cstring>

namespace weir::csv {
namespace {

constexpr char quote = '"';
constexpr std::size_t history_size = 256;
constexpr std::size_t nowhere = std::string_view::npos;

/// memchr is much faster than std::find and a hand-written loop: most of a row is neither delimiter nor line end.
std::size_t find(const char* from, std::size_t size, char wanted) {
  const void* const found = size == 0 ? nullptr : std::memchr(from, wanted, size);
  return found == nullptr ? nowhere : static_cast<std::size_t>(static_cast<const char*>(found) - from);
}

std::string_view without_return(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
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
  if (gap > 0 && (begin_ == end_ || buffer_.size() < end_ + size)) {
    std::memmove(buffer_.data(), buffer_.data() + gap, end_ - gap);
    begin_ -= gap;
    end_ -= gap;
  }
  if (buffer_.size() < end_ + size) buffer_.resize(end_ + size);
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
  archive.values(consumed_, line_, mark_done_, skipping_);
  const std::string_view last = archive.text(history());
  if (archive.saving()) return;
  append(last);
  begin_ = end_;
}

void RowReader::drop_pending() {
  end_ = begin_;
  searched_ = scanned_ = 0;
  state_ = State::cell_start;
}

void RowReader::reset() {
  begin_ = end_ = 0;
  drop_pending();
  mark_done_ = skipping_ = finished_ = false;
  consumed_ = 0;
  line_ = 1;
}

void RowReader::step(std::size_t bytes, std::uint64_t lines) {
  begin_ += bytes;
  consumed_ += bytes;
  line_ += lines;
  searched_ = scanned_ = 0;
  state_ = State::cell_start;
}

bool RowReader::skip_mark() {
  static constexpr std::string_view mark = "\xEF\xBB\xBF";
  const std::string_view here = pending();
  if (here.size() < mark.size() && mark.starts_with(here) && !finished_) return false;
  if (here.starts_with(mark)) step(mark.size(), 0);
  mark_done_ = true;
  return true;
}

const Row* RowReader::next() {
  if (!mark_done_ && !skip_mark()) return nullptr;
  for (;;) {
    const char* const data = buffer_.data() + begin_;
    const std::size_t size = end_ - begin_;
    if (scanned_ > 0) return quoted_row();
    const std::size_t found = find(data + searched_, size - searched_, '\n');
    if (skipping_) {
      if (found == nowhere) {
        step(size, 0);
        return nullptr;
      }
      skipping_ = false;
      step(found + 1, 1);
      continue;
    }
    if (found == nowhere) {
      searched_ = size;
      if (size > format_.max_row) return too_long();
      if (!finished_ || size == 0) return nullptr;
    }
    const std::size_t length = found == nowhere ? size : searched_ + found;
    if (length > format_.max_row) return too_long();
    if (find(data, length, quote) != nowhere) return quoted_row();
    const std::size_t whole = found == nowhere ? length : length + 1;
    if (without_return({data, length}).empty()) {
      step(whole, 1);
      continue;
    }
    return plain_row(length, whole);
  }
}

const Row* RowReader::plain_row(std::size_t length, std::size_t whole) {
  row_.raw = without_return({buffer_.data() + begin_, length});
  row_.line = line_;
  row_.problem = nullptr;
  split_plain(row_.raw);
  row_.cells = cells_;
  step(whole, 1);
  return &row_;
}

const Row* RowReader::quoted_row() {
  switch (scan(std::min(end_ - begin_, format_.max_row + 1))) {
    case Scan::bad:
      return bad_line("a quote where RFC 4180 has none");
    case Scan::whole: {
      const std::size_t whole = scanned_;
      std::string_view raw(buffer_.data() + begin_, whole);
      if (raw.ends_with('\n')) raw.remove_suffix(1);
      if (raw.size() > format_.max_row) return too_long();
      row_.raw = without_return(raw);
      row_.line = line_;
      row_.problem = nullptr;
      split_quoted(row_.raw);
      row_.cells = cells_;
      step(whole, 1 + static_cast<std::uint64_t>(std::count(row_.raw.begin(), row_.raw.end(), '\n')));
      return &row_;
    }
    case Scan::open:
      break;
  }
  if (scanned_ > format_.max_row) {
    if (state_ == State::quoted) return bad_line("a quote that is not closed within the longest row allowed");
    return too_long();
  }
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
    if (c == '\n') {
      scanned_ = at;
      return Scan::whole;
    }
    if (state == State::carriage_return) return Scan::bad;  // a CR after a closing quote belongs to the line end
    if (c == format_.delimiter) {
      state = State::cell_start;
    } else if (c == quote) {
      if (state == State::plain) return Scan::bad;
      state = State::quoted;  // opens, or is the second of a doubled quote
    } else if (state == State::quote_seen) {
      if (c != '\r') return Scan::bad;
      state = State::carriage_return;
    } else {
      state = State::plain;
    }
  }
  scanned_ = at;
  state_ = state;
  if (finished_ && at == end_ - begin_ && state != State::quoted) return Scan::whole;
  return Scan::open;
}

const Row* RowReader::bad_line(const char* problem) {
  const std::size_t size = end_ - begin_;
  const std::size_t found = find(buffer_.data() + begin_, size, '\n');
  row_ = {without_return({buffer_.data() + begin_, found == nowhere ? size : found}), line_, problem, {}};
  step(found == nowhere ? size : found + 1, 1);
  return &row_;
}

const Row* RowReader::too_long() {
  row_ = {{buffer_.data() + begin_, format_.max_row}, line_, "the row is longer than the longest allowed", {}};
  const auto breaks = static_cast<std::uint64_t>(std::count(row_.raw.begin(), row_.raw.end(), '\n'));
  step(format_.max_row, breaks);
  skipping_ = true;
  return &row_;
}

void RowReader::split_plain(std::string_view raw) {
  cells_.clear();
  const char* at = raw.data();
  const char* const end = at + raw.size();
  for (;;) {
    const std::size_t found = find(at, static_cast<std::size_t>(end - at), format_.delimiter);
    if (found == nowhere) break;
    cells_.emplace_back(at, found);
    at += found + 1;
  }
  cells_.emplace_back(at, static_cast<std::size_t>(end - at));
}

/// Splits a row with quotes, which scan() has found to be right.
void RowReader::split_quoted(std::string_view raw) {
  cells_.clear();
  unquoted_.clear();
  unquoted_.reserve(raw.size());  // keeps the views into it valid
  std::size_t at = 0;
  for (;;) {
    if (at < raw.size() && raw[at] == quote) {
      ++at;
      const std::size_t start = unquoted_.size();
      for (;;) {
        const std::size_t close = raw.find(quote, at);
        unquoted_.append(raw, at, close - at);
        at = close + 1;
        if (at >= raw.size() || raw[at] != quote) break;
        unquoted_ += quote;
        ++at;
      }
      cells_.emplace_back(unquoted_.data() + start, unquoted_.size() - start);
    } else {
      const std::size_t end = std::min(raw.find(format_.delimiter, at), raw.size());
      cells_.emplace_back(raw.data() + at, end - at);
      at = end;
    }
    if (at >= raw.size() || raw[at] != format_.delimiter) break;
    ++at;
  }
}

}  // namespace weir::csv
