#include "avro/encoder.hpp"

#include <fmt/format.h>

#include <cstring>
#include <vector>

#include "avro/refusal.hpp"
#include "avro/scalar_writer.hpp"
#include "record/token_cursor.hpp"
#include "record/tokens.hpp"
#include "record/value_checks.hpp"

namespace weir::avro {
namespace {

constexpr std::size_t deepest = 64;
constexpr std::size_t most_default_depth = 32;

}  // namespace

/// One value under way. Functions return false when it does not fit; then `reason` is set, and `path` grows on the way
/// out.
struct Encoder::Impl : TokenCursor {
  explicit Impl(DefaultWork* work)
      : TokenCursor(deepest),
        defaults(work),
        is_default(work != nullptr),
        scalars(is_default ? Purpose::field_default : Purpose::record) {}

  bool run(const Node& root, std::string_view json, std::string& target);

  bool value(const Node& node, std::size_t depth);
  bool record(const Node& node, std::size_t depth);
  bool array(const Node& node, std::size_t depth);
  bool map(const Node& node, std::size_t depth);
  bool choice(const Node& node, std::size_t depth);
  bool choose_scalar(const Node& node);
  bool choose_object(const Node& node, std::size_t depth);
  bool branch(const Node& node, std::size_t index, std::size_t depth);

  bool read_members(const Node& node, std::size_t first, std::size_t depth);
  bool missing(const Field& field);
  const char* name(std::string_view& raw, std::string_view& text);
  int wrapped_branch(const Node& node) const;
  int score(const Node& node, std::size_t depth);
  const char* next(char close, bool& more);

  bool fail(std::string text) { return refusal.fail(std::move(text)); }
  bool misfit_here(const Node& node, std::size_t depth);

