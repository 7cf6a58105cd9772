// links: weir_record
// The record reader: LineReader, RecordParser, Splicer, against a reading of RFC 8259 that shares nothing with them.
// Every line comes out once, is taken or refused, and what is taken is what stands there.
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz_expect.hpp"
#include "record/control.hpp"
#include "record/line_reader.hpp"
#include "record/number.hpp"
#include "record/object_writer.hpp"
#include "record/parser.hpp"

namespace {

using namespace weir;

struct Member2 {
  std::string_view raw_key;
  std::string key;
  std::string_view raw;
};

/// A JSON text, read one byte after the other by the grammar.
class Oracle {
 public:
  explicit Oracle(std::string_view text) : text_(text) {}

  /// True when it is one object and nothing else; fills members.
  bool read() {
    if (!is_utf8(text_)) return false;
    blanks();
    if (at_ == text_.size() || text_[at_] != '{' || !value(1, true)) return false;
    blanks();
    return at_ == text_.size();
  }

  std::vector<Member2> members;

 private:
  static bool is_utf8(std::string_view bytes) {
    for (std::size_t i = 0; i < bytes.size();) {
      const auto byte = [&](std::size_t k) -> std::uint32_t {
        return i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U;
      };
      const std::uint32_t first = byte(0);
      std::size_t length = 0;
      std::uint32_t code = 0;
      if (first < 0x80) {
        ++i;
        continue;
      }
      if (first >= 0xC2 && first < 0xE0)
        length = 2, code = first & 0x1F;
      else if (first >= 0xE0 && first < 0xF0)
        length = 3, code = first & 0x0F;
      else if (first >= 0xF0 && first < 0xF5)
        length = 4, code = first & 0x07;
      else
        return false;
      for (std::size_t k = 1; k < length; ++k) {
        if ((byte(k) & 0xC0U) != 0x80U) return false;
        code = code << 6U | (byte(k) & 0x3FU);
      }
      if ((length == 3 && code < 0x800) || (length == 4 && (code < 0x10000 || code > 0x10FFFF)) ||
          (code >= 0xD800 && code < 0xE000))
        return false;
      i += length;
    }
    return true;
  }

