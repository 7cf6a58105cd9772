#include "avro/decoder.hpp"

#include <fmt/compile.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "avro/exact_number.hpp"
#include "avro/logical.hpp"
#include "record/json_text.hpp"
#include "record/number.hpp"
#include "record/value_checks.hpp"

namespace weir::avro {
namespace {

constexpr const char* truncated = "the message ends in the middle of a value";

template <typename Number>
void append_real(std::string& out, Number number) {
  std::array<char, 32> buffer;
  const char* const end = fmt::format_to(buffer.data(), FMT_COMPILE("{}"), number);
  out.append(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
}

void append_uuid_text(std::string& out, std::string_view bytes) {
  static constexpr char hex[] = "0123456789abcdef";
  out += '"';
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
    out += hex[byte >> 4U];
    out += hex[byte & 15U];
  }
  out += '"';
}

}  // namespace

bool Decoder::decode(std::string_view message, std::string& out) {
  const std::size_t mark = out.size();
  begin_ = at_ = message.data();
  end_ = begin_ + message.size();
  out_ = &out;
  most_ = mark + limits_.max_text;
  bool fits = value(schema_->root(), 1);
  if (fits && at_ != end_) fits = fail(fmt::format("{} bytes are left after the value", end_ - at_));
  if (fits && out.size() > most_) fits = fail(fmt::format("the record is longer than {} bytes", limits_.max_text));
  if (fits) return true;
  out.resize(mark);
  reason_ = fmt::format("{} (byte {} of {})", refusal_.text(), at_ - begin_, message.size());
  return false;
}

bool Decoder::take(std::size_t size, std::string_view& bytes) {
  if (static_cast<std::size_t>(end_ - at_) < size) return fail(truncated);
  bytes = {at_, size};
  at_ += size;
  return true;
}

bool Decoder::varint(std::int64_t& number) {
  std::uint64_t bits = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    if (at_ == end_) return fail(truncated);
    const auto byte = static_cast<unsigned char>(*at_++);
    if (shift == 63 && byte > 1) break;
    bits |= std::uint64_t{byte & 0x7fU} << shift;
    if (byte < 0x80) {
      number = static_cast<std::int64_t>((bits >> 1U) ^ (~(bits & 1U) + 1U));
      return true;
    }
  }
  return fail("a number has more than 64 bits");
}

bool Decoder::length(std::string_view& bytes) {
  std::int64_t size = 0;
  if (!varint(size)) return false;
  if (size < 0) return fail(fmt::format("a length of {}", size));
  if (size > end_ - at_) return fail(truncated);
  return take(static_cast<std::size_t>(size), bytes);
}

bool Decoder::value(const Node& node, std::size_t depth) {
  std::string_view bytes;
  switch (node.type) {
    case Type::null:
      *out_ += "null";
      return true;
    case Type::boolean:
      return boolean();
    case Type::int32:
    case Type::int64:
      return integer(node);
    case Type::float32:
      return real<float>(node);
    case Type::float64:
      return real<double>(node);
    case Type::string:
      return text(node);
    case Type::bytes:
      return length(bytes) && byte_string(node, bytes);
    case Type::fixed:
      return take(node.size, bytes) && byte_string(node, bytes);
    case Type::enumeration:
      return enumeration(node);
    case Type::choice:
      return choice(node, depth);
    case Type::record:
    case Type::array:
    case Type::map:
      break;
  }
  if (depth > limits_.max_depth) return fail("nested too deeply");
  if (out_->size() > most_) return fail(fmt::format("the record is longer than {} bytes", limits_.max_text));
  return node.type == Type::record ? record(node, depth) : blocks(node, depth);
}

bool Decoder::record(const Node& node, std::size_t depth) {
  *out_ += '{';
  bool first = true;
  for (const Field& field : node.fields) {
    if (!first) *out_ += ',';
    first = false;
    *out_ += field.json_name;
    if (!value(*field.type, depth + 1)) return refusal_.within(field.name);
  }
  *out_ += '}';
  return true;
}

