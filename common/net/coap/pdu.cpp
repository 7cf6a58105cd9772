#include "net/coap/pdu.hpp"

#include <fmt/format.h>

#include <array>

#include "record/json_text.hpp"

namespace weir::coap {
namespace {

/// Bytes of a diagnostic payload, so that a response fits into any datagram.
constexpr std::size_t longest_text = 800;

void add_number(coap_pdu_t* pdu, coap_option_num_t option, std::uint32_t number) {
  std::array<unsigned char, 4> bytes{};
  const unsigned size = coap_encode_var_safe(bytes.data(), bytes.size(), number);
  coap_add_option(pdu, option, size, bytes.data());
}

std::string_view text_of(const coap_opt_t* option) {
  return {reinterpret_cast<const char*>(coap_opt_value(option)), coap_opt_length(option)};
}

}  // namespace

Options read_options(const coap_pdu_t* pdu) {
  Options made;
  coap_opt_iterator_t each;
  coap_option_iterator_init(pdu, &each, COAP_OPT_ALL);
  while (const coap_opt_t* option = coap_option_next(&each)) {
    const std::string_view text = text_of(option);
    const auto number = [&] { return coap_decode_var_bytes(coap_opt_value(option), coap_opt_length(option)); };
    switch (each.number) {
      case COAP_OPTION_URI_PATH:
        made.path_is_text =
            made.path_is_text && is_utf8(text) && text.find_first_of(std::string_view("/\0", 2)) == text.npos;
        made.path.append("/").append(text);
        break;
      case COAP_OPTION_URI_QUERY:
      case COAP_OPTION_RTAG:
        made.rest += fmt::format("{} {} ", each.number, text.size());
        made.rest += text;
        break;
      case COAP_OPTION_CONTENT_FORMAT:
        made.format = number();
        break;
      case COAP_OPTION_BLOCK1:
        made.block1 = number();
        break;
      case COAP_OPTION_SIZE1:
        made.size1 = number();
        break;
      case COAP_OPTION_IF_MATCH:
      case COAP_OPTION_IF_NONE_MATCH:
        made.conditional = true;
        break;
      default:
        break;
    }
  }
  if (made.path.empty()) made.path = "/";
  return made;
}

std::string_view payload_of(const coap_pdu_t* pdu) {
  std::size_t size = 0;
  const std::uint8_t* data = nullptr;
  if (coap_get_data(pdu, &size, &data) == 0) return {};
  return {reinterpret_cast<const char*>(data), size};
}

std::string message_of(const coap_pdu_t* pdu) {
  std::string made = fmt::format("{:04x}", coap_pdu_get_mid(pdu));
  const coap_bin_const_t token = coap_pdu_get_token(pdu);
  for (std::size_t i = 0; i < token.length; ++i) made += fmt::format("{:02x}", token.s[i]);
  return made;
}

std::string endpoint_of(const coap_session_t* session) {
  std::array<unsigned char, 80> text{};
  const std::size_t size = coap_print_addr(coap_session_get_addr_remote(session), text.data(), text.size());
  return {reinterpret_cast<const char*>(text.data()), std::min(size, text.size())};
}

std::string identity_of(const coap_session_t* session) {
  const coap_bin_const_t* identity = coap_session_get_psk_identity(session);
  return identity == nullptr ? "" : std::string(reinterpret_cast<const char*>(identity->s), identity->length);
}

void write_response(coap_pdu_t* pdu, const Response& response, std::optional<Block> block1) {
  const auto code = static_cast<unsigned>(response.code);
  coap_pdu_set_code(pdu, static_cast<coap_pdu_code_t>((code / 100) << 5U | code % 100));
  if (response.format) add_number(pdu, COAP_OPTION_CONTENT_FORMAT, *response.format);
  if (response.max_age) add_number(pdu, COAP_OPTION_MAXAGE, *response.max_age);
  if (block1) add_number(pdu, COAP_OPTION_BLOCK1, block1->option());
  if (response.size1) add_number(pdu, COAP_OPTION_SIZE1, *response.size1);
  std::size_t size = std::min(response.text.size(), longest_text);
  while (size < response.text.size() && size > 0 && (static_cast<unsigned char>(response.text[size]) & 0xc0U) == 0x80U)
    --size;  // not within a character
  if (size > 0) coap_add_data(pdu, size, reinterpret_cast<const std::uint8_t*>(response.text.data()));
}

}  // namespace weir::coap
