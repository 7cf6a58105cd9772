#include "base_map.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "record/foreign_json.hpp"
#include "record/parser.hpp"

namespace weir::dash_serve {
namespace {

constexpr std::array<std::string_view, 9> types{"FeatureCollection", "Feature",      "Point",
                                                "MultiPoint",        "LineString",   "MultiLineString",
                                                "Polygon",           "MultiPolygon", "GeometryCollection"};

}  // namespace

std::string base_map(std::string_view text) {
  std::string line;
  append_on_one_line(line, without_frame(text));
  FieldSet fields;
  const FieldId type = fields.add("type");
  RecordParser parser(fields, Checking::every_token);
  const Record* map = parser.parse_copy(line, 1);
  if (map == nullptr) throw std::invalid_argument(parser.reason());
  if (std::find(types.begin(), types.end(), (*map)[type].text) == types.end())
    throw std::invalid_argument("it is not GeoJSON: its \"type\" is not one of RFC 7946");
  return line + '\n';
}

}  // namespace weir::dash_serve
