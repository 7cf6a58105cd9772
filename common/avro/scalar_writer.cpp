#include "avro/scalar_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>

#include "record/value_checks.hpp"

namespace weir::avro {
namespace {

constexpr std::uint32_t digits_of_int64 = 19;

template <typename Number>
void append_little_endian(std::string& out, Number number) {
  std::array<char, sizeof number> bytes;
  std::memcpy(bytes.data(), &number, sizeof number);
  if constexpr (std::endian::native == std::endian::big) std::reverse(bytes.begin(), bytes.end());
  out.append(bytes.data(), bytes.size());
}

Misfit append_real(std::string& out, const Node& node, const Value& token) {
  if (token.kind != Kind::number) return Misfit::kind;
  double number = 0;
  if (!token.read(number)) return Misfit::range;
  if (node.type == Type::float64) {
    append_little_endian(out, number);
    return Misfit::none;
  }
  // From halfway between the greatest float and the next power of two on, the nearest float is infinite.
  constexpr double beyond = 0x1.ffffffp127;
  if (std::abs(number) >= beyond) return Misfit::range;
  append_little_endian(out, static_cast<float>(number));
  return Misfit::none;
}

/// Appends the bytes that the characters up to U+00FF of UTF-8 text stand for.
bool append_latin1(std::string& out, std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c < 0x80) {
      out += text[i];
    } else if (c == 0xc2 || c == 0xc3) {
      out += static_cast<char>(static_cast<unsigned char>(text[++i]) | (c == 0xc3 ? 0x40U : 0U));
    } else {
      return false;
    }
  }
  return true;
}

bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !is_hex(text[i])) return false;
  }
  return true;
}

void append_uuid_bytes(std::string& out, std::string_view text) {
  for (std::size_t i = 0; i < text.size(); i += 2) {
    if (text[i] == '-') ++i;
    unsigned byte = 0;
    std::from_chars(text.data() + i, text.data() + i + 2, byte, 16);
    out += static_cast<char>(byte);
  }
}

void append_sized(std::string& out, std::string_view bytes) {
  append_varint(out, static_cast<std::int64_t>(bytes.size()));
  out += bytes;
}

}  // namespace

void append_varint(std::string& out, std::int64_t value) {
  auto bits = (static_cast<std::uint64_t>(value) << 1U) ^ static_cast<std::uint64_t>(value >> 63U);
  std::array<char, 10> bytes;
  std::size_t size = 0;
  for (; bits >= 0x80; bits >>= 7U) bytes[size++] = static_cast<char>((bits & 0x7fU) | 0x80U);
  bytes[size++] = static_cast<char>(bits);
  out.append(bytes.data(), size);
}

std::string misfit_text(const Node& node, std::string_view raw, Misfit why) {
  const std::string value = shortened(raw);
  switch (why) {
    case Misfit::range:
      return fmt::format("{} is beyond the range of {}", value, described(node));
    case Misfit::decimals:
      return fmt::format("{} has more decimals than {}", value, described(node));
    case Misfit::digits:
      return fmt::format("{} has more digits than {}", value, described(node));
    case Misfit::characters:
      return fmt::format("{} has characters beyond U+00FF and is not {}", value, described(node));
    case Misfit::size:
      return fmt::format("{} has not the length of {}", value, described(node));
    case Misfit::none:
    case Misfit::kind:
      break;
  }
  return fmt::format("{} is not {}", value, described(node));
}

Misfit ScalarWriter::append(std::string& out, const Node& node, const Value& token, Reading reading) {
  switch (node.type) {
    case Type::null:
      return token.kind == Kind::null ? Misfit::none : Misfit::kind;
    case Type::boolean:
      if (token.kind != Kind::boolean) return Misfit::kind;
      out += token.is_true() ? '\1' : '\0';
      return Misfit::none;
    case Type::int32:
    case Type::int64:
      return integer(out, node, token, reading);
    case Type::float32:
    case Type::float64:
      return append_real(out, node, token);
    case Type::bytes:
    case Type::fixed:
      if (node.logical == Logical::decimal && purpose_ == Purpose::record) return decimal(out, node, token, reading);
      return text(out, node, token, reading);
    case Type::string:
    case Type::enumeration:
      return text(out, node, token, reading);
    default:
      return Misfit::kind;
  }
}

Misfit ScalarWriter::integer(std::string& out, const Node& node, const Value& token, Reading reading) {
  std::int64_t number = 0;
  if (token.kind == Kind::string) {
    if (!is_time(node.logical) || !times_.read(node.logical, token.text, number)) return Misfit::kind;
  } else if (token.kind != Kind::number) {
    return Misfit::kind;
  } else {
    const char* const end = token.raw.data() + token.raw.size();
    const auto done = std::from_chars(token.raw.data(), end, number);
    if (done.ec != std::errc{}) return Misfit::range;
    if (done.ptr != end) {
      if (reading == Reading::exact) return Misfit::kind;
      const NumberFit fit = unscaled_.read(token.raw, 0, digits_of_int64);
      if (fit == NumberFit::more_decimals) return Misfit::kind;
      if (fit != NumberFit::fits || !unscaled_.read_int64(number)) return Misfit::range;
    }
  }
  if (node.type == Type::int32 && number != static_cast<std::int32_t>(number)) return Misfit::range;
  append_varint(out, number);
  return Misfit::none;
}

Misfit ScalarWriter::decimal(std::string& out, const Node& node, const Value& token, Reading reading) {
  if (token.kind != Kind::number && (token.kind != Kind::string || reading == Reading::exact)) return Misfit::kind;
  switch (unscaled_.read(token.text, node.scale, node.precision)) {
    case NumberFit::no_number:
      return Misfit::kind;
    case NumberFit::more_decimals:
      return Misfit::decimals;
    case NumberFit::more_digits:
      return Misfit::digits;
    case NumberFit::fits:
      break;
  }
  if (node.type == Type::fixed) return unscaled_.append_fixed(out, node.size) ? Misfit::none : Misfit::digits;
  bytes_.clear();
  unscaled_.append_bytes(bytes_);
  append_sized(out, bytes_);
  return Misfit::none;
}

Misfit ScalarWriter::text(std::string& out, const Node& node, const Value& token, Reading reading) {
  if (token.kind != Kind::string) return Misfit::kind;
  if (node.type == Type::enumeration) {
    const auto found = node.places.find(token.text);
    if (found == node.places.end()) return Misfit::kind;
    append_varint(out, static_cast<std::int64_t>(found->second));
    return Misfit::none;
  }
  const bool as_uuid = node.logical == Logical::uuid && (purpose_ == Purpose::record || node.type == Type::string);
  if (as_uuid && !is_uuid(token.text)) return Misfit::kind;
  if (node.type == Type::string) {
    append_sized(out, token.text);
    return Misfit::none;
  }
  if (as_uuid) {
    append_uuid_bytes(out, token.text);
    return Misfit::none;
  }
  if (reading == Reading::exact) return Misfit::kind;
  bytes_.clear();
  if (!append_latin1(bytes_, token.text)) return Misfit::characters;
  if (node.type == Type::bytes) {
    append_sized(out, bytes_);
    return Misfit::none;
  }
  if (bytes_.size() != node.size) return Misfit::size;
  out += bytes_;
  return Misfit::none;
}

}  // namespace weir::avro
