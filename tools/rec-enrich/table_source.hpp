// A file as the source of a lookup.
#pragma once
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "source.hpp"
#include "tables/table_file.hpp"

namespace weir::rec_enrich {

/// Finds in a table in memory.
class TableSource : public Source {
 public:
  /// Throws tables::TableError.
  TableSource(tables::TableSettings settings, std::optional<Duration> max_age)
      : file_(std::move(settings)), max_age_(max_age) {}

  const std::string& name() const override { return file_.path(); }
  const std::vector<std::string>& names() const override { return file_.table().names(); }
  std::size_t opening(std::size_t member) const override { return file_.table().opening(member); }

  Outcome find(const Question& question, Found& found) override {
    const auto row = file_.table().find(question.key, question.at);
    if (!row || (max_age_ && distance(row->from, question.at) > max_age_->count())) return Outcome::missing;
    found = {row->members, row->ends};
    return Outcome::found;
  }

  std::optional<std::string> look() override;
  tables::Content content() const override { return file_.content(); }
  std::string hint() const override;

 private:
  /// Nanoseconds; times go back to 1678, so that two can be further apart than a Duration.
  static std::int64_t distance(tables::Position from, tables::Position to) {
    std::int64_t between = 0;
    return __builtin_sub_overflow(to, from, &between) ? std::numeric_limits<std::int64_t>::max() : between;
  }

  tables::TableFile file_;
  std::optional<Duration> max_age_;
};

}  // namespace weir::rec_enrich
