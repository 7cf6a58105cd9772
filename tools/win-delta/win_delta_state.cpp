// What win-delta keeps from one run to the next.
#include "win_delta.hpp"

namespace weir::win_delta {

void WinDelta::snapshot(SnapshotWriter& to) const {
  keys_.snapshot(to, [](SnapshotWriter& each, const Series& series) {
    each.number<std::uint64_t>(series.rows.size());
    for (const Row& row : series.rows) {
      each.plain(row.time);
      each.text(row.line);
      each.number<std::uint64_t>(row.values.size());
      for (const Place place : row.values) each.plain(place);
      each.number<std::uint64_t>(row.deltas.size());
      for (const Place place : row.deltas) each.plain(place);
      each.plain(row.rev);
      each.number(row.came_as);
      each.number(row.went_as);
      each.number(row.partial);
    }
    each.number<std::uint64_t>(series.before.size());
    for (const std::string& value : series.before) each.text(value);
  });
  to.number(late_);
  to.number(not_newer_);
  to.number(absent_);
}

void WinDelta::restore(SnapshotReader& from) {
  const auto places = [](SnapshotReader& each, std::vector<Place>& into) {
    for (auto left = each.number<std::uint64_t>(); left > 0; --left) into.push_back(each.plain<Place>());
  };
  keys_.restore(from, [&places](SnapshotReader& each, Series& series) {
    for (auto left = each.number<std::uint64_t>(); left > 0; --left) {
      Row& row = series.rows.emplace_back();
      row.time = each.plain<Time>();
      row.line = each.text();
      places(each, row.values);
      places(each, row.deltas);
      row.rev = each.plain<Place>();
      row.came_as = each.number<std::uint64_t>();
      row.went_as = each.number<std::uint64_t>();
      row.partial = each.number<bool>();
    }
    for (auto left = each.number<std::uint64_t>(); left > 0; --left) series.before.emplace_back(each.text());
  });
  late_ = from.number<std::uint64_t>();
  not_newer_ = from.number<std::uint64_t>();
  absent_ = from.number<std::uint64_t>();
}

}  // namespace weir::win_delta
