#include "csv/decoded_reader.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace weir::csv {
namespace {

constexpr std::size_t history_size = 256;

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) { return c >= 'a' && c <= 'z' ? c - 32 : c; });
  return text;
}

}  // namespace

std::string plain_encoding(std::string name) {
  name = upper(std::move(name));
  if (name.empty() || name == "UTF-8" || name == "UTF8" || name == "ASCII" || name == "US-ASCII") return "";
  Decoder{name};  // throws when there is none
  // Without a mark the order of bytes is the usual one.
  if (name == "UTF-16" || name == "UTF16" || name == "UCS-2") return "UTF-16LE";
  if (name == "UTF-32" || name == "UTF32") return "UTF-32LE";
  return name;
}

DecodedReader::DecodedReader(Format format, std::string encoding)
    : rows_(std::move(format)), wanted_(std::move(encoding)) {}

char* DecodedReader::room(std::size_t size) {
  if (!decoder_) return rows_.room(size);
  if (raw_.size() < end_ + size) raw_.resize(end_ + size);
  return raw_.data() + end_;
}

void DecodedReader::added(std::size_t size) {
  if (decoder_) {
    end_ += size;
    return decode();
  }
  rows_.added(size);
  if (!known_) find_encoding(Input::goes_on);
}

void DecodedReader::finish() {
  if (!known_) find_encoding(Input::ended);
  if (decoder_ && decoded_ < end_) {
    rows_.append("\xFF");  // the input ends within a character
    decoded_ = end_;
  }
  rows_.finish();
}

/// What came so far was taken for UTF-8, and is decoded instead.
void DecodedReader::begin_again(std::string encoding) {
  use(std::move(encoding));
  raw_ = rows_.pending();
  end_ = raw_.size();
  rows_.reset();
  decode();
}

/// Decides by the first bytes, which are pending in rows_; not before a mark that they may begin is whole.
void DecodedReader::find_encoding(Input input) {
  const std::string_view first = rows_.pending();
  const auto whole = [&](std::string_view mark) { return first.starts_with(mark); };
  const auto begun = [&](std::string_view mark) {
    return input == Input::goes_on && first.size() < mark.size() && mark.starts_with(first);
  };
  if (begun("\xEF\xBB\xBF") || begun("\xFF\xFE") || begun("\xFE\xFF")) return;
  known_ = true;
  if (whole("\xEF\xBB\xBF")) return;
  if (whole("\xFF\xFE")) return begin_again("UTF-16LE");
  if (whole("\xFE\xFF")) return begin_again("UTF-16BE");
  if (!wanted_.empty()) begin_again(wanted_);
}

void DecodedReader::use(std::string encoding) {
  encoding_ = std::move(encoding);
  decoder_ = std::make_unique<Decoder>(encoding_);
  measure_ = std::make_unique<Decoder>(encoding_);
}

void DecodedReader::decode() {
  while (decoded_ < end_) {
    const std::string_view rest(raw_.data() + decoded_, end_ - decoded_);
    const std::size_t room = 3 * rest.size() + 8;
    const Decoder::Done done = decoder_->decode(rest, rows_.room(room), room);
    rows_.added(done.given);
    decoded_ += done.taken;
    if (done.taken == 0) return;
  }
}

void DecodedReader::settle() {
  if (!decoder_) return;
  measure_->restart();
  std::array<char, 4096> text;
  while (settled_ < rows_.consumed()) {
    const std::size_t left = std::min<std::uint64_t>(text.size(), rows_.consumed() - settled_);
    const Decoder::Done done = measure_->decode({raw_.data() + begin_, decoded_ - begin_}, text.data(), left);
    if (done.taken == 0) break;  // the rows end within a character: a line longer than allowed was cut
    begin_ += done.taken;
    consumed_ += done.taken;
    settled_ += done.given;
  }
  if (begin_ <= 2 * history_size) return;
  const std::size_t gap = begin_ - history_size;
  raw_.erase(0, gap);
  begin_ -= gap;
  decoded_ -= gap;
  end_ -= gap;
}

std::string_view DecodedReader::pending() const {
  return decoder_ ? std::string_view(raw_.data() + begin_, end_ - begin_) : rows_.pending();
}

std::string_view DecodedReader::history() const {
  if (!decoder_) return rows_.history();
  const std::size_t size = std::min(begin_, history_size);
  return {raw_.data() + begin_ - size, size};
}

void DecodedReader::drop_pending() {
  rows_.drop_pending();
  if (!decoder_) return;
  end_ = decoded_ = begin_;
  decoder_->restart();
}

void DecodedReader::reset() {
  rows_.reset();
  decoder_.reset();
  measure_.reset();
  raw_.clear();
  encoding_.clear();
  known_ = false;
  begin_ = decoded_ = end_ = 0;
  consumed_ = settled_ = 0;
}

void DecodedReader::state(StateArchive& archive) {
  archive.values(known_, encoding_);
  archive.value(rows_);
  if (encoding_.empty()) return;
  std::string last(decoder_ ? history() : "");
  std::uint64_t consumed = consumed_;
  archive.values(consumed, last);
  if (archive.saving()) return;
  use(encoding_);
  settled_ = rows_.consumed();
  consumed_ = consumed;
  raw_ = std::move(last);
  begin_ = decoded_ = end_ = raw_.size();
}

}  // namespace weir::csv
