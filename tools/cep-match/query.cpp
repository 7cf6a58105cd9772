#include "query.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace weir::cep_match {

void Query::complete() {
  const auto look = [this](const std::vector<Reference>& operands) {
    for (const Reference& each : operands) {
      if (each.physical < 0) looks_back = std::max(looks_back, static_cast<std::uint32_t>(-each.physical));
      if (each.physical > 0) looks_ahead = std::max(looks_ahead, static_cast<std::uint32_t>(each.physical));
      if (each.kind != Reference::Kind::aggregate || each.aggregate == Aggregate::count) continue;
      const auto found = std::find_if(summed.begin(), summed.end(),
                                      [&each](const Summed& other) { return other.target == each.target; });
      (found == summed.end() ? summed.emplace_back(Summed{each.target}) : *found).labels |= each.labels;
    }
  };
  for (std::size_t label = 0; label < definitions.size(); ++label) {
    if (!definitions[label]) continue;
    look(definitions[label]->operands);
    for (const Reference& each : definitions[label]->operands) {
      if (each.kind == Reference::Kind::match_number)
        throw std::invalid_argument("match_number() is for measures, not for definitions");
      if (each.final) throw std::invalid_argument("FINAL is for measures: a definition does not know the whole match");
      const bool same = each.kind == Reference::Kind::navigation && !each.first && each.offset == 0 &&
                        ((each.labels >> label) & 1U) != 0 && each.target.kind != Target::Kind::classifier;
      if (!same && ((program.absent_before >> label) & 1U) != 0)
        throw std::invalid_argument(
            fmt::format("{} stands before the first step: its definition knows its own record alone",
                        variables.name(static_cast<std::uint32_t>(label))));
    }
  }
  for (const Measure& each : measures) {
    look(each.expression.operands);
    for (const Reference& operand : each.expression.operands)
      counts_matches = counts_matches || operand.kind == Reference::Kind::match_number;
  }
}

}  // namespace weir::cep_match
