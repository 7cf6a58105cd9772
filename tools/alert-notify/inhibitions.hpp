// Inhibitions: alerts that need not be told while another one fires.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "alert.hpp"
#include "config.hpp"
#include "expr/expression.hpp"
#include "record/parser.hpp"

namespace weir::alert_notify {

/// The rules `[[inhibit]]`, and the firing alerts that are the source of one. As in Alertmanager, an alert that is a
/// source and a target of a rule is not inhibited by others that are both; so none inhibits itself.
class Inhibitions {
 public:
  Inhibitions() = default;
  /// At most `most` sources are remembered. Throws expr::SyntaxError.
  Inhibitions(const std::vector<InhibitRule>& rules, std::uint64_t most);

  bool empty() const { return rules_.empty(); }

  /// Takes an alert that may be a source. Returns whether sources have ended with it.
  bool take(const Alert& alert);
  /// The name of the firing sources that inhibit an alert; empty where none does.
  std::string of(const Alert& alert) const;
  /// Whether sources of that name still fire, so that it inhibits.
  bool holds(const std::string& name) const { return firing_.contains(name); }

  void state(StateArchive& archive);

 private:
  struct Rule {
    std::string text;  ///< the rule as it is written, which begins the names of its sources
    expr::Expression source, target;
    std::vector<FieldId> equal;
  };
  std::string name_of(const Rule& rule, const Record& record) const;
  void enter(const std::string& source, const std::string& name);
  bool take_out(const std::string& source, const std::string& name);

  std::vector<Rule> rules_;
  std::uint64_t most_ = 0;
  std::shared_ptr<FieldSet> fields_;
  std::shared_ptr<RecordParser> parser_;
  std::map<std::string, std::set<std::string>> firing_;  ///< by name, the sources
  std::map<std::string, std::string> names_;             ///< of each source, which is a rule and an identity
};

}  // namespace weir::alert_notify
