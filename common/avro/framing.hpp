// The five bytes before a message whose schema is in a registry (Confluent's wire format).
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir::avro {

/// A message and the number of its schema. The payload is a view into the message.
struct Framed {
  std::int32_t schema_id;
  std::string_view payload;
};

/// Appends a zero byte and the schema's number, big-endian; the payload follows. Of Avro and of JSON alike.
inline void append_frame(std::string& out, std::int32_t schema_id) {
  const auto bits = static_cast<std::uint32_t>(schema_id);
  const std::array<char, 5> bytes{0, static_cast<char>(bits >> 24U), static_cast<char>(bits >> 16U & 0xffU),
                                  static_cast<char>(bits >> 8U & 0xffU), static_cast<char>(bits & 0xffU)};
  out.append(bytes.data(), bytes.size());
}

/// Nothing when the message is shorter than five bytes, does not begin with a zero byte, or has a negative number.
inline std::optional<Framed> read_frame(std::string_view message) {
  if (message.size() < 5 || message[0] != '\0') return std::nullopt;
  std::uint32_t bits = 0;
  for (std::size_t i = 1; i < 5; ++i) bits = bits << 8U | static_cast<unsigned char>(message[i]);
  if (bits >> 31U != 0) return std::nullopt;
  return Framed{static_cast<std::int32_t>(bits), message.substr(5)};
}

}  // namespace weir::avro
