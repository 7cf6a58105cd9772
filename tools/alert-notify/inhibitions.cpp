#include "inhibitions.hpp"

#include "net/smtp/message.hpp"
#include "record/group_key.hpp"

namespace weir::alert_notify {
namespace {

// Names of sources begin with what they are.
constexpr char any_source = 'a';
constexpr char one_sided = 'o';  ///< of those that the rule cannot hold themselves

}  // namespace

Inhibitions::Inhibitions(const std::vector<InhibitRule>& rules, std::uint64_t most)
    : most_(most), fields_(std::make_shared<FieldSet>()) {
  for (const InhibitRule& each : rules) {
    Rule rule{each.source + '\0' + each.target + '\0',
              expr::Expression::compile_condition(each.source),
              expr::Expression::compile_condition(each.target),
              {}};
    rule.source.bind(*fields_);
    rule.target.bind(*fields_);
    for (const std::string& path : each.equal) {
      rule.text += path + '\0';
      rule.equal.push_back(fields_->add(path));
    }
    rules_.push_back(std::move(rule));
  }
  parser_ = std::make_shared<RecordParser>(*fields_);
}

std::string Inhibitions::name_of(const Rule& rule, const Record& record) const {
  std::string name = rule.text;
  const std::size_t values = name.size();
  for (const FieldId field : rule.equal) {
    name += record[field].present() ? record[field].raw : "null";
    name += ',';
  }
  if (name.size() > values + GroupKey::max_size) name.replace(values, name.npos, '#' + smtp::fingerprint({name}));
  return name;
}

/// Calls `function` with each key of firing_ that a name stands for.
template <typename Function>
void for_each_side(const std::string& name, Function function) {
  for (const char side : {any_source, one_sided})
    if (side != one_sided || name.front() == one_sided) function(side + name.substr(1));
}

void Inhibitions::enter(const std::string& source, const std::string& name) {
  for_each_side(name, [&](const std::string& key) { firing_[key].insert(source); });
}

/// Takes a source out. Returns whether it was the last of some name.
bool Inhibitions::take_out(const std::string& source, const std::string& name) {
  bool was_last = false;
  for_each_side(name, [&](const std::string& key) {
    const auto sources = firing_.find(key);
    sources->second.erase(source);
    if (!sources->second.empty()) return;
    firing_.erase(sources);
    was_last = true;
  });
  return was_last;
}

bool Inhibitions::take(const Alert& alert) {
  if (rules_.empty() || alert.status == Status::event) return false;
  const Record* const record = parser_->parse_copy(alert.line, alert.number);
  bool ended = false;
  for (const Rule& rule : rules_) {
    const std::string source = rule.text + alert.identity;
    const bool fires = record != nullptr && alert.status == Status::firing && rule.source.test(*record).is_true();
    std::string name;
    if (fires) name = (rule.target.test(*record).is_true() ? any_source : one_sided) + name_of(rule, *record);
    if (const auto known = names_.find(source); known != names_.end()) {
      if (known->second == name) continue;
      ended = take_out(source, known->second) || ended;
      names_.erase(known);
    }
    if (!fires || names_.size() >= most_) continue;
    enter(source, name);
    names_.emplace(source, std::move(name));
  }
  return ended;
}

std::string Inhibitions::of(const Alert& alert) const {
  if (firing_.empty()) return {};
  const Record* const record = parser_->parse_copy(alert.line, alert.number);
  if (record == nullptr) return {};
  for (const Rule& rule : rules_) {
    if (!rule.target.test(*record).is_true()) continue;
    // Alerts that are a source and a target would hold each other for ever.
    std::string name = (rule.source.test(*record).is_true() ? one_sided : any_source) + name_of(rule, *record);
    if (firing_.contains(name)) return name;
  }
  return {};
}

void Inhibitions::state(StateArchive& archive) {
  archive.value(names_);
  if (!archive.loading()) return;
  firing_.clear();
  for (auto each = names_.begin(); each != names_.end();) {
    bool is_of_a_rule = false;
    for (const Rule& rule : rules_) is_of_a_rule = is_of_a_rule || each->first.starts_with(rule.text);
    if (is_of_a_rule) enter(each->first, each->second);
    each = is_of_a_rule ? std::next(each) : names_.erase(each);
  }
}

}  // namespace weir::alert_notify
