#include "record/parser.hpp"

#include <array>
#include <charconv>
#include <vector>

#include "record/field_tree.hpp"
#include "record/shape.hpp"
#include "record/token_cursor.hpp"
#include "record/tokens.hpp"

namespace weir {
namespace {

/// Structural tokens: brackets, commas and colons. '[' and '{', ']' and '}' differ in one bit.
bool is_structural(char c) {
  const int folded = c | 0x20;
  return folded == '{' || folded == '}' || c == ',' || c == ':';
}

/// Markers of a Shape's member that is not a field: one that is skipped, and one whose value must be valid.
constexpr int passed_over = -1;
constexpr int looked_at = -2;
constexpr std::size_t most_shapes = 4;

/// The node of a list's element, or nullptr.
FieldTree* element_of(FieldTree& list, std::size_t index) {
  std::array<char, 32> name{};  // find() reads eight bytes more than the digits
  const auto end = std::to_chars(name.data(), name.data() + 20, index).ptr;
  return list.find(name.data(), static_cast<std::size_t>(end - name.data()));
}

}  // namespace

/// Reads the tokens of one line. Every function returns nullptr or the reason for a reject, and moves `at` past what it
/// read.
struct RecordParser::Impl : TokenCursor {
  using Node = FieldTree;
  Impl(const FieldSet& fields, Checking how, ParserLimits limits)
      : TokenCursor(limits.max_depth),
        strict(how == Checking::every_token),
        read_members(fields.members()),
        root(fields) {
    record.values_.resize(fields.size());
  }

  const char* begin_line(std::string_view line);
  const char* object(Node& node, bool top, std::size_t depth);
  const char* array(Node* node, std::size_t depth);
  const char* take(Node* node, std::size_t depth, Value& kept);

  /// What is known of a line: its end, or only where it begins.
  enum class Known : std::uint8_t { whole, begin };
  void forget_values();
  template <Known known>
  bool like_another();
  template <Known known>
  bool follow(const Shape& shape);
  void learn(const std::uint32_t* first);

  bool strict;
  bool read_members;
  FieldTree root;
  Node nothing;
  Record record;

  Tokens many;             ///< of the lines given to prepare()
  std::string_view block;  ///< these lines; empty when lines come one by one
  const std::uint32_t* next_in_block = nullptr;
  std::size_t last_start = 0;  ///< where the last line of the block began
  bool block_escapes = false;
  Tokens single;
  std::string copy;