  void blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\r' || text_[at_] == '\n'))
      ++at_;
  }
  bool word(std::string_view expected) {
    if (text_.substr(at_, expected.size()) != expected) return false;
    at_ += expected.size();
    return true;
  }
  std::size_t digits() {
    const std::size_t first = at_;
    while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') ++at_;
    return at_ - first;
  }
  bool number() {
    word("-");
    if (word("0")) {
    } else if (digits() == 0) {
      return false;
    }
    if (word(".") && digits() == 0) return false;
    if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
      ++at_;
      if (!word("+")) word("-");
      if (digits() == 0) return false;
    }
    return true;
  }
  std::optional<std::uint32_t> hex4() {
    std::uint32_t code = 0;
    for (int i = 0; i < 4; ++i, ++at_) {
      if (at_ == text_.size()) return std::nullopt;
      const char c = text_[at_];
      const int digit = c >= '0' && c <= '9'   ? c - '0'
                        : c >= 'a' && c <= 'f' ? c - 'a' + 10
                        : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                               : -1;
      if (digit < 0) return std::nullopt;
      code = code << 4U | static_cast<std::uint32_t>(digit);
    }
    return code;
  }
  static void append_utf8(std::string& out, std::uint32_t code) {
    const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
    if (code < 0x80) return put(code);
    if (code < 0x800) return put(0xC0U | code >> 6U), put(0x80U | (code & 63U));
    if (code < 0x10000) return put(0xE0U | code >> 12U), put(0x80U | (code >> 6U & 63U)), put(0x80U | (code & 63U));
    put(0xF0U | code >> 18U), put(0x80U | (code >> 12U & 63U)), put(0x80U | (code >> 6U & 63U)),
        put(0x80U | (code & 63U));
  }
  bool string(std::string& content) {
    if (!word("\"")) return false;
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '"') return ++at_, true;
      if (static_cast<unsigned char>(c) < 0x20) return false;
      if (c != '\\') {
        content += c;
        continue;
      }
      if (++at_ == text_.size()) return false;
      static constexpr std::string_view written = "\"\\/bfnrt";
      static constexpr std::string_view meant = "\"\\/\b\f\n\r\t";
      if (const auto simple = written.find(text_[at_]); simple != std::string_view::npos) {
        content += meant[simple];
        continue;
      }
      if (text_[at_] != 'u') return false;
      ++at_;
      auto code = hex4();
      if (!code) return false;
      if (*code >= 0xDC00 && *code < 0xE000) return false;  // half a pair has no UTF-8
      if (*code >= 0xD800 && *code < 0xDC00) {
        if (!word("\\u")) return false;
        const auto low = hex4();
        if (!low || *low < 0xDC00 || *low >= 0xE000) return false;
        code = 0x10000 + ((*code - 0xD800) << 10U) + (*low - 0xDC00);
      }
      append_utf8(content, *code);
      --at_;
    }
    return false;
  }
  bool value(std::size_t depth, bool top) {
    if (at_ == text_.size() || depth > ParserLimits().max_depth + 1) return false;
    std::string ignored;
    switch (text_[at_]) {
      case '{':
        return depth <= ParserLimits().max_depth && object(depth, top);
      case '[':
        return depth <= ParserLimits().max_depth && array(depth);
      case '"':
        return string(ignored);
      case 't':
        return word("true");
      case 'f':
        return word("false");
      case 'n':
        return word("null");
      default:
        return number();
    }
  }
  bool array(std::size_t depth) {
    ++at_;
    blanks();
    if (word("]")) return true;
    for (;;) {
      blanks();
      if (!value(depth + 1, false)) return false;
      blanks();
      if (word("]")) return true;
      if (!word(",")) return false;
    }
  }
  bool object(std::size_t depth, bool top) {
    ++at_;
    blanks();
    if (word("}")) return true;
    for (;;) {
      blanks();
      Member2 member;
      const std::size_t key = at_;
      if (!string(member.key)) return false;
      member.raw_key = text_.substr(key, at_ - key);
      blanks();
      if (!word(":")) return false;
      blanks();
      const std::size_t start = at_;
      if (!value(depth + 1, false)) return false;
      member.raw = text_.substr(start, at_ - start);
      if (top) members.push_back(std::move(member));
      blanks();
      if (word("}")) return true;
      if (!word(",")) return false;
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

bool is_blank_line(std::string_view line) { return line.find_first_not_of(" \t\r") == std::string_view::npos; }

const Member2* last_named(const Oracle& oracle, std::string_view name) {
  const Member2* found = nullptr;
  for (const Member2& member : oracle.members)
    if (member.key == name) found = &member;
  return found;
}

struct Fields {
  FieldSet set;
  FieldId a = set.add("a"), nested = set.add("n.x.y"), long_name = set.add("temperature_c"),
          time = set.add("timestamp");
};

void check_value(const Value& value, const Oracle& oracle, std::string_view name) {
  const Member2* const member = last_named(oracle, name);
  if (member == nullptr) return expect(value.kind == Kind::missing);
  expect(value.raw == member->raw);
  if (value.kind == Kind::number) {
    expect(is_json_number(value.raw));
    expect(value.number() == parse_json_number(value.raw));
  } else if (value.kind == Kind::string) {
    const std::string text = "{" + std::string(value.raw) + ":0}";
    Oracle whole(text);
    expect(whole.read() && whole.members[0].key == value.text);
  } else {
    expect(value.text == value.raw);
  }
}

/// Everything that one line has to satisfy, for parsers with and without members, in and out of a block.
void check_line(const Line& line, const Fields& fields, RecordParser& in_block, RecordParser& members,
                RecordParser& strict) {
  Oracle oracle(line.text);
  const bool valid = oracle.read();
  const Record* const plain = in_block.parse(line.text, line.number);
  const std::string plain_reason = in_block.reason();
  std::vector<std::string> raws;
  if (plain != nullptr)
    for (std::uint32_t i = 0; i < fields.set.size(); ++i) raws.emplace_back((*plain)[FieldId{i}].raw);

  const Record* const alone = members.parse_copy(line.text, line.number);
  if (valid) expect(plain != nullptr && alone != nullptr);
  if (plain == nullptr) expect(!plain_reason.empty());
  if (alone != nullptr) expect(plain != nullptr);  // reading every member only refuses more
  if (plain != nullptr && alone != nullptr)
    for (std::uint32_t i = 0; i < fields.set.size(); ++i) expect(raws[i] == (*alone)[FieldId{i}].raw);
  if (valid) {
    expect(alone->members().size() == oracle.members.size());
    for (std::size_t i = 0; i < oracle.members.size(); ++i) {
      const Member& member = alone->members()[i];
      expect(member.raw_key == oracle.members[i].raw_key && member.key == oracle.members[i].key &&
             member.value.raw == oracle.members[i].raw);
    }
    check_value((*alone)[fields.a], oracle, "a");
    check_value((*alone)[fields.long_name], oracle, "temperature_c");
    check_value((*alone)[fields.time], oracle, "timestamp");
  }
  const Record* const every_token = strict.parse(line.text, line.number);
  expect((every_token != nullptr) == valid);
  if (every_token == nullptr) return;

  // Splicing keeps it a record, with all else as it was.
  Splicer splicer;
  splicer.begin(*every_token);
  splicer.set((*every_token)[fields.a], "a", "-1.50");
  splicer.set(Value(), "added \"\n", "[null]");
  std::string out;
  splicer.write(out);
  expect(!out.empty() && out.back() == '\n');
  out.pop_back();
  Oracle after(out);
  expect(after.read());
  const Member2* const changed = last_named(oracle, "a");
  expect(after.members.size() == oracle.members.size() + (changed == nullptr ? 2 : 1));
  expect(last_named(after, "a")->raw == "-1.50" && last_named(after, "added \"\n")->raw == "[null]");
  for (std::size_t i = 0; i < oracle.members.size(); ++i)
    if (&oracle.members[i] != changed)
      expect(after.members[i].raw_key == oracle.members[i].raw_key && after.members[i].raw == oracle.members[i].raw);
}

struct Cut {
  std::string text;
  bool too_long;
};

/// The lines of the bytes, by a plain search.
std::vector<Cut> lines_of(std::string_view bytes, std::size_t max_line) {
  if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
  std::vector<Cut> lines;
  for (std::size_t begin = 0; begin < bytes.size();) {
    const std::size_t end = std::min(bytes.find('\n', begin), bytes.size());
    const std::string_view line = bytes.substr(begin, end - begin);
    lines.push_back({std::string(line.substr(0, max_line)), line.size() > max_line});
    begin = end + 1;
  }
  return lines;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2 || size > 32 * 1024) return 0;
  static constexpr std::size_t limits[] = {1 << 20, 64, 16, 2};
  const std::size_t max_line = limits[data[0] & 3U];
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  // A byte order mark is looked for in what the first read gives, so that piece has to hold it.
  const std::size_t piece = std::max<std::size_t>({data[1] + std::size_t{3}, bytes.size() / 8 + 1});

  // The parsers serve one line after the other, as in a tool; to make new ones takes longer than all the rest.
  static const Fields fields;
  static const FieldSet with_members = [] {
    FieldSet set = fields.set;
    set.read_members();
    return set;
  }();
  static RecordParser in_block(fields.set);
  static RecordParser members(with_members);
  static RecordParser strict(fields.set, Checking::every_token);

  const std::vector<Cut> expected = lines_of(bytes, max_line);
  int ends[2];
  expect(::pipe(ends) == 0);
  LineReader reader(ends[0], max_line);
  std::size_t count = 0;
  const auto drain = [&] {
    const std::string_view pending = reader.pending();
    in_block.prepare(pending);
    strict.prepare(pending);
    while (const auto line = reader.next()) {
      expect(count < expected.size());
      const Cut& cut = expected[count++];
      expect(line->number == count && line->text == cut.text && line->too_long == cut.too_long);
      if (line->too_long || is_blank_line(line->text)) continue;
      if (is_control_line(line->text)) static_cast<void>(parse_control(line->text));
      check_line(*line, fields, in_block, members, strict);
    }
  };
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    const std::string_view part = bytes.substr(at, piece);
    expect(::write(ends[1], part.data(), part.size()) == static_cast<ssize_t>(part.size()));
    expect(reader.fill() == LineReader::Fill::data);
    drain();
  }
  ::close(ends[1]);
  expect(reader.fill() == LineReader::Fill::end);
  drain();
  ::close(ends[0]);
  expect(count == expected.size());
  expect(reader.bytes() == bytes.size());
  return 0;
}
