// FollowFile: the files of an earlier run, found again.
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "follow_file.hpp"
#include "rotated_files.hpp"
#include "state/epoch_file.hpp"
#include "state/files.hpp"

namespace weir::csv_tail {

/// False when the file is not there.
bool FollowFile::take_up(const FilePlace& place, std::int64_t noted_ns) {
  const int fd = open_again(path_, place.identity);
  if (fd < 0) return false;
  if (!adopt(fd) || files_.back()->restore(place)) return true;
  ++truncations_;
  say_(path_ + " was truncated or rewritten while nobody read it: it is read from its beginning");
  const std::unique_ptr<Generation> rewritten = std::move(files_.back());
  files_.pop_back();
  take_copy(place, noted_ns);
  // The one at the path is found there, behind those that were copied from it.
  struct stat at_path;
  if (::stat(path_.c_str(), &at_path) == 0 && rewritten->is(at_path)) return true;
  if (const int again = open_again(path_, place.identity); again >= 0) adopt(again);
  return true;
}

/// A file was copied and then truncated (copytruncate): what had not been read is in the copy. Copies made before the
/// place was noted hold what had been read already, and may begin alike.
void FollowFile::take_copy(const FilePlace& place, std::int64_t noted_ns) {
  std::vector<RotatedFile> longest_first = rotated_files(path_);
  std::sort(longest_first.begin(), longest_first.end(),
            [](const RotatedFile& a, const RotatedFile& b) { return a.size > b.size; });
  for (const RotatedFile& each : longest_first) {
    if (each.compressed() || each.age_ns() < noted_ns || each.identity == place.identity) continue;
    const int fd = open_again(path_, each.identity);
    if (fd < 0 || !adopt(fd)) continue;
    if (files_.back()->restore(place)) return say_(each.path + " is a copy of it, and is read on");
    files_.pop_back();
  }
}

/// Files that were at the path between the last place reached and now: younger than what was known, and no copies.
void FollowFile::take_missed(std::int64_t known_age, std::optional<std::int64_t> known_modified) {
  for (const RotatedFile& each : rotated_files(path_)) {
    if (each.age_ns() < known_age) continue;
    if (each.compressed()) {
      // Compressing keeps the time of the last write: an older file has been compressed, or this one was missed.
      if (!known_modified || each.modified_ns <= *known_modified) continue;
      const std::string words = each.path + " was at " + path_ + " while nobody read it, and is compressed now";
      if (gap_ == Gap::refused) throw state::Unusable(words + ": unpack it there, or go on without it by --allow-gap");
      say_(words + "; its rows are lost");
      continue;
    }
    if (const int fd = open_again(path_, each.identity); fd >= 0) take_or_close(fd);
  }
}

void FollowFile::take_or_close(int fd) {
  const bool copy =
      std::any_of(files_.begin(), files_.end(), [fd](const auto& file) { return file->is_copied_in(fd); });
  if (copy) {
    ::close(fd);
  } else {
    adopt(fd);
  }
}

void FollowFile::restore(SnapshotReader& from) {
  begun_ = true;
  const auto noted_ns = from.number<std::int64_t>();
  std::vector<FilePlace> places;
  for (auto left = from.number<std::uint64_t>(); left > 0; --left) places.push_back(FilePlace::restored(from));
  start_ = StartAt::beginning;
  if (places.empty()) return;
  // What is at the path now came without an event; it must not be renamed away unseen while the others are looked for.
  const int newest = open_to_read(path_);
  take_up_all(places, noted_ns);
  if (newest >= 0) adopt(newest);
}

void FollowFile::take_up_all(const std::vector<FilePlace>& places, std::int64_t noted_ns) {
  bool found = false;
  for (const FilePlace& place : places) {
    found = take_up(place, noted_ns);
    if (found) continue;
    const std::string words = "a file that was at " + path_ + " is gone";
    if (!place.replaced && gap_ == Gap::refused)
      throw state::Unusable(words + " and had not been read to its end; --allow-gap goes on without it");
    say_(words + (place.replaced ? "; it had been read to its end" : ""));
  }
  struct stat at_path {};
  const bool any = ::stat(path_.c_str(), &at_path) == 0;
  if (!any && errno != ENOENT && errno != ENOTDIR && errno != EACCES) state::fail(path_);
  if (any && !files_.empty() && files_.back()->is(at_path)) return;  // nothing has taken its place
  const auto& last = places.back().identity;
  if (found && (files_.empty() || files_.back()->identity() != last)) return take_missed(noted_ns, std::nullopt);
  std::optional<std::int64_t> modified;
  if (found) modified = files_.back()->modified_ns();
  take_missed(last.made_ns != 0 ? last.made_ns : modified.value_or(noted_ns), modified);
}

}  // namespace weir::csv_tail
