// Compiles what valijson reads of a schema; the door to valijson.
#define VALIJSON_USE_EXCEPTIONS 1
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"  // std::regex of GCC 12, under the sanitizers
#endif
#include <fmt/format.h>

#include <map>
#include <stdexcept>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/constraints/constraint_visitor.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>

#include "record/json_text.hpp"
#include "record/number.hpp"
#include "schema/program.hpp"
#include "schema/schema_text.hpp"

namespace weir::schema {
namespace {

using valijson::Subschema;
using valijson::adapters::Adapter;
namespace constraints = valijson::constraints;

/// Appends a value of the schema as JSON.
void append_json(std::string& out, const Adapter& value) {
  if (value.isNull()) {
    out += "null";
  } else if (value.isBool()) {
    out += value.getBool() ? "true" : "false";
  } else if (value.isInteger()) {
    append_number(out, static_cast<std::int64_t>(value.getInteger()));
  } else if (value.isDouble()) {
    append_number(out, value.getDouble());
  } else if (value.isString()) {
    append_json_string(out, value.getString());
  } else {
    const bool is_array = value.isArray();
    std::string parts;
    value.applyToArray([&parts](const Adapter& item) {
      if (!parts.empty()) parts += ',';
      append_json(parts, item);
      return true;
    });
    if (!is_array)
      value.applyToObject([&parts](const std::string& name, const Adapter& member) {
        if (!parts.empty()) parts += ',';
        append_json_string(parts, name);
        parts += ':';
        append_json(parts, member);
        return true;
      });
    out += is_array ? '[' + parts + ']' : '{' + parts + '}';
  }
}

/// The values of `enum` and `const`, which valijson's own constraints do not show.
class ChoiceConstraint : public constraints::PolyConstraint {
 public:
  ChoiceConstraint(const char* keyword, std::string values) : keyword_(keyword), values_(std::move(values)) {}
  bool validate(const Adapter&, const std::vector<std::string>&, valijson::ValidationResults*) const override {
    return true;
  }
  const char* keyword() const { return keyword_; }
  const std::string& values() const { return values_; }

 private:
  constraints::Constraint* cloneInto(void* memory) const override { return new (memory) ChoiceConstraint(*this); }
  std::size_t sizeOf() const override { return sizeof(ChoiceConstraint); }
  const char* keyword_;
  std::string values_;  ///< a JSON array
};

class ChoiceBuilder : public valijson::ConstraintBuilder {
 public:
  explicit ChoiceBuilder(const char* keyword) : keyword_(keyword) {}
  constraints::Constraint* make(const Adapter& value) const override {
    std::string values;
    append_json(values, value);
    const bool is_list = std::string_view(keyword_) == "enum";
    if (is_list && !value.isArray()) throw std::invalid_argument("enum is not an array");
    return new ChoiceConstraint(keyword_, is_list ? values : '[' + values + ']');
  }

 private:
  const char* keyword_;
};

/// Refuses a keyword that a later draft has: the schema would check less than its author thinks.
class LaterBuilder : public valijson::ConstraintBuilder {
 public:
  explicit LaterBuilder(const char* keyword) : keyword_(keyword) {}
  constraints::Constraint* make(const Adapter&) const override {
    throw std::invalid_argument(fmt::format("{} is a keyword of draft 2019-09 or later, which is not read", keyword_));
  }

 private:
  const char* keyword_;
};

/// Makes rules of valijson's constraints.
class Compiler : public constraints::ConstraintVisitor {
 public:
  explicit Compiler(Program& program) : program_(program) {}

  RuleId compile(const Subschema& schema) {
    const auto [found, is_new] = ids_.try_emplace(&schema, static_cast<RuleId>(program_.rules.size()));
    const RuleId id = found->second;
    if (!is_new) return id;
    program_.rules.push_back(std::make_unique<Rule>());
    Rule* const outer = rule_;
    rule_ = program_.rules.back().get();
    rule_->never = schema.getAlwaysInvalid();
    Subschema::ApplyFunction visit_each = [this](const constraints::Constraint& each) { return each.accept(*this); };
    schema.apply(visit_each);
    rule_ = outer;
    return id;
  }

