// What models that are trained beforehand have in common: what they make of a record, and how they are written.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "finding.hpp"
#include "record/parser.hpp"
#include "settings.hpp"

namespace weir::anomaly_score {

/// The records of one key that a model is trained on.
struct TrainingRows {
  std::span<const double> values;  ///< row by row
  std::size_t width;               ///< fields, at least one
  std::span<const double> units;   ///< one unit of the last digit of each field's values; 0: unknown
  std::size_t count() const { return values.size() / width; }
};

/// The members of a model's line that belong to its method.
class ModelLine {
 public:
  enum Part : std::size_t {
    trees,
    samples,
    limit,
    means,
    scales,
    gamma,
    rho,
    weights,
    vectors,
    variances,
    axes,
    t2_limit,
    q_limit,
    part_count
  };
  /// Adds the parts to the fields that are read of a line.
  explicit ModelLine(FieldSet& fields);
  /// Turns to a line.
  void read(const Record& line) { line_ = &line; }

  std::string_view raw(Part part) const { return (*line_)[ids_[part]].raw; }
  /// A number; throws std::invalid_argument where it is missing, or does not lie in these bounds.
  double number(Part part, double least, double most) const;
  /// A list of numbers; throws std::invalid_argument where it is not one, or not of `count` numbers.
  std::vector<double> numbers(Part part, std::optional<std::size_t> count = std::nullopt) const;

 private:
  std::array<FieldId, part_count> ids_;
  const Record* line_ = nullptr;
};

/// Appends `,"name":` and a number, or a list of them.
void append_part(std::string& out, ModelLine::Part part, double value);
void append_part(std::string& out, ModelLine::Part part, std::span<const double> values);

/// One key's model. Not for several threads at a time.
class TrainedModel {
 public:
  virtual ~TrainedModel() = default;
  /// What a row is; `limit` is that of --limit, in place of the model's own.
  virtual Finding judge(std::span<const double> row, std::optional<double> limit) = 0;
  /// Appends the members of the model, each after a comma.
  virtual void append_to(std::string& line) const = 0;
};

/// Trains a model of the method of the settings on at least one row. Throws std::invalid_argument where the rows are
/// too few for it.
std::unique_ptr<TrainedModel> train_model(const TrainingRows& rows, const Settings& settings, std::uint64_t seed);

/// Reads what append_to() wrote. Throws std::invalid_argument where it is not a model of `width` fields.
std::unique_ptr<TrainedModel> read_model(const ModelLine& line, Method method, std::size_t width);

/// The finding of a strength relative to the limit; only beyond 1 its score reaches 0.5.
Finding finding_of(double strength, Cause cause);

}  // namespace weir::anomaly_score
