// JSON Schema, drafts 4, 6 and 7: compiled once, then records are checked by it.
#pragma once
#include <memory>
#include <string>
#include <string_view>

namespace weir::schema {

/// A schema. What a record does wrong is told with the place in the record and the keyword of the schema.
class JsonSchema {
 public:
  /// Compiles the text of a schema. Throws std::invalid_argument: not JSON, not a schema, a draft or keyword that is
  /// not known, a `$ref` to another file.
  explicit JsonSchema(const std::string& text);
  ~JsonSchema();

  /// Whether a JSON text is as the schema asks. Otherwise all reasons are appended to `reasons`, each as `PLACE: KEYWORD:
  /// text`, with `; ` between them. PLACE is `$` for the whole, `$.a[0]` for what is in it.
  bool check(std::string_view text, std::string& reasons);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::schema
