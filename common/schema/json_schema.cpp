#include "schema/json_schema.hpp"

#include "schema/checker.hpp"

namespace weir::schema {

struct JsonSchema::Impl {
  explicit Impl(const std::string& text) : program(compile(text)), checker(program) {}
  Program program;
  Checker checker;
  Document document;
};

JsonSchema::JsonSchema(const std::string& text) : impl_(std::make_unique<Impl>(text)) {}
JsonSchema::~JsonSchema() = default;

bool JsonSchema::check(std::string_view text, std::string& reasons) {
  if (const char* reason = impl_->document.read(text)) {
    if (!reasons.empty()) reasons += "; ";
    reasons += reason;
    return false;
  }
  return impl_->checker.check(impl_->document, reasons);
}

}  // namespace weir::schema