  Tokens tokens;
  std::string* out = nullptr;
  std::vector<const std::uint32_t*> places;  ///< a stack of the values of the records under way, in the schema's order
  std::uint64_t unknown = 0;
  std::string unknown_name;  ///< of the first of them
  bool reject_unknown = false;
  DefaultWork* defaults;  ///< where a default is encoded
  bool is_default;
  ScalarWriter scalars;
  Refusal refusal;
  std::string reason;  ///< of the last record that was refused
};

bool Encoder::Impl::misfit_here(const Node& node, std::size_t depth) {
  const char* const start = here();
  const std::uint32_t* const token = at;
  if (const char* problem = skip(depth - 1)) return fail(problem);
  const char* end = at == token + 1 ? here() : base + at[-1] + 1;
  while (end > start && is_blank(end[-1])) --end;
  return fail(misfit_text(node, {start, static_cast<std::size_t>(end - start)}, Misfit::kind));
}

/// Moves past a comma or the closing bracket.
const char* Encoder::Impl::next(char close, bool& more) {
  const char c = peek();
  if (c == '\0') return unclosed;
  if (c != close && c != ',') return malformed;
  ++at;
  more = c == ',';
  return nullptr;
}

/// Reads a member's name and the colon.
const char* Encoder::Impl::name(std::string_view& raw, std::string_view& text) {
  if (peek() != '"') return peek() == '\0' ? unclosed : malformed;
  const char* const quote = here();
  ++at;
  if (peek() != ':') return peek() == '\0' ? unclosed : malformed;
  const char* end = here() - 1;
  while (is_blank(*end)) --end;
  ++at;
  raw = {quote, static_cast<std::size_t>(end - quote) + 1};
  text = raw.substr(1, raw.size() - 2);
  return escapes && text.find('\\') != std::string_view::npos ? resolve(raw, text) : nullptr;
}

bool Encoder::Impl::run(const Node& root, std::string_view json, std::string& target) {
  out = &target;
  unknown = 0;
  if (!resolved.empty()) resolved.clear();
  places.clear();
  if (const char* problem = tokens.scan(json)) return fail(problem);
  base = json.data();
  limit = json.size();
  at = tokens.offsets();
  escapes = std::memchr(json.data(), '\\', json.size()) != nullptr;
  if (!value(root, 1)) return false;
  return at_end() || fail("more than one JSON document on the line");
}

/// `depth` is that of the value if it is an object or a list, from 1.
bool Encoder::Impl::value(const Node& node, std::size_t depth) {
  switch (node.type) {
    case Type::choice:
      return choice(node, depth);
    case Type::record:
      return record(node, depth);
    case Type::array:
      return array(node, depth);
    case Type::map:
      return map(node, depth);
    default:
      break;
  }
  const char c = peek();
  if (c == '{' || c == '[') return misfit_here(node, depth);
  if (c == '\0') return fail(unclosed);
  if (c == ',' || c == ':' || c == '}' || c == ']') return fail(malformed);
  Value token;
  if (const char* problem = scalar(token)) return fail(problem);
  const Misfit why = scalars.append(*out, node, token, Reading::lenient);
  return why == Misfit::none || fail(misfit_text(node, token.raw, why));
}

bool Encoder::Impl::record(const Node& node, std::size_t depth) {
  if (peek() != '{') return misfit_here(node, depth);
  if (depth > deepest) return fail(too_deep);
  const std::size_t first = places.size();
  places.resize(first + node.fields.size(), nullptr);
  if (!read_members(node, first, depth)) return false;
  const std::uint32_t* const after = at;
  for (std::size_t i = 0; i < node.fields.size(); ++i) {
    const Field& field = node.fields[i];
    at = places[first + i];
    if (at == nullptr ? !missing(field) : !value(*field.type, depth + 1)) return refusal.within(field.name);
  }
  at = after;
  places.resize(first);
  return true;
}

/// Finds the values of a record's fields.
bool Encoder::Impl::read_members(const Node& node, std::size_t first, std::size_t depth) {
  ++at;
  bool more = peek() != '}';
  if (!more) ++at;
  for (std::size_t likely = 0; more;) {
    std::string_view raw;
    std::string_view key;
    if (const char* problem = name(raw, key)) return fail(problem);
    std::size_t place = likely;
    if (place >= node.fields.size() || node.fields[place].name != key) {
      const auto found = node.places.find(key);
      place = found == node.places.end() ? node.fields.size() : found->second;
    }
    if (place < node.fields.size()) {
      places[first + place] = at;
      likely = place + 1;
    } else {
      if (unknown++ == 0) unknown_name = key;
      if (reject_unknown) {
        fail(fmt::format("the record {} has no such field", node.name));
        return refusal.within(shortened(key));
      }
    }
    if (const char* problem = skip(depth)) return fail(problem);
    if (const char* problem = next('}', more)) return fail(problem);
  }
  return true;
}

bool Encoder::Impl::missing(const Field& field) {
  if (field.has_default && !is_default) {
    *out += field.default_bytes;
    return true;
  }
  if (field.has_default) {  // the defaults themselves are being encoded: this one may not be ready
    if (defaults->depth >= most_default_depth || defaults->left == 0)
      return fail("the defaults in defaults are too many");
    --defaults->left;
    ++defaults->depth;
    const std::string problem = encode_default(*field.type, field.default_json, *out, *defaults);
    --defaults->depth;
    return problem.empty() || fail(problem);
  }
  if (field.type->null_branch >= 0) {
    append_varint(*out, field.type->null_branch);
    return true;
  }
  if (field.type->type == Type::null) return true;
  return fail("the field is missing and has no default: it takes " + described(*field.type));
}

bool Encoder::Impl::array(const Node& node, std::size_t depth) {
  if (peek() != '[') return misfit_here(node, depth);
  if (depth > deepest) return fail(too_deep);
  // The items are counted first: they are one block, whose number stands before them.
  ++at;
  const std::uint32_t* const first = at;
  std::int64_t count = 0;
  bool more = peek() != ']';
  if (!more) ++at;
  for (; more; ++count) {
    if (const char* problem = skip(depth)) return fail(problem);
    if (const char* problem = next(']', more)) return fail(problem);
  }
  const std::uint32_t* const after = at;
  if (count > 0) append_varint(*out, count);
  at = first;
  for (std::int64_t i = 0; i < count; ++i, ++at)
    if (!value(*node.branches.front(), depth + 1)) return refusal.within(fmt::format("[{}]", i));
  at = after;
  *out += '\0';
  return true;
}

bool Encoder::Impl::map(const Node& node, std::size_t depth) {
  if (peek() != '{') return misfit_here(node, depth);
  if (depth > deepest) return fail(too_deep);
  ++at;
  const std::uint32_t* const first = at;
  std::int64_t count = 0;
  bool more = peek() != '}';
  if (!more) ++at;
  for (; more; ++count) {
    if (peek() != '"') return fail(peek() == '\0' ? unclosed : malformed);
    ++at;
    if (peek() != ':') return fail(peek() == '\0' ? unclosed : malformed);
    ++at;
    if (const char* problem = skip(depth)) return fail(problem);
    if (const char* problem = next('}', more)) return fail(problem);
  }
  const std::uint32_t* const after = at;
  if (count > 0) append_varint(*out, count);
  at = first;
  for (std::int64_t i = 0; i < count; ++i, ++at) {
    std::string_view raw;
    std::string_view key;
    if (const char* problem = name(raw, key)) return fail(problem);
    append_varint(*out, static_cast<std::int64_t>(key.size()));
    *out += key;
    if (!value(*node.branches.front(), depth + 1)) return refusal.within(shortened(key));
  }
  at = after;
  *out += '\0';
  return true;
}

bool Encoder::Impl::branch(const Node& node, std::size_t index, std::size_t depth) {
  append_varint(*out, static_cast<std::int64_t>(index));
  return value(*node.branches[index], depth);
}

bool Encoder::Impl::choice(const Node& node, std::size_t depth) {
  const char c = peek();
  if (c == '{') return choose_object(node, depth);
  if (c == '[') {
    for (std::size_t i = 0; i < node.branches.size(); ++i)
      if (node.branches[i]->type == Type::array) return branch(node, i, depth);
    return misfit_here(node, depth);
  }
  if (node.only_branch < 0 || is_default) return choose_scalar(node);
  return branch(node, static_cast<std::size_t>(c == 'n' ? node.null_branch : node.only_branch), depth);
}

bool Encoder::Impl::choose_scalar(const Node& node) {
  const char c = peek();
  if (c == '\0') return fail(unclosed);
  if (c == ',' || c == ':' || c == '}' || c == ']') return fail(malformed);
  Value token;
  if (const char* problem = scalar(token)) return fail(problem);
  const std::size_t mark = out->size();
  const auto fits = [&](std::size_t index, Reading reading) {
    append_varint(*out, static_cast<std::int64_t>(index));
    if (scalars.append(*out, *node.branches[index], token, reading) == Misfit::none) return true;
    out->resize(mark);
    return false;
  };
  // A default is of the first branch; later versions of the specification allow the others.
  if (is_default && fits(0, Reading::lenient)) return true;
  for (const Reading reading : {Reading::exact, Reading::lenient})
    for (std::size_t i = 0; i < node.branches.size(); ++i)
      if (fits(i, reading)) return true;
  return fail(misfit_text(node, token.raw, Misfit::kind));
}

/// The branch that an object names in the Avro JSON encoding, -1: none.
int Encoder::Impl::wrapped_branch(const Node& node) const {
  if (tokens.size() - static_cast<std::size_t>(at - tokens.offsets()) < 5) return -1;
  if (base[at[1]] != '"' || base[at[2]] != ':') return -1;
  const std::string_view bytes(base + at[1] + 1, at[2] - at[1] - 1);
  const std::string_view key = bytes.substr(0, bytes.find('"'));
  int found = -1;
  for (std::size_t i = 0; i < node.branches.size(); ++i) {
    const Node& each = *node.branches[i];
    if (each.type == Type::map || (each.type == Type::record && each.places.contains(key))) return -1;
    if (each.name == key) found = static_cast<int>(i);
  }
  return found;
}

/// How many members of an object a record has, -1: the object lacks a field that the record needs.
int Encoder::Impl::score(const Node& node, std::size_t depth) {
  const std::uint32_t* const start = at;
  const std::size_t first = places.size();
  const std::uint64_t unknown_before = unknown;
  places.resize(first + node.fields.size(), nullptr);
  const bool rejects = reject_unknown;
  reject_unknown = false;
  int score = read_members(node, first, depth) ? 0 : -1;
  reject_unknown = rejects;
  for (std::size_t i = 0; score >= 0 && i < node.fields.size(); ++i) {
    const Field& field = node.fields[i];
    if (places[first + i] != nullptr)
      ++score;
    else if (!field.has_default && field.type->null_branch < 0 && field.type->type != Type::null)
      score = -1;
  }
  places.resize(first);
  unknown = unknown_before;
  at = start;
  return score;
}

bool Encoder::Impl::choose_object(const Node& node, std::size_t depth) {
  if (depth > deepest) return fail(too_deep);
  if (const int index = is_default ? -1 : wrapped_branch(node); index >= 0) {
    at += 3;
    if (!branch(node, static_cast<std::size_t>(index), depth + 1)) return false;
    if (peek() != '}') return fail(fmt::format("an object of more than one member is not {}", described(node)));
    ++at;
    return true;
  }
  if (node.only_branch >= 0) return branch(node, static_cast<std::size_t>(node.only_branch), depth);
  int best = -1;
  int only_record = -1;
  std::size_t records = 0;
  std::size_t chosen = node.branches.size();
  for (std::size_t i = 0; i < node.branches.size(); ++i) {
    if (node.branches[i]->type != Type::record) continue;
    only_record = static_cast<int>(i);
    ++records;
    const int its = score(*node.branches[i], depth);
    if (its > best) {
      best = its;
      chosen = i;
    }
  }
  for (std::size_t i = 0; best < 0 && i < node.branches.size(); ++i) {
    if (node.branches[i]->type != Type::map) continue;
    best = 0;
    chosen = i;
  }
  if (best < 0 && records == 1) chosen = static_cast<std::size_t>(only_record);  // its message names the field
  return chosen < node.branches.size() ? branch(node, chosen, depth) : misfit_here(node, depth);
}

Encoder::Encoder(std::shared_ptr<const Schema> schema, UnknownFields unknown)
    : impl_(std::make_unique<Impl>(nullptr)), schema_(std::move(schema)) {
  impl_->reject_unknown = unknown == UnknownFields::rejected;
}
Encoder::~Encoder() = default;

bool Encoder::encode(std::string_view json, std::string& out) {
  const std::size_t mark = out.size();
  if (impl_->run(schema_->root(), json, out)) return true;
  out.resize(mark);
  impl_->reason = impl_->refusal.text();
  return false;
}

const std::string& Encoder::reason() const { return impl_->reason; }
std::uint64_t Encoder::unknown_fields() const { return impl_->unknown; }
const std::string& Encoder::unknown_field() const { return impl_->unknown_name; }

std::string encode_default(const Node& type, std::string_view json, std::string& out, DefaultWork& work) {
  Encoder::Impl impl(&work);
  return impl.run(type, json, out) ? std::string() : impl.refusal.text();
}

}  // namespace weir::avro
