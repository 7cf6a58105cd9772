#include <cstdint>
#include <stdexcept>

#include "schema/program.hpp"

namespace weir::schema {
namespace {

/// Walks the schemas that apply to the same value.
class Walk {
 public:
  explicit Walk(const Program& program) : program_(program), marks_(program.rules.size(), Mark::fresh) {}

  void visit(RuleId id) {
    if (marks_[id] == Mark::done) return;
    if (marks_[id] == Mark::under_way)
      throw std::invalid_argument("a $ref leads back to its own schema for the same value: no check would end");
    marks_[id] = Mark::under_way;
    const Rule& rule = *program_.rules[id];
    visit_all(rule.all_of);
    for (const auto& ids : rule.any_of) visit_all(ids);
    for (const auto& ids : rule.one_of) visit_all(ids);
    visit_all(rule.none_of);
    for (const Rule::Condition& each : rule.conditions) {
      visit(each.condition);
      visit_all(each.then);
      visit_all(each.otherwise);
    }
    for (const auto& [name, schema] : rule.schema_dependencies) visit(schema);
    marks_[id] = Mark::done;
  }

 private:
  enum class Mark : std::uint8_t { fresh, under_way, done };
  void visit_all(const std::vector<RuleId>& ids) {
    for (const RuleId id : ids) visit(id);
  }
  const Program& program_;
  std::vector<Mark> marks_;
};

}  // namespace

void check_circles(const Program& program) {
  Walk walk(program);
  for (RuleId id = 0; id < program.rules.size(); ++id) walk.visit(id);
}

}  // namespace weir::schema
