#include "place_cache.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <stdexcept>

#include "record/field_set.hpp"
#include "record/object_writer.hpp"
#include "record/parser.hpp"
#include "state/atomic_file.hpp"
#include "state/lock_file.hpp"

namespace weir::owm_poll {

PlaceCache::Places PlaceCache::read(const std::string& path, unsigned& skipped) {
  Places places;
  const auto text = state::read_file(path);
  if (!text) return places;
  FieldSet fields;
  const FieldId provider = fields.add("provider");
  const FieldId name = fields.add("name");
  const FieldId latitude = fields.add("latitude");
  const FieldId longitude = fields.add("longitude");
  RecordParser parser(fields, Checking::every_token);
  std::string_view rest = *text;
  for (std::uint64_t number = 1; !rest.empty(); ++number) {
    const auto end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.empty()) continue;
    const Record* record = parser.parse_copy(line, number);
    const bool good = record != nullptr && (*record)[provider].kind == Kind::string &&
                      (*record)[name].kind == Kind::string &&
                      std::abs((*record)[latitude].number().value_or(1000)) <= 90 &&
                      std::abs((*record)[longitude].number().value_or(1000)) <= 180;
    if (!good) {
      ++skipped;
      continue;
    }
    places.insert_or_assign({std::string((*record)[provider].text), std::string((*record)[name].text)},
                            Coordinates{std::string((*record)[latitude].raw), std::string((*record)[longitude].raw)});
  }
  return places;
}

PlaceCache::PlaceCache(std::string path) : path_(std::move(path)) {
  if (!path_.empty()) places_ = read(path_, skipped_);
}

std::optional<Coordinates> PlaceCache::find(std::string_view provider, std::string_view name) const {
  const auto found = places_.find({std::string(provider), std::string(name)});
  if (found == places_.end()) return std::nullopt;
  return found->second;
}

void PlaceCache::add(std::string_view provider, std::string_view name, Coordinates place) {
  places_.insert_or_assign({std::string(provider), std::string(name)}, std::move(place));
  dirty_ = !path_.empty();
}

void PlaceCache::save() {
  if (!dirty_) return;
  dirty_ = false;  // tried once: a full disk must not be tried at every step
  const auto lock = state::LockFile::take(path_ + ".lock", std::chrono::seconds(10));
  if (!lock) throw std::runtime_error(path_ + ": another process holds its lock");
  unsigned ignored = 0;
  for (auto& [key, place] : read(path_, ignored)) places_.try_emplace(key, place);
  std::string text;
  for (const auto& [key, place] : places_)
    ObjectWriter(text)
        .string("provider", key.first)
        .string("name", key.second)
        .raw("latitude", place.latitude)
        .raw("longitude", place.longitude)
        .end();
  state::write_file(path_, text, 0644);
}

}  // namespace weir::owm_poll
