#include "avro/json_tree.hpp"

#include <stdexcept>

#include "record/token_cursor.hpp"
#include "record/tokens.hpp"

namespace weir::avro {
namespace {

constexpr std::size_t deepest = 64;

class TreeReader : TokenCursor {
 public:
  explicit TreeReader(std::string_view text) : TokenCursor(deepest) {
    require(tokens_.scan(text));
    base = text.data();
    limit = text.size();
    at = tokens_.offsets();
  }

  JsonTree read() {
    JsonTree tree = value(1);
    if (!at_end()) throw std::invalid_argument("more than one JSON document");
    return tree;
  }

 private:
  static void require(const char* reason) {
    if (reason != nullptr) throw std::invalid_argument(reason);
  }

  JsonTree value(std::size_t depth) {
    JsonTree tree;
    const char* const start = here();
    const char c = peek();
    if (c == '{' || c == '[') {
      require(depth > deepest ? too_deep : nullptr);
      tree.kind = c == '{' ? Kind::object : Kind::array;
      ++at;
      read_parts(tree, c == '{' ? '}' : ']', depth);
      tree.raw.assign(start, static_cast<std::size_t>(base + at[-1] + 1 - start));
      return tree;
    }
    Value token = scalar_token();
    tree.kind = token.kind;
    tree.text = token.text;
    tree.raw = token.raw;
    return tree;
  }

  Value scalar_token() {
    const char c = peek();
    require(c == '\0' ? unclosed : c == ',' || c == ':' || c == '}' || c == ']' ? malformed : nullptr);
    Value token;
    require(scalar(token));
    return token;
  }

  void read_parts(JsonTree& tree, char close, std::size_t depth) {
    if (peek() == close) {
      ++at;
      return;
    }
    for (;;) {
      if (close == '}') {
        const Value name = scalar_token();
        require(name.kind != Kind::string || peek() != ':' ? malformed : nullptr);
        ++at;
        tree.names.emplace_back(name.text);
      }
      tree.items.push_back(value(depth + 1));
      const char c = peek();
      require(c == '\0' ? unclosed : c != close && c != ',' ? malformed : nullptr);
      ++at;
      if (c == close) return;
    }
  }

  Tokens tokens_;
};

}  // namespace

const JsonTree* JsonTree::find(std::string_view name) const {
  const JsonTree* found = nullptr;
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i] == name) found = &items[i];
  return found;
}

JsonTree read_json_tree(std::string_view text) { return TreeReader(text).read(); }

}  // namespace weir::avro
