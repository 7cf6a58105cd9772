#include "cbor/senml_json.hpp"

#include <cbor.h>
#include <fmt/format.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <optional>
#include <stdexcept>

#include "record/json_text.hpp"

namespace weir::cbor {
namespace {

/// A value that cannot be rewritten; caught in SenmlJson::write().
struct Wrong : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// One data item's head, or a whole scalar.
struct Item {
  enum class Kind : std::uint8_t { none, natural, negative, text, bytes, array, map, tag, real, boolean, null, end };
  Kind kind = Kind::none;
  bool endless = false;      ///< an array, map or string of indefinite length
  std::uint64_t number = 0;  ///< natural; negative: -1 - number; length of array and map; tag
  std::string_view text{};   ///< of text and bytes
  std::string real{};        ///< as a JSON number, or NaN or Infinity as SenmlReader knows them
  bool truth = false;
};
using Kind = Item::Kind;

Item& item_of(void* context) { return *static_cast<Item*>(context); }

template <typename Number>
std::string number_text(Number value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  return fmt::format("{}", value);
}

std::string_view view_of(cbor_data data, auto size) { return {reinterpret_cast<const char*>(data), size}; }

/// libcbor's reader of one item at a time: it allocates nothing, whatever lengths are claimed.
cbor_callbacks reader() {
  cbor_callbacks made = cbor_empty_callbacks;
  made.uint8 = [](void* to, std::uint8_t value) { item_of(to) = {.kind = Kind::natural, .number = value}; };
  made.uint16 = [](void* to, std::uint16_t value) { item_of(to) = {.kind = Kind::natural, .number = value}; };
  made.uint32 = [](void* to, std::uint32_t value) { item_of(to) = {.kind = Kind::natural, .number = value}; };
  made.uint64 = [](void* to, std::uint64_t value) { item_of(to) = {.kind = Kind::natural, .number = value}; };
  made.negint8 = [](void* to, std::uint8_t value) { item_of(to) = {.kind = Kind::negative, .number = value}; };
  made.negint16 = [](void* to, std::uint16_t value) { item_of(to) = {.kind = Kind::negative, .number = value}; };
  made.negint32 = [](void* to, std::uint32_t value) { item_of(to) = {.kind = Kind::negative, .number = value}; };
  made.negint64 = [](void* to, std::uint64_t value) { item_of(to) = {.kind = Kind::negative, .number = value}; };
  made.string = [](void* to, cbor_data data, auto size) {
    item_of(to) = {.kind = Kind::text, .text = view_of(data, size)};
  };
  made.byte_string = [](void* to, cbor_data data, auto size) {
    item_of(to) = {.kind = Kind::bytes, .text = view_of(data, size)};
  };
  made.string_start = [](void* to) { item_of(to) = {.kind = Kind::text, .endless = true}; };
  made.byte_string_start = [](void* to) { item_of(to) = {.kind = Kind::bytes, .endless = true}; };
  made.array_start = [](void* to, auto size) { item_of(to) = {.kind = Kind::array, .number = size}; };
  made.map_start = [](void* to, auto size) { item_of(to) = {.kind = Kind::map, .number = size}; };
  made.indef_array_start = [](void* to) { item_of(to) = {.kind = Kind::array, .endless = true}; };
  made.indef_map_start = [](void* to) { item_of(to) = {.kind = Kind::map, .endless = true}; };
  made.tag = [](void* to, std::uint64_t value) { item_of(to) = {.kind = Kind::tag, .number = value}; };
  made.float2 = [](void* to, float value) { item_of(to) = {.kind = Kind::real, .real = number_text(value)}; };
  made.float4 = made.float2;
  made.float8 = [](void* to, double value) { item_of(to) = {.kind = Kind::real, .real = number_text(value)}; };
  made.boolean = [](void* to, bool value) { item_of(to) = {.kind = Kind::boolean, .truth = value}; };
  made.null = [](void* to) { item_of(to) = {.kind = Kind::null}; };
  made.undefined = made.null;
  made.indef_break = [](void* to) { item_of(to) = {.kind = Kind::end}; };
  return made;
}

/// The labels of RFC 8428, table 4, from -6.
constexpr std::array<std::string_view, 15> labels{"bs", "bv", "bu", "bt", "bn", "bver", "n", "u",
                                                  "v",  "vs", "vb", "s",  "t",  "ut",   "vd"};
constexpr int first_label = -6;
constexpr int deepest = 16;
/// Of a decimal fraction: more would be far outside of what a double holds.
constexpr std::int64_t greatest_exponent = 400;

class Writer {
 public:
  Writer(std::string_view pack, std::string& json) : rest_(pack), json_(json) {}

  void pack() {
    const Item array = next();
    if (array.kind != Kind::array) throw Wrong("the pack is not an array");
    elements(array, '[', ']', [this](const Item& item) {
      const Item element = without_tags(item);
      if (element.kind != Kind::map) throw Wrong("an element of the pack is not a map");
      map(element, 1);
    });
    if (!rest_.empty()) throw Wrong("there are bytes after the pack");
  }

