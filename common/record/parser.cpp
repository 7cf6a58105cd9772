#include "record/parser.hpp"

#include <vector>

#include "record/byte_search.hpp"
#include "record/field_tree.hpp"
#include "record/json_text.hpp"
#include "record/shape.hpp"
#include "record/token_cursor.hpp"
#include "record/tokens.hpp"

namespace weir {
namespace {

/// The marker of a Shape's member that is skipped.
constexpr int passed_over = -1;
/// So many lines of a block are scanned alone before the rest is scanned at once.
constexpr std::size_t most_alone = 16;

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
    record.values_.resize(fields.size() + 1);
  }

  const char* begin_line(std::string_view line);
  const char* object(Node& node, bool top, std::size_t depth);
  const char* array(Node* node, std::size_t depth);
  const char* take(Node* node, std::size_t depth, Value& kept);

  void forget_values();
  /// How far a line is read: what comes next, and the number of members before it.
  struct Progress {
    const char* next;
    std::size_t members = 0;
  };
  const char* like_another(const char* line, const char* end);
  const char* like_a_rarer(Progress read, const char* end);
  const char* follow(const Shape& shape, Progress& read, const char* end);
  void add_member(std::string_view name, const Value& value);
  void take_shape(std::size_t shape);
  void learn(const std::uint32_t* first);
  /// The marker of a member that is no field, but whose value must be valid: it becomes the record's last one.
  int looked_at() const { return static_cast<int>(record.values_.size()) - 1; }

  bool strict;
  bool read_members;
  FieldTree root;
  Node nothing;
  Record record;

  std::string_view block;  ///< lines in UTF-8 given to prepare(); empty when lines come one by one
  /// What is known of the tokens of the block: a line that has the shape of another one is read without.
  enum class Scan : std::uint8_t { none, done, failed };
  void scan_block(std::size_t from);
  bool has_block(const char* begin, const char* end) const {
    return !block.empty() && begin >= block.data() && end <= block.data() + block.size();
  }
  Scan scan = Scan::none;
  Tokens many;  ///< of the block, when the scan is done
  const std::uint32_t* next_in_block = nullptr;
  std::size_t last_start = 0;  ///< where the last line begins that was read by its tokens
  bool block_escapes = false;
  Tokens single;
  std::string copy;

  Shapes shapes;                         ///< shapes of earlier lines
  std::size_t likely = 0;                ///< the shape of the last line
  std::size_t unlike = 0;                ///< lines in a row that matched no shape
  std::size_t shapeless = 0;             ///< lines with nothing to learn since the last that had a shape
  std::size_t values_of = Shapes::none;  ///< the record has no values but of this shape's fields
  const char* refused = nullptr;         ///< the line that parse_alike() has left to parse()
  std::size_t alone = 0;                 ///< lines of the block that were scanned alone
};

/// Scans the lines of the block from there on. One bad line makes the scan fail; lines are then scanned one by one.
void RecordParser::Impl::scan_block(std::size_t from) {
  block.remove_prefix(from);
  scan = many.scan(block) == nullptr ? Scan::done : Scan::failed;
  if (scan == Scan::failed && !is_utf8(block)) block = {};
  next_in_block = many.offsets();
  last_start = 0;
  block_escapes = block.find('\\') != std::string_view::npos;
}

const char* RecordParser::Impl::begin_line(std::string_view line) {
  if (has_block(line.data(), line.data() + line.size())) {
    if (scan == Scan::none && ++alone > most_alone) scan_block(static_cast<std::size_t>(line.data() - block.data()));
    if (scan == Scan::done) {
      base = block.data();
      const auto start = static_cast<std::size_t>(line.data() - base);
      // Lines come in order; those between them are skipped.
      if (start <= last_start) next_in_block = many.offsets();
      last_start = start;
      while (*next_in_block < start) ++next_in_block;
      at = next_in_block;
      limit = start + line.size();
      escapes = block_escapes;
      return nullptr;
    }
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
    Node* const child = node == nullptr ? nullptr : node->element(index);
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
  values_of = Shapes::none;
}

/// The record has values of this shape alone.
void RecordParser::Impl::take_shape(std::size_t shape) {
  for (const std::size_t field : shapes[shape].absent()) record.values_[field] = {};
  likely = values_of = shape;
}

/// Reads a line, in UTF-8, that has the shape of an earlier one. Returns the place after its object and blanks, at most
/// `end`; nullptr for any other line, bad ones included.
[[gnu::always_inline]] inline const char* RecordParser::Impl::like_another(const char* line, const char* end) {
  if (shapes.empty()) return nullptr;
  Progress read{line};
  const char* const rest = follow(shapes[likely], read, end);
  if (rest == nullptr) return like_a_rarer(read, end);
  if (values_of != likely) take_shape(likely);
  return rest;
}

/// Reads on, after as many members as the likely shape has shown, by those shapes that begin with the same ones.
const char* RecordParser::Impl::like_a_rarer(Progress read, const char* end) {
  values_of = Shapes::none;
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    if (i == likely || shapes.common(i, likely) < read.members) continue;
    Progress further = read;
    const char* const rest = follow(shapes[i], further, end);
    if (rest == nullptr) continue;
    take_shape(i);
    return rest;
  }
  return nullptr;
}

