// A JSON text as a list of nodes, whose memory is used again for the next text.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "record/token_cursor.hpp"
#include "record/tokens.hpp"
#include "record/value.hpp"

namespace weir::schema {

/// A value; those within it follow it in the list.
struct Node {
  Value value;                ///< of an object or array only the kind
  std::string_view name;      ///< of an object's member, without escapes
  std::uint32_t size = 1;     ///< nodes, with those within
  std::uint32_t members = 0;  ///< of an object or array, directly within it
};

/// The place of a node in its document.
using Place = std::uint32_t;

/// One JSON value and all that is in it. Of members with the same name the last counts, as in a record.
class Document {
 public:
  /// Nested deeper than this, a text is refused.
  static constexpr std::size_t deepest = 64;

  Document() : cursor_(deepest) {}

  /// Reads a text, which must outlive the document's use. Returns nullptr, or the reason why it is not valid.
  const char* read(std::string_view text);

  /// Frees what only read() needs, for a document that is kept.
  void keep() { tokens_.reset(); }

  /// Makes the document one string.
  void set_string(std::string_view text);

  const Node& operator[](Place place) const { return nodes_[place]; }

  /// The first node within an object or array; the next one after a node is at place + size.
  static Place first(Place parent) { return parent + 1; }
  Place next(Place place) const { return place + nodes_[place].size; }
  Place end(Place parent) const { return next(parent); }

  /// The member of that name, or 0, which is the root's place and no member's.
  Place find(Place object, std::string_view name) const;

  /// The bytes of a value, as they stand in the text.
  std::string_view bytes(Place place) const { return nodes_[place].value.raw; }

 private:
  const char* read_value(std::size_t depth, std::string_view name);
  const char* read_parts(Place parent, char close, std::size_t depth);
  bool has_repeated(Place parent);
  void forget_repeated(Place parent);

  std::unique_ptr<Tokens> tokens_;
  TokenCursor cursor_;
  std::vector<Node> nodes_;
  std::vector<Place> places_;
};

/// Whether two values are equal: numbers by their value, objects whatever the order of their members.
bool equal(const Document& a, Place at_a, const Document& b, Place at_b);

/// A number that equal values share.
std::uint64_t hash(const Document& document, Place at);

}  // namespace weir::schema