 private:
  Item next() {
    static const cbor_callbacks callbacks = reader();
    Item item;
    const auto* data = reinterpret_cast<cbor_data>(rest_.data());
    const cbor_decoder_result read = cbor_stream_decode(data, rest_.size(), &callbacks, &item);
    if (read.status == CBOR_DECODER_NEDATA || rest_.empty()) throw Wrong("the pack ends within a value");
    if (read.status != CBOR_DECODER_FINISHED || item.kind == Kind::none || read.read > rest_.size())
      throw Wrong("the pack is not CBOR");
    rest_.remove_prefix(read.read);
    return item;
  }

  Item without_tags(Item item) {
    for (int depth = 0; item.kind == Kind::tag && item.number != decimal_fraction; ++depth) {
      if (depth == deepest) throw Wrong("the pack is nested too deeply");
      item = next();
    }
    return item;
  }

  template <typename Use>
  void elements(const Item& head, char open, char close, Use use) {
    json_ += open;
    for (std::uint64_t at = 0; head.endless || at < head.number; ++at) {
      const Item item = next();
      if (item.kind == Kind::end) {
        if (!head.endless) throw Wrong("the pack is not CBOR");
        break;
      }
      if (at > 0) json_ += ',';
      use(item);
    }
    json_ += close;
  }

  void map(const Item& head, int depth) {
    elements(head, '{', '}', [this, depth](const Item& item) {
      const Item key = without_tags(item);
      if (key.kind == Kind::text) {
        text(key);
      } else {
        const std::int64_t label =
            key.kind == Kind::natural    ? static_cast<std::int64_t>(std::min<std::uint64_t>(key.number, 100))
            : key.kind == Kind::negative ? -1 - static_cast<std::int64_t>(std::min<std::uint64_t>(key.number, 100))
                                         : 100;
        const std::int64_t place = label - first_label;
        if (place < 0 || place >= static_cast<std::int64_t>(labels.size()))
          throw Wrong("a label of the pack is not known");
        append_json_string(json_, labels[static_cast<std::size_t>(place)]);
      }
      json_ += ':';
      value(next(), depth + 1);
    });
  }

  void value(const Item& first, int depth) {
    if (depth > deepest) throw Wrong("the pack is nested too deeply");
    const Item item = without_tags(first);
    switch (item.kind) {
      case Kind::natural:
        json_ += fmt::format("{}", item.number);
        return;
      case Kind::negative:
        json_ += negative(item.number);
        return;
      case Kind::real:
        json_ += item.real;
        return;
      case Kind::boolean:
        json_ += item.truth ? "true" : "false";
        return;
      case Kind::null:
        json_ += "null";
        return;
      case Kind::text:
      case Kind::bytes:
        return text(item);
      case Kind::array:
        return elements(item, '[', ']', [this, depth](const Item& each) { value(each, depth + 1); });
      case Kind::map:
        return map(item, depth);
      case Kind::tag:
        return fraction();
      case Kind::none:
      case Kind::end:
        break;
    }
    throw Wrong("the pack is not CBOR");
  }

  static std::string negative(std::uint64_t number) {
    return number == UINT64_MAX ? "-18446744073709551616" : fmt::format("-{}", number + 1);
  }

  /// A decimal fraction: an array of exponent and mantissa.
  void fraction() {
    const Item head = next();
    if (head.kind != Kind::array || head.endless || head.number != 2)
      throw Wrong("a decimal fraction is not two integers");
    const Item exponent = next();
    const Item mantissa = next();
    const auto is_integer = [](const Item& item) { return item.kind == Kind::natural || item.kind == Kind::negative; };
    if (!is_integer(exponent) || !is_integer(mantissa)) throw Wrong("a decimal fraction is not two integers");
    if (exponent.number > greatest_exponent) throw Wrong("the exponent of a decimal fraction is out of range");
    json_ += mantissa.kind == Kind::natural ? fmt::format("{}", mantissa.number) : negative(mantissa.number);
    json_ += 'e';
    json_ += exponent.kind == Kind::natural ? fmt::format("{}", exponent.number) : negative(exponent.number);
  }

  /// Text as a string; bytes in base64 with the alphabet for URLs and without padding.
  void text(const Item& item) {
    std::string whole(item.text);
    while (item.endless) {
      const Item part = next();
      if (part.kind == Kind::end) break;
      if (part.kind != item.kind || part.endless) throw Wrong("the pack is not CBOR");
      whole += part.text;
    }
    if (item.kind == Kind::text) {
      if (!is_utf8(whole)) throw Wrong("a text of the pack is not UTF-8");
      return append_json_string(json_, whole);
    }
    std::string coded;
    append_base64(coded, whole);
    while (!coded.empty() && (coded.back() == '=')) coded.pop_back();
    for (char& c : coded) c = c == '+' ? '-' : c == '/' ? '_' : c;
    append_json_string(json_, coded);
  }

  static constexpr std::uint64_t decimal_fraction = 4;
  std::string_view rest_;
  std::string& json_;
};

}  // namespace

bool SenmlJson::write(std::string_view pack, std::string& json) {
  reason_.clear();
  const std::size_t before = json.size();
  try {
    Writer(pack, json).pack();
  } catch (const Wrong& wrong) {
    reason_ = wrong.what();
    json.resize(before);
    return false;
  }
  return true;
}

}  // namespace weir::cbor
