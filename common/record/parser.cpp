#include "record/parser.hpp"

#include <array>
#include <cstring>
#include <deque>
#include <vector>

#include "record/shape.hpp"
#include "record/tokens.hpp"

namespace weir {
namespace {

/// The first eight bytes of a name, for comparing most names as one number. Eight bytes must be readable at `name`.
std::uint64_t head_of(const char* name, std::size_t length) {
  std::uint64_t head = 0;
  std::memcpy(&head, name, sizeof head);
  return length >= sizeof head ? head : head & ((std::uint64_t{1} << (8 * length)) - 1);
}

/// A step of the paths that are read: the members of one object that lead to a field.
struct Node {
  explicit Node(std::string member = {}) : name(std::move(member)), length(name.size()) {
    name.resize(std::max<std::size_t>(length, sizeof head));
    head = head_of(name.data(), length);
  }
  std::string name;  ///< filled up with zeros to eight bytes
  std::size_t length;
  std::uint64_t head = 0;
  std::ptrdiff_t field = -1;  ///< the field that ends here, or -1
  std::vector<Node> children;

  Node* find(const char* key, std::size_t key_length) {
    const std::uint64_t key_head = head_of(key, key_length);
    for (Node& child : children)
      if (child.head == key_head && child.length == key_length &&
          (key_length <= sizeof head ||
           std::memcmp(child.name.data() + sizeof head, key + sizeof head, key_length - sizeof head) == 0))
        return &child;
    return nullptr;
  }
};

/// JSON's white space.
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

/// Brackets, commas and colons: tokens that are no scalar. '[' and '{', ']' and '}' differ in one bit.
bool is_structural(char c) {
  const int folded = c | 0x20;
  return folded == '{' || folded == '}' || c == ',' || c == ':';
}

constexpr const char* unclosed = "an object or array is not closed";
constexpr const char* malformed = "not valid JSON";
constexpr const char* too_deep = "nested too deeply";
constexpr const char* bad_word = "a word that is neither true, false nor null";
constexpr const char* bad_escape = "a string with a bad escape";

/// What a member of a Shape that is no field is: nothing to look at, or a value that has to be right all the same.
constexpr int passed_over = -1;
constexpr int looked_at = -2;
constexpr std::size_t most_shapes = 4;

}  // namespace

/// Walks the tokens of one line. Every function returns nullptr, or what is wrong, and leaves at_ behind what it has
/// read.
struct RecordParser::Impl {
  Impl(const FieldSet& fields, Checking how, ParserLimits limits)
      : strict(how == Checking::every_token), read_members(fields.members()), max_depth(limits.max_depth) {
    for (std::size_t i = 0; i < fields.size(); ++i) {
      Node* node = &root;
      for (const std::string& segment : FieldSet::split(fields.path(FieldId{static_cast<std::uint32_t>(i)}))) {
        std::string padded = segment;
        padded.resize(segment.size() + sizeof(std::uint64_t));
        Node* next = node->find(padded.data(), segment.size());
        if (next == nullptr) next = &node->children.emplace_back(segment);
        node = next;
      }
      node->field = static_cast<std::ptrdiff_t>(i);
    }
    record.values_.resize(fields.size());
  }

  /// The first byte of the next token of the line; NUL when there is none.
  char peek() const { return *at < limit ? base[*at] : '\0'; }
  /// No token is left; a NUL that stands in the line is one.
  bool at_end() const { return *at >= limit; }
  const char* here() const { return base + std::min<std::size_t>(*at, limit); }

  const char* begin_line(std::string_view line);
  const char* object(Node& node, bool top, std::size_t depth);
  const char* array(std::size_t depth);
  const char* take(Node* node, std::size_t depth, Value& kept);
  const char* skip(std::size_t depth);
  const char* scalar(Value& kept);
  const char* read_scalar(const char* start, const char* end, Value& kept);
  const char* resolve(std::string_view string, std::string_view& text);

  void forget_values();
  bool like_another();
  bool follow(const Shape& shape);
  void learn(const std::uint32_t* first);