  std::vector<Shape> shapes;                ///< shapes of earlier lines
  std::size_t likely = 0;                   ///< the shape of the last line
  std::size_t oldest = 0;                   ///< the shape to be replaced next
  std::size_t unlike = 0;                   ///< lines in a row that matched no shape
  bool has_values_of_likely = false;        ///< the record has no other values
  const std::uint32_t* many_end = nullptr;  ///< the last of the offsets of `many`
};

// Part of parse(), split for the reader alone.
[[gnu::always_inline]] inline const char* RecordParser::Impl::begin_line(std::string_view line) {
  const bool in_block = line.data() >= block.data() && line.data() + line.size() <= block.data() + block.size();
  if (in_block && !block.empty()) {
    base = block.data();
    const auto start = static_cast<std::size_t>(line.data() - base);
    // Lines come in order; blank and control lines between them are skipped.
    if (start <= last_start) next_in_block = many.offsets();
    last_start = start;
    while (*next_in_block < start) ++next_in_block;
    at = next_in_block;
    limit = start + line.size();
    escapes = block_escapes;
    return nullptr;
  }
  base = line.data();
  limit = line.size();
  escapes = true;
  const char* const reason = single.scan(line);
  at = single.offsets();
  return reason;
}

/// Reads a value; `node` has the fields to read in it, or is nullptr.
const char* RecordParser::Impl::take(Node* node, std::size_t depth, Value& kept) {
  const char c = peek();
  if (c != '{' && c != '[') {
    if (c == '\0') return unclosed;
    if (c == ',' || c == ':' || c == '}' || c == ']') return malformed;
    return scalar(kept);
  }
  const char* const start = here();
  const char* reason = nullptr;
  if (c == '{' && (strict || (node != nullptr && !node->children.empty()))) {
    reason = depth >= max_depth ? too_deep : object(node != nullptr ? *node : nothing, false, depth + 1);
  } else if (c == '[' && (strict || (node != nullptr && !node->children.empty()))) {
    reason = depth >= max_depth ? too_deep : array(node, depth + 1);
  } else {
    reason = skip(depth);
  }
  if (reason != nullptr) return reason;
  const std::string_view raw(start, static_cast<std::size_t>(base + at[-1] + 1 - start));
  kept = {c == '{' ? Kind::object : Kind::array, raw, raw};
  return nullptr;
}

/// Reads a list; `node` has the fields to read in its elements, whose names are their numbers from 0, or is nullptr.
const char* RecordParser::Impl::array(Node* node, std::size_t depth) {
  ++at;
  if (peek() == ']') {
    ++at;
    return nullptr;
  }
  for (std::size_t index = 0;; ++index) {
    Node* const child = node == nullptr ? nullptr : element_of(*node, index);
    Value unnamed;
    Value& kept =
        child != nullptr && child->field >= 0 ? record.values_[static_cast<std::size_t>(child->field)] : unnamed;
    if (child == nullptr && !strict) {
      if (const char* reason = skip(depth)) return reason;
    } else if (const char* reason = take(child, depth, kept)) {
      return reason;
    }
    const char c = peek();
    if (c == '\0') return unclosed;
    ++at;
    if (c == ']') return nullptr;
    if (c != ',') return malformed;
  }
}

const char* RecordParser::Impl::object(Node& node, bool top, std::size_t depth) {
  ++at;
  if (peek() == '}') {
    ++at;
    return nullptr;
  }
  for (;;) {
    if (peek() != '"') return peek() == '\0' ? unclosed : malformed;
    const char* const quote = here();
    ++at;
    if (peek() != ':') return peek() == '\0' ? unclosed : malformed;
    const char* key_end = here() - 1;
    while (is_blank(*key_end)) --key_end;
    ++at;
    const std::string_view raw_key(quote, static_cast<std::size_t>(key_end - quote) + 1);
    std::string_view key = raw_key.substr(1, raw_key.size() - 2);
    Node* child = nullptr;
    if (escapes && key.find('\\') != std::string_view::npos) {
      if (const char* reason = resolve(raw_key, key)) return reason;
      child = node.find_copy(key);
    } else {
      child = node.find(key.data(), key.size());
    }
    const bool as_member = top && read_members;
    if (child == nullptr && !as_member && !strict) {
      if (const char* reason = skip(depth)) return reason;
    } else {
      // The value is built in place: copying a value that was just written stalls the processor (store forwarding).
      const bool named = child != nullptr && child->field >= 0;
      Value unnamed;
      Value& kept = named ? record.values_[static_cast<std::size_t>(child->field)] : unnamed;
      if (const char* reason = take(child, depth, kept)) return reason;
      if (as_member) record.members_.push_back({raw_key, key, kept});
    }
    const char c = peek();
    if (c == '\0') return unclosed;
    ++at;
    if (c == '}') return nullptr;
    if (c != ',') return malformed;
  }
}

void RecordParser::Impl::forget_values() {
  for (Value& value : record.values_) value = {};
  has_values_of_likely = false;
}

/// Reads a line that has the shape of an earlier one. Returns false for any other line, bad ones included.
template <RecordParser::Impl::Known known>
bool RecordParser::Impl::like_another() {
  if (has_values_of_likely && follow<known>(shapes[likely])) return true;
  forget_values();
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    if (!follow<known>(shapes[i])) continue;
    likely = i;
    has_values_of_likely = true;
    return true;
  }
  return false;
}

/// Where only the line's begin is known, its bytes must be those of the shape and values alone: there is a newline
/// nowhere but after the brace.
template <RecordParser::Impl::Known known>
bool RecordParser::Impl::follow(const Shape& shape) {
  const std::uint32_t* token = at;
  if (static_cast<std::size_t>(many_end - token) < shape.tokens()) return false;
  const std::uint32_t* const after = token + shape.tokens();
  const char* const text = base;
  if constexpr (known == Known::whole) {
    if (after[-1] >= limit || *after < limit) return false;
  } else {
    limit = after[-1] + std::size_t{1};
    if (text[limit] == '\r') ++limit;
    if (text[limit] != '\n') return false;
  }
  if (text[after[-1]] != '}') return false;
  record.members_.clear();
  Value* const values = record.values_.data();
  Value unnamed;
  for (const Shape::Step& step : shape.steps()) {
    const char* const begin = text + token[0];
    const char* const value = text + token[3];
    token += Shape::tokens_per_step;
    const char* const end = text + token[0];
    if (value != begin + step.size() || !step.stands_at(begin)) return false;
    if (known == Known::begin && static_cast<unsigned char>(end[-1]) <= ' ') return false;
    if (step.field == passed_over) {
      if (is_structural(*value)) return false;
      continue;
    }
    Value& kept = step.field >= 0 ? values[step.field] : unnamed;
    if (read_scalar(value, end, kept) != nullptr) return false;
    if (read_members) {
      const char* const name = begin + step.name_at;
      record.members_.push_back({{name, step.name_size}, {name + 1, step.name_size - 2}, kept});
    }
  }
  at = after;
  return true;
}