  bool visit(const AllOfConstraint& all) override { return add(rule_->all_of, list_of(all)); }
  bool visit(const AnyOfConstraint& any) override { return put(rule_->any_of, list_of(any)); }
  bool visit(const OneOfConstraint& one) override { return put(rule_->one_of, list_of(one)); }
  bool visit(const NotConstraint& no) override { return put(rule_->none_of, compile(*no.getSubschema())); }
  bool visit(const ConditionalConstraint& each) override {
    if (program_.draft != Draft::seven) return true;
    Rule::Condition condition{compile(*each.getIfSubschema()), {}, {}};
    if (each.getThenSubschema() != nullptr) condition.then.push_back(compile(*each.getThenSubschema()));
    if (each.getElseSubschema() != nullptr) condition.otherwise.push_back(compile(*each.getElseSubschema()));
    return put(rule_->conditions, std::move(condition));
  }
  bool visit(const ContainsConstraint& contains) override {
    return program_.draft == Draft::four || put(rule_->contains, compile(*contains.getSubschema()));
  }
  bool visit(const ConstConstraint&) override { return true; }  // as a PolyConstraint
  bool visit(const EnumConstraint&) override { return true; }
  bool visit(const PolyConstraint& poly) override {
    const auto& choice = static_cast<const ChoiceConstraint&>(poly);
    if (program_.draft == Draft::four && std::string_view(choice.keyword()) == "const") return true;
    auto made = std::make_unique<Choice>();
    made->keyword = choice.keyword();
    made->text = choice.values();
    if (const char* reason = made->values.read(made->text)) throw std::invalid_argument(reason);
    made->values.keep();
    return put(rule_->choices, std::move(made));
  }
  bool visit(const DependenciesConstraint& dependencies) override {
    dependencies.applyToPropertyDependencies([this](const auto& name, const auto& needed) {
      rule_->property_dependencies.emplace_back(name.c_str(), std::vector<std::string>());
      for (const auto& each : needed) rule_->property_dependencies.back().second.emplace_back(each.c_str());
      return true;
    });
    dependencies.applyToSchemaDependencies([this](const auto& name, const Subschema* schema) {
      rule_->schema_dependencies.emplace_back(name.c_str(), compile(*schema));
      return true;
    });
    return true;
  }
  bool visit(const FormatConstraint& format) override {
    const FormatCheck check = format_check(format.getFormat());
    if (check != nullptr) rule_->formats.emplace_back(format.getFormat(), check);
    return true;
  }
  bool visit(const LinearItemsConstraint& items) override {
    items.applyToItemSubschemas([this](unsigned, const Subschema* schema) {
      const RuleId id = compile(*schema);
      return put(rule_->first_items, id);
    });
    const Subschema* const others = items.getAdditionalItemsSubschema();
    rule_->other_items = others == nullptr ? Rule::Others::none : Rule::Others::checked;
    if (others != nullptr) rule_->other_item = compile(*others);
    return true;
  }
  bool visit(const SingularItemsConstraint& items) override {
    return put(rule_->each_item, compile(*items.getItemsSubschema()));
  }
  bool visit(const MaximumConstraint& each) override {
    if (each.getExclusiveMaximum())
      return limit(Limit::exclusive_maximum, exclusive("exclusiveMaximum", "maximum"), each.getMaximum());
    return limit(Limit::maximum, "maximum", each.getMaximum());
  }
  bool visit(const MinimumConstraint& each) override {
    if (each.getExclusiveMinimum())
      return limit(Limit::exclusive_minimum, exclusive("exclusiveMinimum", "minimum"), each.getMinimum());
    return limit(Limit::minimum, "minimum", each.getMinimum());
  }
  bool visit(const MultipleOfDoubleConstraint& each) override { return multiple(each.getDivisor()); }
  bool visit(const MultipleOfIntConstraint& each) override { return multiple(static_cast<double>(each.getDivisor())); }
  bool visit(const MaxItemsConstraint& each) override {
    return size({SizeLimit::items, true, "maxItems", each.getMaxItems()});
  }
  bool visit(const MinItemsConstraint& each) override {
    return size({SizeLimit::items, false, "minItems", each.getMinItems()});
  }
  bool visit(const MaxLengthConstraint& each) override {
    return size({SizeLimit::length, true, "maxLength", each.getMaxLength()});
  }
  bool visit(const MinLengthConstraint& each) override {
    return size({SizeLimit::length, false, "minLength", each.getMinLength()});
  }
  bool visit(const MaxPropertiesConstraint& each) override {
    return size({SizeLimit::properties, true, "maxProperties", each.getMaxProperties()});
  }
  bool visit(const MinPropertiesConstraint& each) override {
    return size({SizeLimit::properties, false, "minProperties", each.getMinProperties()});
  }
  bool visit(const PatternConstraint& each) override {
    std::string text;
    each.getPattern(text);
    return put(rule_->patterns, Pattern(text));
  }
  bool visit(const PropertiesConstraint& properties) override {
    properties.applyToProperties([this](const auto& name, const Subschema* schema) {
      const RuleId id = compile(*schema);
      rule_->properties.emplace_back(name.c_str(), id);
      return true;
    });
    properties.applyToPatternProperties([this](const auto& pattern, const Subschema* schema) {
      const RuleId id = compile(*schema);
      rule_->pattern_properties.emplace_back(Pattern(pattern.c_str()), id);
      return true;
    });
    const Subschema* const others = properties.getAdditionalPropertiesSubschema();
    if (others == nullptr) {
      rule_->other_properties = Rule::Others::none;
    } else if (others != any_) {
      rule_->other_properties = Rule::Others::checked;
      rule_->other_property = compile(*others);
    }
    return true;
  }
  bool visit(const PropertyNamesConstraint& names) override {
    return put(rule_->property_names, compile(*names.getSubschema()));
  }
  bool visit(const RequiredConstraint& required) override {
    required.applyToRequiredProperties([this](const auto& name) {
      rule_->required.emplace_back(name.c_str());
      return true;
    });
    return true;
  }
  bool visit(const TypeConstraint& types) override {
    types.applyToNamedTypes([this](TypeConstraint::JsonType type) {
      rule_->types = static_cast<std::uint8_t>(rule_->types | bit_of(type));
      return true;
    });
    return true;
  }
  bool visit(const UniqueItemsConstraint&) override { return rule_->unique_items = true; }