  bool strict;
  bool read_members;
  std::size_t max_depth;
  Node root;
  Node nothing;
  Record record;

  const char* base = nullptr;         ///< what the offsets count from
  const std::uint32_t* at = nullptr;  ///< the next token
  std::size_t limit = 0;              ///< the line's end, from base
  bool escapes = true;                ///< the text at hand has a backslash somewhere

  Tokens many;             ///< of the lines given to prepare()
  std::string_view block;  ///< those lines; empty when they have to be taken one by one
  const std::uint32_t* next_in_block = nullptr;
  std::size_t last_start = 0;  ///< where the last line taken from the block began
  bool block_escapes = false;
  Tokens single;
  Unescaper unescaper;
  std::deque<std::string> resolved;  ///< strings without their escapes; views into it stay valid as it grows
  std::string copy;

  std::vector<Shape> shapes;                ///< of the lines that have come
  std::size_t likely = 0;                   ///< the shape of the last line
  std::size_t oldest = 0;                   ///< makes room for the next
  std::size_t unlike = 0;                   ///< lines in a row that had none of them
  bool has_values_of_likely = false;        ///< the record has no others
  const std::uint32_t* many_end = nullptr;  ///< the last of the offsets of `many`
};

// Written apart from parse() for the reader.
[[gnu::always_inline]] inline const char* RecordParser::Impl::begin_line(std::string_view line) {
  const bool in_block = line.data() >= block.data() && line.data() + line.size() <= block.data() + block.size();
  if (in_block && !block.empty()) {
    base = block.data();
    const auto start = static_cast<std::size_t>(line.data() - base);
    // Lines come in order; those between (blank, control lines) are skipped.
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

const char* RecordParser::Impl::resolve(std::string_view string, std::string_view& text) {
  std::string& out = resolved.emplace_back();
  if (!unescaper.append(string, out)) return bad_escape;
  text = out;
  return nullptr;
}

/// Reads a token that begins at `start`; `end` is where the next one does.
[[gnu::always_inline]] inline const char* RecordParser::Impl::read_scalar(const char* start, const char* end,
                                                                          Value& kept) {
  if (static_cast<unsigned char>(end[-1]) <= ' ')
    while (end > start && is_blank(end[-1])) --end;
  const auto length = static_cast<std::size_t>(end - start);
  kept.raw = {start, length};
  if (*start == '"') {
    kept.kind = Kind::string;
    kept.text = {start + 1, length - 2};
    if (escapes && std::memchr(start, '\\', length) != nullptr) return resolve({start, length}, kept.text);
    return nullptr;
  }
  kept.text = {start, length};
  switch (*start) {
    case 't':
    case 'f':
      kept.kind = Kind::boolean;
      return kept.text == "true" || kept.text == "false" ? nullptr : bad_word;
    case 'n':
      kept.kind = Kind::null;
      return kept.text == "null" ? nullptr : bad_word;
    default:
      kept.kind = Kind::number;
      if (kept.read_number()) return nullptr;
      return *start == '-' || (*start >= '0' && *start <= '9') ? "a number that is not JSON's" : bad_word;
  }
}

const char* RecordParser::Impl::scalar(Value& kept) {
  const char* const start = here();
  ++at;
  return read_scalar(start, here(), kept);
}

/// Passes over a value of which nothing is wanted.
const char* RecordParser::Impl::skip(std::size_t depth) {
  const char c = peek();
  if (c != '{' && c != '[') {
    if (c == '\0') return unclosed;
    if (c == ',' || c == ':' || c == '}' || c == ']') return malformed;
    ++at;
    return nullptr;
  }
  std::uint64_t objects = 0;  // which of the open brackets are braces; max_depth is at most 64
  std::size_t open = 0;
  for (;; ++at) {
    switch (peek()) {
      case '{':
      case '[':
        if (depth + ++open > max_depth) return too_deep;
        objects = objects << 1U | (peek() == '{' ? 1U : 0U);
        break;
      case '}':
      case ']':
        if ((objects & 1U) != (peek() == '}' ? 1U : 0U)) return malformed;
        objects >>= 1U;
        if (--open == 0) {
          ++at;
          return nullptr;
        }
        break;
      case '\0':
        return unclosed;
      default:
        break;
    }
  }
}

/// Reads a value; `node` is what is wanted of its members, or nullptr.
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
  } else if (c == '[' && strict) {
    reason = depth >= max_depth ? too_deep : array(depth + 1);
  } else {
    reason = skip(depth);
  }
  if (reason != nullptr) return reason;
  const std::string_view raw(start, static_cast<std::size_t>(base + at[-1] + 1 - start));
  kept = {c == '{' ? Kind::object : Kind::array, raw, raw};
  return nullptr;
}

const char* RecordParser::Impl::array(std::size_t depth) {
  ++at;
  if (peek() == ']') {
    ++at;
    return nullptr;
  }
  for (;;) {
    Value element;
    if (const char* reason = take(nullptr, depth, element)) return reason;
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
      std::string& padded = resolved.emplace_back(key);
      padded.resize(key.size() + sizeof(std::uint64_t));
      child = node.find(padded.data(), key.size());
    } else {
      child = node.find(key.data(), key.size());
    }
    const bool as_member = top && read_members;
    if (child == nullptr && !as_member && !strict) {
      if (const char* reason = skip(depth)) return reason;
    } else {
      // Written where it will be read: a copy of a value just written stalls the processor (store forwarding).
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

/// Reads the line when it has the shape of one that came before. False otherwise, which says nothing of the line.
bool RecordParser::Impl::like_another() {
  if (has_values_of_likely && follow(shapes[likely])) return true;
  forget_values();
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    if (!follow(shapes[i])) continue;
    likely = i;
    has_values_of_likely = true;
    return true;
  }
  return false;
}

bool RecordParser::Impl::follow(const Shape& shape) {
  const std::uint32_t* token = at;
  if (static_cast<std::size_t>(many_end - token) < shape.tokens()) return false;
  const std::uint32_t* const behind = token + shape.tokens();
  if (behind[-1] >= limit || *behind < limit || base[*token] != '{' || base[behind[-1]] != '}') return false;
  ++token;
  record.members_.clear();
  const char* const text = base;
  Value* const values = record.values_.data();
  Value unnamed;
  for (const Shape::Step& step : shape.steps()) {
    const char* const name = text + token[0];
    const char* const value = text + token[2];
    const char* const end = text + token[3];
    token += Shape::tokens_per_step;
    if (value != name + step.size() || !step.stands_at(name) || (*end != ',' && token != behind)) return false;
    if (step.field == passed_over) {
      if (is_structural(*value)) return false;
      continue;
    }
    Value& kept = step.field >= 0 ? values[step.field] : unnamed;
    if (read_scalar(value, end, kept) != nullptr) return false;
    if (read_members) record.members_.push_back({{name, step.name_size}, {name + 1, step.name_size - 2}, kept});
  }
  at = behind;
  return true;
}

/// The line that was read, whose tokens begin at `first`, may be what the next ones are like. Where lines are all
/// different, not every one is worth it.
void RecordParser::Impl::learn(const std::uint32_t* first) {
  if (++unlike > 4 * most_shapes && unlike % (4 * most_shapes) != 0) return;
  Shape shape = Shape::of(base, first, static_cast<std::size_t>(at - first), [this](std::string_view name) {
    std::string padded(name);
    padded.resize(name.size() + sizeof(std::uint64_t));
    const Node* const child = root.find(padded.data(), name.size());
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
  if (in_block && impl.like_another()) {
    impl.unlike = 0;
    impl.next_in_block = impl.at;
    return &record;
  }
  impl.forget_values();
  record.members_.clear();
  const std::uint32_t* const first_token = impl.at;
  if (reason == nullptr) {
    const char first = impl.peek();
    reason = first == '{' ? impl.object(impl.root, true, 1) : first == '\0' ? "no JSON" : "not a JSON object";
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