/// An array or a map: blocks of items, each after their number, until a block of none.
bool Decoder::blocks(const Node& node, std::size_t depth) {
  const bool is_array = node.type == Type::array;
  *out_ += is_array ? '[' : '{';
  std::size_t index = 0;
  for (;;) {
    std::int64_t count = 0;
    if (!varint(count)) return false;
    if (count == 0) break;
    if (count < 0) {  // the block's size in bytes follows
      std::int64_t size = 0;
      if (!varint(size)) return false;
      if (count == std::numeric_limits<std::int64_t>::min() || size < 0) return fail("a block of a negative length");
      count = -count;
    }
    for (; count > 0; --count, ++index) {
      if (index > 0) *out_ += ',';
      if (out_->size() > most_) return fail(fmt::format("the record is longer than {} bytes", limits_.max_text));
      if (!item(node, depth)) return is_array ? refusal_.within(fmt::format("[{}]", index)) : false;
    }
  }
  *out_ += is_array ? ']' : '}';
  return true;
}

bool Decoder::item(const Node& node, std::size_t depth) {
  const Node& inner = *node.branches.front();
  if (node.type == Type::array) return value(inner, depth + 1);
  std::string_view key;
  if (!length(key)) return false;
  if (!is_utf8(key)) return fail("a key of a map is not UTF-8");
  append_json_string(*out_, key);
  *out_ += ':';
  return value(inner, depth + 1) || refusal_.within(shortened(key));
}

bool Decoder::choice(const Node& node, std::size_t depth) {
  std::int64_t index = 0;
  if (!varint(index)) return false;
  if (index < 0 || static_cast<std::size_t>(index) >= node.branches.size())
    return fail(fmt::format("branch {} of a union of {}", index, node.branches.size()));
  return value(*node.branches[static_cast<std::size_t>(index)], depth);
}

bool Decoder::boolean() {
  std::string_view byte;
  if (!take(1, byte)) return false;
  if (static_cast<unsigned char>(byte[0]) > 1) return fail("a byte that is not a boolean");
  *out_ += byte[0] == 1 ? "true" : "false";
  return true;
}

bool Decoder::integer(const Node& node) {
  std::int64_t number = 0;
  if (!varint(number)) return false;
  if (node.type == Type::int32 && number != static_cast<std::int32_t>(number))
    return fail(fmt::format("{} is beyond the range of an int", number));
  if (node.logical == Logical::none) {
    append_number(*out_, number);
    return true;
  }
  return append_time_text(*out_, node.logical, number) || fail(fmt::format("{} is not {}", number, described(node)));
}

template <typename Number>
bool Decoder::real(const Node& node) {
  std::string_view bytes;
  if (!take(sizeof(Number), bytes)) return false;
  std::array<char, sizeof(Number)> raw;
  std::copy(bytes.begin(), bytes.end(), raw.begin());
  if constexpr (std::endian::native == std::endian::big) std::reverse(raw.begin(), raw.end());
  const auto number = std::bit_cast<Number>(raw);
  if (std::isfinite(number)) {
    append_real(*out_, number);
    return true;
  }
  if (nan_ == NanValues::rejected)
    return fail(fmt::format("{} is {}, which JSON does not have", number, described(node)));
  *out_ += "null";
  return true;
}

bool Decoder::enumeration(const Node& node) {
  std::int64_t index = 0;
  if (!varint(index)) return false;
  if (index < 0 || static_cast<std::size_t>(index) >= node.symbols.size())
    return fail(fmt::format("symbol {} of {}, which has {}", index, node.name, node.symbols.size()));
  *out_ += '"';
  *out_ += node.symbols[static_cast<std::size_t>(index)];
  *out_ += '"';
  return true;
}

bool Decoder::text(const Node& /*node*/) {
  std::string_view bytes;
  if (!length(bytes)) return false;
  if (!is_utf8(bytes)) return fail("a string is not UTF-8");
  append_json_string(*out_, bytes);
  return true;
}

bool Decoder::byte_string(const Node& node, std::string_view bytes) {
  if (node.logical == Logical::decimal) {
    if (bytes.size() > most_decimal_bytes) return fail(fmt::format("a decimal of {} bytes", bytes.size()));
    append_unscaled(*out_, bytes, node.scale);
    return true;
  }
  if (node.logical == Logical::uuid) {
    append_uuid_text(*out_, bytes);
    return true;
  }
  latin1_.clear();
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      latin1_ += c;
    } else {
      latin1_ += static_cast<char>(0xc0U | byte >> 6U);
      latin1_ += static_cast<char>(0x80U | (byte & 0x3fU));
    }
  }
  append_json_string(*out_, latin1_);
  return true;
}

}  // namespace weir::avro