/// Stores the shape of the line just read, whose tokens begin at `first`. When all lines differ, only some are stored.
void RecordParser::Impl::learn(const std::uint32_t* first) {
  if (++unlike > 4 * most_shapes && unlike % (4 * most_shapes) != 0) return;
  Shape shape = Shape::of(base, first, static_cast<std::size_t>(at - first), [this](std::string_view name) {
    const Node* const child = root.find_copy(name);
    if (child != nullptr && child->field >= 0) return static_cast<int>(child->field);
    return child != nullptr || strict || read_members ? looked_at : passed_over;
  });
  if (shape.steps().empty()) return;
  if (shapes.size() < most_shapes) {
    oldest = shapes.size();
    shapes.emplace_back();
  }
  shapes[oldest] = std::move(shape);
  likely = oldest;
  oldest = (oldest + 1) % most_shapes;
  has_values_of_likely = true;
}

RecordParser::RecordParser(const FieldSet& fields, Checking checking, ParserLimits limits)
    : impl_(std::make_unique<Impl>(fields, checking, limits)) {}
RecordParser::~RecordParser() = default;

void RecordParser::prepare(std::string_view lines) {
  Impl& impl = *impl_;
  impl.block = impl.many.scan(lines) == nullptr ? lines : std::string_view();
  impl.next_in_block = impl.many.offsets();
  impl.many_end = impl.next_in_block + impl.many.size();
  impl.last_start = 0;
  impl.block_escapes = lines.find('\\') != std::string_view::npos;
}

const Record* RecordParser::parse(std::string_view line, std::uint64_t line_number) {
  Impl& impl = *impl_;
  Record& record = impl.record;
  record.line_ = line;
  record.line_number_ = line_number;
  if (!impl.resolved.empty()) impl.resolved.clear();

  const char* reason = impl.begin_line(line);
  const bool in_block = reason == nullptr && impl.base == impl.block.data();
  if (in_block && impl.like_another<Impl::Known::whole>()) {
    impl.unlike = 0;
    impl.next_in_block = impl.at;
    return &record;
  }
  impl.forget_values();
  record.members_.clear();
  const std::uint32_t* const first_token = impl.at;
  if (reason == nullptr) {
    const char first = impl.peek();
    reason = first == '{' ? impl.object(impl.root, true, 1) : first == '\0' ? "no JSON" : not_an_object;
  }
  if (reason == nullptr && !impl.at_end()) reason = "more than one JSON document on the line";
  if (in_block) {
    impl.next_in_block = impl.at;
    if (reason == nullptr) impl.learn(first_token);
  }
  if (reason == nullptr) return &record;
  reason_ = reason;
  return nullptr;
}

const Record* RecordParser::parse_alike(std::string_view ahead, std::uint64_t line_number) {
  Impl& impl = *impl_;
  // Where lines match no shape, trying is left to parse().
  if (impl.shapes.empty() || impl.unlike > most_shapes || ahead.data() < impl.block.data()) return nullptr;
  const auto start = static_cast<std::size_t>(ahead.data() - impl.block.data());
  if (start >= impl.block.size() || *impl.next_in_block != start) return nullptr;
  if (!impl.resolved.empty()) impl.resolved.clear();
  impl.base = impl.block.data();
  impl.at = impl.next_in_block;
  impl.escapes = impl.block_escapes;
  if (!impl.like_another<Impl::Known::begin>() || impl.limit - start >= ahead.size()) return nullptr;
  impl.last_start = start;
  impl.unlike = 0;
  impl.next_in_block = impl.at;
  impl.record.line_ = ahead.substr(0, impl.limit - start);
  impl.record.line_number_ = line_number;
  return &impl.record;
}

const Record* RecordParser::parse_copy(std::string_view line, std::uint64_t line_number) {
  impl_->copy.assign(line);
  impl_->copy.append(padding, '\0');
  return parse(std::string_view(impl_->copy).substr(0, line.size()), line_number);
}

bool RecordParser::each_element(std::string_view array, const std::function<bool(const Value&)>& each) {
  Impl& impl = *impl_;
  const auto refuse = [this](const char* reason) {
    reason_ = reason;
    return false;
  };
  impl.copy.assign(array);
  impl.copy.append(padding, '\0');
  impl.block = {};
  if (const char* reason = impl.begin_line(std::string_view(impl.copy).substr(0, array.size()))) return refuse(reason);
  if (impl.peek() != '[') return refuse("not a JSON array");
  ++impl.at;
  if (impl.peek() == ']') {
    ++impl.at;
  } else {
    for (;;) {
      impl.resolved.clear();
      Value element;
      if (const char* reason = impl.take(nullptr, 1, element)) return refuse(reason);
      if (!each(element)) return true;
      const char c = impl.peek();
      if (c == '\0') return refuse(unclosed);
      ++impl.at;
      if (c == ']') break;
      if (c != ',') return refuse(malformed);
    }
  }
  return impl.at_end() || refuse("more than one JSON document");
}

}  // namespace weir