[[gnu::noinline]] void RecordParser::Impl::add_member(std::string_view name, const Value& value) {
  record.members_.push_back({name, name.substr(1, name.size() - 2), value});
}

/// Reads the rest of a line whose bytes are those of the shape and values alone. Returns what like_another() does.
const char* RecordParser::Impl::follow(const Shape& shape, Progress& read, const char* end) {
  if (read_members) record.members_.resize(read.members);
  Value* const values = record.values_.data();
  const int unkept = read_members ? passed_over : looked_at();  // this field's value need only be valid
  auto step = shape.steps().begin() + static_cast<std::ptrdiff_t>(read.members);
  const char* p = read.next;
  const auto stop = [&](const char* next) -> const char* {
    read = {next, static_cast<std::size_t>(step - shape.steps().begin())};
    return nullptr;
  };
  for (const auto last = shape.steps().end(); step != last; ++step) {
    if (!step->stands_at(p, end)) return stop(p);
    const char* const value = p + step->size();
    const bool is_read = step->field != passed_over;
    const char* after = nullptr;
    if (*value == '"') {
      bool escaped = false;
      after = string_end(value, end, escaped);
      const bool is_kept = is_read && (escaped || step->field != unkept);
      if (after == nullptr || (is_kept && read_string(value, after, escaped, values[step->field]))) return stop(p);
    } else {
      if (is_read) after = read_usual_number(value, step->field == unkept ? nullptr : &values[step->field]);
      if (after == nullptr || after >= end)
        after = is_read ? read_any_word(value, end, values[step->field]) : word_end(value, end);
      if (after == nullptr) return stop(p);
    }
    if (is_read && read_members) add_member({p + step->name_at, step->name_size}, values[step->field]);
    p = skip_blanks(after, end);
  }
  if (p >= end || *p != '}') return stop(p);
  return skip_blanks(p + 1, end);
}

/// Stores the shape of the line just read, whose tokens begin at `first`. When all lines differ, or many have no shape,
/// only some are looked at.
void RecordParser::Impl::learn(const std::uint32_t* first) {
  constexpr std::size_t some = 4 * Shapes::most;
  const auto is_skipped = [](std::size_t lines) { return lines > some && lines % some != 0; };
  if (is_skipped(++unlike) || is_skipped(++shapeless)) return;
  Shape shape = Shape::of(base, first, static_cast<std::size_t>(at - first), [this](std::string_view name) {
    const Node* const child = root.find_copy(name);
    if (child != nullptr && child->field >= 0) return static_cast<int>(child->field);
    return child != nullptr || strict || read_members ? looked_at() : passed_over;
  });
  if (shape.steps().empty()) return;
  shapeless = 0;
  shape.set_fields(record.values_.size());
  likely = values_of = shapes.add(std::move(shape));
}

RecordParser::RecordParser(const FieldSet& fields, Checking checking, ParserLimits limits)
    : impl_(std::make_unique<Impl>(fields, checking, limits)) {}
RecordParser::~RecordParser() = default;

void RecordParser::prepare(std::string_view lines) {
  Impl& impl = *impl_;
  impl.block = lines;
  impl.scan = Impl::Scan::none;
  impl.refused = nullptr;
  impl.alone = 0;
  if (impl.shapes.empty() || impl.unlike > Shapes::most)
    impl.scan_block(0);
  else if (!is_utf8(lines))
    impl.block = {};
}

const Record* RecordParser::parse(std::string_view line, std::uint64_t line_number) {
  Impl& impl = *impl_;
  Record& record = impl.record;
  record.line_ = line;
  record.line_number_ = line_number;
  if (!impl.resolved.empty()) impl.resolved.clear();

  const char* const end = line.data() + line.size();
  const bool in_block = impl.has_block(line.data(), end);
  if (in_block && line.data() != impl.refused && impl.like_another(line.data(), end) == end) {
    impl.unlike = 0;
    return &record;
  }
  const char* reason = impl.begin_line(line);
  impl.forget_values();
  record.members_.clear();
  const std::uint32_t* const first_token = impl.at;
  if (reason == nullptr) {
    const char first = impl.peek();
    reason = first == '{' ? impl.object(impl.root, true, 1) : first == '\0' ? "no JSON" : not_an_object;
  }
  if (reason == nullptr && !impl.at_end()) reason = "more than one JSON document on the line";
  if (in_block) {
    if (impl.scan == Impl::Scan::done) impl.next_in_block = impl.at;
    if (reason == nullptr) impl.learn(first_token);
  }
  if (reason == nullptr) return &record;
  reason_ = reason;
  return nullptr;
}

const Record* RecordParser::parse_alike(std::string_view ahead, std::uint64_t line_number) {
  Impl& impl = *impl_;
  // Where lines match no shape, trying is left to parse().
  if (impl.unlike > Shapes::most || !impl.has_block(ahead.data(), ahead.data())) return nullptr;
  if (!impl.resolved.empty()) impl.resolved.clear();
  const char* const end = impl.like_another(ahead.data(), impl.block.data() + impl.block.size());
  impl.refused = ahead.data();
  if (end == nullptr) return nullptr;
  const auto length = static_cast<std::size_t>(end - ahead.data());
  if (length >= ahead.size() || *end != '\n') return nullptr;
  impl.unlike = 0;
  impl.record.line_ = ahead.substr(0, length);
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
