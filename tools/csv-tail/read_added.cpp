#include "read_added.hpp"

#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "first_place.hpp"

namespace weir::csv_tail {

ReadAdded::ReadAdded(RowSettings settings, std::vector<std::string> files, FollowFile::Say say, Gap gap)
    : settings_(std::move(settings)),
      files_(std::move(files)),
      say_(std::move(say)),
      gap_(gap),
      places_(files_.size()) {}

std::unique_ptr<FollowFile> ReadAdded::made(std::size_t which) const {
  auto file = std::make_unique<FollowFile>(settings_, files_[which], StartAt::beginning, say_, gap_);
  file->start(*rejects_);
  return file;
}

/// At the first start: which files are there.
void ReadAdded::look_at_files() {
  for (std::size_t i = 0; i < files_.size(); ++i) {
    if (::access(files_[i].c_str(), F_OK) != 0) continue;
    const auto file = made(i);
    file->look_for_files();
    note_place(*file, i);
  }
}

void ReadAdded::note_place(FollowFile& file, std::size_t which) {
  places_[which].clear();
  SnapshotWriter writer(places_[which]);
  file.snapshot(writer);
}

void ReadAdded::open() {
  const std::string& path = files_[at_];
  if (::access(path.c_str(), R_OK) != 0) throw std::system_error(errno, std::generic_category(), path);
  file_ = made(at_);
  if (places_[at_].empty()) return;
  SnapshotReader reader(places_[at_]);
  file_->restore(reader);
  reader.finish();
}

Source::Step ReadAdded::next(Output& out) {
  if (!std::exchange(begun_, true)) begin_at_first_place(*this, state_folder_, [this] { look_at_files(); });
  if (at_ == files_.size()) return Step::end;
  if (!file_) open();
  if (file_->next(out) == Step::more) return Step::more;
  if (file_->settling()) return Step::idle;
  finish(out);
  return Step::more;
}

void ReadAdded::finish(Output& out) {
  file_->close(out);
  if (file_->within_row()) say_(files_[at_] + " ends within a row, which is left for the next run");
  note_place(*file_, at_);
  file_.reset();
  ++at_;
}

void ReadAdded::wait(std::span<pollfd> also, WaitLimit limit) {
  if (file_) return file_->wait(also, limit);
  wait_for(also, limit);
}

std::string ReadAdded::place() const {
  if (at_ == files_.size()) return "all files at their ends";
  return file_ ? file_->place() : "";
}

void ReadAdded::snapshot(SnapshotWriter& to) {
  if (file_) note_place(*file_, at_);
  to.number<std::uint64_t>(at_ == files_.size() ? 0 : at_);
  for (const std::string& place : places_) to.text(place);
}

void ReadAdded::restore(SnapshotReader& from) {
  begun_ = true;
  at_ = from.number<std::uint64_t>();
  if (at_ >= files_.size()) throw SnapshotError("the snapshot has other files");
  for (std::string& place : places_) place = from.text();
}

}  // namespace weir::csv_tail
