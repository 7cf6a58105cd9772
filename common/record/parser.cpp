#include "record/parser.hpp"

#include <simdjson.h>

#include <algorithm>
#include <deque>
#include <vector>

namespace weir {
namespace {

namespace sj = simdjson::ondemand;

/// A step of the paths that are read: the members of one object that lead to a field.
struct Node {
  std::string name;
  std::ptrdiff_t field = -1;  ///< the field that ends here, or -1
  std::vector<Node> children;
};

std::string_view trimmed(std::string_view token) {
  while (!token.empty() && static_cast<unsigned char>(token.back()) <= ' ') token.remove_suffix(1);
  return token;
}

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

}  // namespace

struct RecordParser::Impl {
  Impl(const FieldSet& fields, Checking how, ParserLimits limits) : checking(how), max_depth(limits.max_depth) {
    read_members = fields.members();
    for (std::size_t i = 0; i < fields.size(); ++i) {
      Node* node = &root;
      for (const std::string& segment : FieldSet::split(fields.path(FieldId{static_cast<std::uint32_t>(i)}))) {
        Node* next = nullptr;
        for (Node& child : node->children)
          if (child.name == segment) next = &child;
        if (next == nullptr) next = &node->children.emplace_back(Node{segment, -1, {}});
        node = next;
      }
      node->field = static_cast<std::ptrdiff_t>(i);
    }
    record.values_.resize(fields.size());
  }

  /// Walks one object to its end and keeps what the node's children name. Returns a reason, or nullptr.
  const char* walk(sj::object& object, const Node& node, bool top, std::size_t depth);
  const char* take(sj::value& value, const Node* node, std::size_t depth, Value& kept);
  const char* error_text(simdjson::error_code code) const;
  std::string_view keep(std::string_view text) { return unescaped.emplace_back(text); }

