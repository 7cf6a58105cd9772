#include "csv/decoder.hpp"

#include <algorithm>
#include <cerrno>
#include <stdexcept>

namespace weir::csv {
namespace {

const iconv_t unknown = reinterpret_cast<iconv_t>(-1);

std::size_t unit_of(std::string_view encoding) {
  if (encoding.starts_with("UTF-16") || encoding.starts_with("UCS-2")) return 2;
  return encoding.starts_with("UTF-32") || encoding.starts_with("UCS-4") ? 4 : 1;
}

}  // namespace

Decoder::Decoder(const std::string& encoding)
    : iconv_(::iconv_open("UTF-8", encoding.c_str())), unit_(unit_of(encoding)) {
  if (iconv_ == unknown) throw std::invalid_argument("there is no encoding '" + encoding + "' (iconv -l lists them)");
}

Decoder::~Decoder() { ::iconv_close(iconv_); }

void Decoder::restart() { ::iconv(iconv_, nullptr, nullptr, nullptr, nullptr); }

Decoder::Done Decoder::decode(std::string_view from, char* to, std::size_t room) {
  char* in = const_cast<char*>(from.data());  // iconv does not write to it
  std::size_t left = from.size();
  char* out = to;
  std::size_t free = room;
  while (left > 0 && free > 0) {
    if (::iconv(iconv_, &in, &left, &out, &free) != static_cast<std::size_t>(-1) || errno != EILSEQ || free == 0) break;
    *out++ = '\xFF';
    --free;
    const std::size_t skipped = std::min(unit_, left);
    in += skipped;
    left -= skipped;
  }
  return {from.size() - left, room - free};
}

}  // namespace weir::csv
