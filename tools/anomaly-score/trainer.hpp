// Training: a model for each key of some records.
#pragma once
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "record/group_key.hpp"
#include "record/key_order.hpp"
#include "record/key_table.hpp"
#include "record/parser.hpp"
#include "settings.hpp"

namespace weir::anomaly_score {

/// Collects the records of each key, and trains a model on them.
class Trainer {
 public:
  /// Throws std::invalid_argument on a bad path.
  explicit Trainer(const Settings& settings);
  const FieldSet& fields() const { return fields_; }
  /// Rejects a record without a number for each field.
  Verdict add(const Record& record);

  struct Model {
    std::string line;                 ///< with its end; empty where there is none
    std::string key;                  ///< a list in JSON
    std::vector<std::string> values;  ///< of the fields of --by, as text
    std::string problem;              ///< why there is none
  };
  /// A model for each key, in the order of the keys.
  std::vector<Model> train() const;

  /// The lines of an earlier file that are models of the same fields, and of none of `keys`. Throws
  /// std::invalid_argument where a line is not a model.
  std::string others_of(std::string_view text, const std::set<std::string>& keys) const;

 private:
  struct Rows {
    std::vector<double> values;
    std::vector<double> units;  ///< the least unit of the last digit of each field's values
  };
  Settings settings_;
  FieldSet fields_;
  GroupKey group_;
  std::vector<FieldId> values_;
  std::vector<std::string> names_;
  KeyTable<Rows> rows_;
  std::vector<double> row_;
};

}  // namespace weir::anomaly_score