  Checking checking;
  std::size_t max_depth;
  bool read_members = false;
  Node root;
  Record record;
  sj::parser parser;
  simdjson::dom::parser strict_parser;
  std::deque<std::string> unescaped;  ///< strings with escapes, resolved; views into it stay valid as it grows
  std::string copy;
};

const char* RecordParser::Impl::error_text(simdjson::error_code code) const {
  switch (code) {
    case simdjson::UTF8_ERROR:
      return "not UTF-8";
    case simdjson::UNCLOSED_STRING:
      return "a string is not closed";
    case simdjson::UNESCAPED_CHARS:
      return "a control character in a string";
    case simdjson::STRING_ERROR:
      return "a string with a bad escape";
    case simdjson::DEPTH_ERROR:
      return "nested too deeply";
    case simdjson::EMPTY:
      return "no JSON";
    case simdjson::CAPACITY:
      return "the line is too long";
    case simdjson::INCORRECT_TYPE:
      return "not a JSON object";
    case simdjson::INCOMPLETE_ARRAY_OR_OBJECT:
      return "an object or array is not closed";
    default:
      return "not valid JSON";
  }
}

const char* RecordParser::Impl::take(sj::value& value, const Node* node, std::size_t depth, Value& kept) {
  sj::json_type type;
  if (const auto error = value.type().get(type)) return error_text(error);
  switch (type) {
    case sj::json_type::object:
    case sj::json_type::array: {
      if (type == sj::json_type::object && node != nullptr && !node->children.empty()) {
        if (depth >= max_depth) return "nested too deeply";
        sj::object object;
        if (const auto error = value.get_object().get(object)) return error_text(error);
        const char* const start = value.raw_json_token().data();
        if (const char* reason = walk(object, *node, false, depth + 1)) return reason;
        kept = {Kind::object, {start, 1}, {}};  // only its members were asked for, or see below
        if (node->field >= 0) {
          if (object.reset().error()) return "not valid JSON";
          std::string_view raw;
          if (const auto error = object.raw_json().get(raw)) return error_text(error);
          kept.raw = kept.text = trimmed(raw);
        }
        return nullptr;
      }
      std::string_view raw;
      if (type == sj::json_type::object) {
        sj::object object;
        if (const auto error = value.get_object().get(object)) return error_text(error);
        if (const auto error = object.raw_json().get(raw)) return error_text(error);
      } else {
        sj::array array;
        if (const auto error = value.get_array().get(array)) return error_text(error);
        if (const auto error = array.raw_json().get(raw)) return error_text(error);
      }
      raw = trimmed(raw);
      kept = {type == sj::json_type::object ? Kind::object : Kind::array, raw, raw};
      return nullptr;
    }
    case sj::json_type::string: {
      const std::string_view raw = trimmed(value.raw_json_token());
      kept = {Kind::string, raw, raw.substr(1, raw.size() - 2)};
      if (kept.text.find('\\') != std::string_view::npos) {
        std::string_view resolved;
        if (const auto error = value.get_string().get(resolved)) return error_text(error);
        kept.text = keep(resolved);
      }
      return nullptr;
    }
    case sj::json_type::number: {
      const std::string_view raw = trimmed(value.raw_json_token());
      if (!is_json_number(raw)) return "a number that is not JSON's";
      kept = {Kind::number, raw, raw};
      return nullptr;
    }
    case sj::json_type::boolean: {
      const std::string_view raw = trimmed(value.raw_json_token());
      if (raw != "true" && raw != "false") return "a word that is neither true, false nor null";
      kept = {Kind::boolean, raw, raw};
      return nullptr;
    }
    case sj::json_type::null: {
      const std::string_view raw = trimmed(value.raw_json_token());
      if (raw != "null") return "a word that is neither true, false nor null";
      kept = {Kind::null, raw, raw};
      return nullptr;
    }
  }
  return "not valid JSON";
}

const char* RecordParser::Impl::walk(sj::object& object, const Node& node, bool top, std::size_t depth) {
  for (auto result : object) {
    sj::field field;
    if (const auto error = std::move(result).get(field)) return error_text(error);
    // The key as bytes between its quotes: simdjson compares keys, but does not give their length.
    const char* const key_start = field.key().raw();
    const char* key_end = key_start;
    bool escaped = false;
    while (*key_end != '"') {
      if (*key_end == '\\') {
        escaped = true;
        ++key_end;
      }
      ++key_end;
    }
    const std::string_view raw_key(key_start - 1, static_cast<std::size_t>(key_end - key_start) + 2);
    std::string_view key(key_start, static_cast<std::size_t>(key_end - key_start));
    if (escaped) {
      if (const auto error = field.unescaped_key().get(key)) return error_text(error);
      key = keep(key);
    }
    const Node* child = nullptr;
    for (const Node& each : node.children) {
      if (each.name == key) {
        child = &each;
        break;
      }
    }
    if (child == nullptr && !(top && read_members)) continue;
    Value kept;
    if (const char* reason = take(field.value(), child, depth, kept)) return reason;
    if (child != nullptr && child->field >= 0) record.values_[static_cast<std::size_t>(child->field)] = kept;
    if (top && read_members) record.members_.push_back({raw_key, key, kept});
  }
  return nullptr;
}

RecordParser::RecordParser(const FieldSet& fields, Checking checking, ParserLimits limits)
    : impl_(std::make_unique<Impl>(fields, checking, limits)) {}
RecordParser::~RecordParser() = default;

const Record* RecordParser::parse(std::string_view line, std::uint64_t line_number) {
  static_assert(padding >= simdjson::SIMDJSON_PADDING);
  Impl& impl = *impl_;
  Record& record = impl.record;
  record.line_ = line;
  record.line_number_ = line_number;
  for (Value& value : record.values_) value = {};
  record.members_.clear();
  if (!impl.unescaped.empty()) impl.unescaped.clear();

  const auto refuse = [this](const char* reason) -> const Record* {
    reason_ = reason;
    return nullptr;
  };
  std::size_t start = 0;
  while (start < line.size() && is_blank(line[start])) ++start;
  if (start == line.size()) return refuse("no JSON");
  if (line[start] != '{') return refuse("not a JSON object");
  if (impl.checking == Checking::every_token) {
    if (impl.strict_parser.capacity() < line.size()) {
      const std::size_t capacity = std::max<std::size_t>(line.size(), 64 * 1024);
      if (const auto error = impl.strict_parser.allocate(capacity, impl.max_depth))
        return refuse(impl.error_text(error));
    }
    if (const auto error = impl.strict_parser.parse(line.data(), line.size(), false).error())
      return refuse(impl.error_text(error));
  }
  sj::document document;
  if (const auto error = impl.parser.iterate(line.data(), line.size(), line.size() + padding).get(document))
    return refuse(impl.error_text(error));
  sj::object object;
  if (const auto error = document.get_object().get(object)) return refuse(impl.error_text(error));
  if (const char* reason = impl.walk(object, impl.root, true, 1)) return refuse(reason);
  if (document.current_location().error() != simdjson::OUT_OF_BOUNDS)
    return refuse("more than one JSON document on the line");
  return &record;
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
  if (trimmed(array).empty()) return refuse("no JSON");
  sj::document document;
  if (const auto error = impl.parser.iterate(impl.copy.data(), array.size(), impl.copy.size()).get(document))
    return refuse(impl.error_text(error));
  sj::json_type type;
  if (const auto error = document.type().get(type)) return refuse(impl.error_text(error));
  if (type != sj::json_type::array) return refuse("not a JSON array");
  sj::array elements;
  if (const auto error = document.get_array().get(elements)) return refuse(impl.error_text(error));
  for (auto result : elements) {
    sj::value value;
    if (const auto error = std::move(result).get(value)) return refuse(impl.error_text(error));
    impl.unescaped.clear();
    Value element;
    if (const char* reason = impl.take(value, nullptr, 1, element)) return refuse(reason);
    if (!each(element)) return true;
  }
  if (document.current_location().error() != simdjson::OUT_OF_BOUNDS) return refuse("more than one JSON document");
  return true;
}

}  // namespace weir