  /// The schema to which everything fits.
  void set_any(const Subschema* any) { any_ = any; }

 private:
  template <typename List, typename Item>
  static bool put(List& list, Item item) {
    list.push_back(std::move(item));
    return true;
  }
  static bool add(std::vector<RuleId>& list, const std::vector<RuleId>& more) {
    list.insert(list.end(), more.begin(), more.end());
    return true;
  }
  template <typename Constraint>
  std::vector<RuleId> list_of(const Constraint& constraint) {
    std::vector<RuleId> ids;
    constraint.applyToSubschemas([&](unsigned, const Subschema* schema) { return put(ids, compile(*schema)); });
    return ids;
  }
  /// In draft 4 an exclusive limit is still `maximum` or `minimum`.
  const char* exclusive(const char* keyword, const char* in_draft_4) const {
    return program_.draft == Draft::four ? in_draft_4 : keyword;
  }
  bool limit(Limit::Kind kind, const char* keyword, double value) {
    auto limit = std::make_unique<Limit>();
    limit->kind = kind;
    limit->keyword = keyword;
    append_number(limit->token, value);
    limit->value.kind = Kind::number;
    limit->value.raw = limit->value.text = limit->token;
    limit->value.fast_number = value;
    return put(rule_->limits, std::move(limit));
  }
  bool multiple(double of) {
    if (!(of > 0)) throw std::invalid_argument("multipleOf is not above 0");
    return limit(Limit::multiple_of, "multipleOf", of);
  }
  bool size(const SizeLimit& limit) { return put(rule_->sizes, limit); }
  static std::uint8_t bit_of(TypeConstraint::JsonType type);

  Program& program_;
  std::map<const Subschema*, RuleId> ids_;
  Rule* rule_ = nullptr;
  const Subschema* any_ = nullptr;
};

std::uint8_t Compiler::bit_of(TypeConstraint::JsonType type) {
  switch (type) {
    case TypeConstraint::kNull:
      return null_type;
    case TypeConstraint::kBoolean:
      return boolean_type;
    case TypeConstraint::kInteger:
      return integer_type;
    case TypeConstraint::kNumber:
      return number_type;
    case TypeConstraint::kString:
      return string_type;
    case TypeConstraint::kArray:
      return array_type;
    case TypeConstraint::kObject:
      return object_type;
    case TypeConstraint::kAny:
      break;
  }
  throw std::invalid_argument("the type any is of draft 3");
}

}  // namespace

Program compile(const std::string& text) {
  const SchemaText source = read_schema_text(text);
  Program program;
  program.draft = source.draft;
  using Parser = valijson::SchemaParser;
  Parser parser(source.draft == Draft::four ? Parser::kDraft4 : Parser::kDraft7);
  for (const char* keyword : {"enum", "const"}) parser.addConstraintBuilder(keyword, new ChoiceBuilder(keyword));
  for (const char* keyword : {"unevaluatedProperties", "unevaluatedItems", "dependentRequired", "dependentSchemas",
                              "prefixItems", "minContains", "maxContains", "$dynamicRef", "$recursiveRef"})
    parser.addConstraintBuilder(keyword, new LaterBuilder(keyword));
  valijson::Schema schema;
  try {
    parser.populateSchema(valijson::adapters::NlohmannJsonAdapter(source.json), schema);
  } catch (const std::runtime_error& error) {
    const std::string_view reason = error.what();
    throw std::invalid_argument(reason == "Not supported" ? "if and propertyNames are not keywords of draft 4"
                                                          : std::string(reason));
  }
  Compiler compiler(program);
  compiler.set_any(schema.emptySubschema());
  compiler.compile(schema);
  check_circles(program);
  return program;
}

}  // namespace weir::schema
