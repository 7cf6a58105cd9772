#include "mmdb_source.hpp"

#include <utility>

#include "record/field_set.hpp"
#include "record/json_text.hpp"

namespace weir::rec_enrich {

MmdbSource::MmdbSource(std::string path, const std::vector<FieldAs>& take) : path_(std::move(path)) {
  for (const FieldAs& each : take) {
    paths_.push_back(FieldSet::split(each.path));
    names_.push_back(each.name.empty() ? FieldSet::plain_name(each.path) : each.name);
    openings_.emplace_back(",");
    append_json_string(openings_.back(), names_.back());
    openings_.back() += ':';
  }
  open();
}

void MmdbSource::open() {
  std::string text;
  mark_ = tables::read_whole(path_, text);
  try {
    database_ = std::make_unique<const mmdb::Database>(path_);
  } catch (const mmdb::DatabaseError& error) {
    throw tables::TableError(error.what());
  }
  content_ = tables::Content::of(text);
  made_.clear();
}

MmdbSource::Made MmdbSource::make(std::uint32_t entry) const {
  Made made;
  for (std::size_t i = 0; i < names_.size(); ++i) {
    made.members += openings_[i];
    try {
      if (!database_->append(made.members, entry, paths_[i])) made.members += "null";
    } catch (const mmdb::DatabaseError&) {
      made.members += "null";  // of a type that JSON does not have, or damaged
    }
    made.ends.push_back(static_cast<std::uint32_t>(made.members.size()));
  }
  return made;
}

Outcome MmdbSource::find(const Question& question, Found& found) {
  const auto entry = database_->find(question.key);
  if (!entry) return Outcome::missing;
  auto made = made_.find(*entry);
  if (made == made_.end()) {
    if (made_.size() >= most_made) made_.clear();
    made = made_.emplace(*entry, make(*entry)).first;
  }
  found = {made->second.members, tables::Ends(made->second.ends)};
  return Outcome::found;
}

std::optional<std::string> MmdbSource::look() {
  if (tables::mark_of(path_) == mark_) return std::nullopt;
  const tables::Content before = content_;
  open();
  return content_ == before ? std::nullopt : std::optional("a database of type " + database_->type());
}

}  // namespace weir::rec_enrich
