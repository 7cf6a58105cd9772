// The part of an entry that a Sampler writes and takes.
#include <cmath>
#include <optional>

#include "sampler.hpp"

namespace weir::win_agg {

bool Sampler::write(const Record& record, EntryBuffer& entries) const {
  if (left_out_.has_wrong()) return false;
  const std::string_view line = record.line();
  for (std::size_t i = 0; i < named_.size(); ++i) {
    const Named& named = named_[i];
    const Sample& sample = samples_[i];
    EntryToken token;
    if (sample.value == &the_record) {
      token.mark = EntryToken::the_record;
    } else if (sample.value != nullptr) {
      if (!token.write(line, *sample.value)) return false;
      if (named.numeric) token.number = sample.number;
    } else if (named.condition < 0 || conditions_[static_cast<std::size_t>(named.condition)].holds) {
      token.mark = static_cast<std::uint32_t>(record[named.id].kind);
    }
    append_part(entries, token);
  }
  if (!finds()) return true;
  append_part(entries, static_cast<std::uint64_t>(found_.size()));
  for (const Found& found : found_) {
    const Member& member = *found.member;
    if (member.key.data() != member.raw_key.data() + 1) return false;
    EntryMember entry{
        {}, static_cast<std::uint32_t>(member.key.data() - line.data()), static_cast<std::uint32_t>(member.key.size())};
    if (!entry.value.write(line, member.value)) return false;
    if (found.number) entry.value.number = *found.number;
    append_part(entries, entry);
  }
  return true;
}

void Sampler::take_members(EntryCursor& at, std::string_view line) {
  const auto count = at.next<std::uint64_t>();
  if (taken_members_.size() < count) taken_members_.resize(count);
  found_.clear();
  for (std::size_t i = 0; i < count; ++i) {
    const auto& entry = at.next<EntryMember>();
    Member& member = taken_members_[i];
    member.key = line.substr(entry.key_begin, entry.key_size);
    member.raw_key = line.substr(entry.key_begin - 1, entry.key_size + 2);
    entry.value.read(line, member.value);
    const bool is_number = member.value.kind == Kind::number && !std::isnan(entry.value.number);
    found_.push_back({&member, is_number ? std::optional<double>(entry.value.number) : std::nullopt});
  }
}

}  // namespace weir::win_agg
