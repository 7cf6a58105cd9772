#include "trainer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "models.hpp"
#include "pipeline/number_fields.hpp"
#include "record/value_checks.hpp"
#include "scaling.hpp"
#include "state/random.hpp"

namespace weir::anomaly_score {

Trainer::Trainer(const Settings& settings)
    : settings_(settings),
      group_(settings.by, fields_),
      names_(plain_names(settings.fields)),
      rows_(settings.max_keys) {
  for (const std::string& path : settings.fields) values_.push_back(fields_.add(path));
}

Verdict Trainer::add(const Record& record) {
  std::string_view key;
  if (Verdict verdict = group_.read(record, key); verdict.rejected()) return verdict;
  row_.clear();
  for (std::size_t i = 0; i < values_.size(); ++i) {
    const Value& value = record[values_[i]];
    if (!value.present()) return Verdict::reject(absent_text(names_[i], value));
    const std::optional<double> number = value.number();
    if (!number) return reject_number(names_[i], value);
    if (std::fabs(*number) > NumberFields::greatest_for_squares)
      return Verdict::reject(fmt::format("{} {} is too great to train by", names_[i], shortened(value.raw)));
    row_.push_back(*number);
  }
  const KeyId id = rows_.find_or_add(key);
  if (id == KeyTable<Rows>::full) return GroupKey::refuse_new(settings_.max_keys);
  Rows& rows = rows_[id];
  rows.values.insert(rows.values.end(), row_.begin(), row_.end());
  rows.units.resize(values_.size());
  for (std::size_t i = 0; i < values_.size(); ++i) {
    const double unit = unit_of(record[values_[i]].raw);
    if (unit > 0 && (rows.units[i] == 0 || unit < rows.units[i])) rows.units[i] = unit;
  }
  return Verdict::ok();
}

std::vector<Trainer::Model> Trainer::train() const {
  FieldSet fields;
  std::vector<FieldId> parts;
  for (const std::string& path : key_paths(settings_.by.size())) parts.push_back(fields.add(path));
  RecordParser parser(fields);
  std::vector<Model> models;
  for (const KeyId id : keys_in_order(rows_)) {
    const std::string_view key = rows_.key(id);
    Model model;
    for (std::size_t i = 0; i < settings_.by.size(); ++i) {
      std::string token;
      GroupKey::append_field(token, key, i);
      model.key += (i > 0 ? ',' : '[') + token;
    }
    model.key += settings_.by.empty() ? "[]" : "]";
    const TrainingRows rows{rows_[id].values, values_.size(), rows_[id].units};
    std::string text = fmt::format(R"({{"weir_model":{},"method":"{}","key":{},"fields":{},"rows":{})", model_version,
                                   method_name(settings_.method), model.key, list_of(names_), rows.count());
    const Record* record = parser.parse_copy(text + "}", 1);
    for (const FieldId part : parts)
      model.values.emplace_back(record == nullptr ? std::string_view() : (*record)[part].text);
    try {
      train_model(rows, settings_, Random(key, settings_.seed).next())->append_to(text);
      model.line = sealed(std::move(text));
    } catch (const std::invalid_argument& problem) {
      model.problem = problem.what();
    }
    models.push_back(std::move(model));
  }
  return models;
}

std::string Trainer::others_of(std::string_view text, const std::set<std::string>& keys) const {
  FieldSet set;
  const FieldId key = set.add("key");
  const FieldId fields = set.add("fields");
  const FieldId method = set.add("method");
  const FieldId version = set.add("weir_model");
  const std::string own = list_of(names_);
  RecordParser parser(set, Checking::every_token);
  std::string others;
  for (std::uint64_t number = 1; !text.empty(); ++number) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (line.empty()) continue;
    const Record* const model = parser.parse_copy(line, number);
    if (model == nullptr || (*model)[key].kind != Kind::array)
      throw std::invalid_argument(fmt::format("line {} is not a model; remove the file to train anew", number));
    const bool is_alike = (*model)[fields].raw == own && (*model)[method].text == method_name(settings_.method) &&
                          (*model)[version].number().value_or(0) == model_version;
    if (is_alike && !keys.contains(std::string((*model)[key].raw))) (others += line) += '\n';
  }
  return others;
}

}  // namespace weir::anomaly_score
