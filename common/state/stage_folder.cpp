#include "state/stage_folder.hpp"

#include <fcntl.h>
#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <system_error>

#include "state/atomic_file.hpp"
#include "state/attachment.hpp"
#include "state/files.hpp"

namespace weir::state {
namespace {

constexpr std::uint64_t snapshot_limit = std::uint64_t{1} << 40;
/// A shorter standstill is not worth having fewer checkpoints.
constexpr std::chrono::milliseconds long_stand{100};

void make_folders(const std::string& path) {
  std::error_code ignored;  // making the last one tells what is wrong
  std::filesystem::create_directories(folder_of(path), ignored);
  make_folder(path);
}

std::optional<std::uint64_t> number_of(std::string_view text) {
  std::uint64_t number = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
  if (result.ec != std::errc{} || result.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

/// A file that holds a number and a newline; nothing when it is not there or not whole.
std::optional<std::uint64_t> read_number(const std::string& path) {
  const auto bytes = read_file(path);
  if (!bytes || !bytes->ends_with('\n')) return std::nullopt;
  return number_of(std::string_view(*bytes).substr(0, bytes->size() - 1));
}

/// The numbers after `prefix` in the names of files, ascending.
std::vector<std::uint64_t> numbered_in(const std::string& folder, std::string_view prefix) {
  std::vector<std::uint64_t> found;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(prefix)) continue;
    if (const auto number = number_of(std::string_view(name).substr(prefix.size()))) found.push_back(*number);
  }
  std::sort(found.begin(), found.end());
  return found;
}

void remove(const std::string& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) fail(path);
}

}  // namespace

bool is_stage_id(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

StageFolder::StageFolder(const std::string& root, const std::string& id, Origin origin)
    : path_(root + '/' + id), origin_(std::move(origin)) {
  make_folders(root);
  make_folder(path_);
}

StageFolder::Taken StageFolder::take(std::string_view run, std::chrono::milliseconds limit) {
  using clock = std::chrono::steady_clock;
  const std::string path = path_ + "/lock";
  const auto deadline = clock::now() + limit;
  do {
    lock_ = LockFile::take(path, std::chrono::milliseconds(100));
    if (lock_) {
      lock_->write(run);
      const auto whole = epochs();
      drop_attachments([&](std::uint64_t epoch) { return std::binary_search(whole.begin(), whole.end(), epoch); });
      return Taken::yes;
    }
    // The owner writes its run right after it has the lock; until then an earlier run is in the file.
    if (const auto owner = read_file(path); owner && *owner == run) return Taken::twin;
  } while (clock::now() < deadline);
  return Taken::no;
}

std::string StageFolder::file_of(std::uint64_t epoch) const { return path_ + "/e-" + std::to_string(epoch); }

void StageFolder::write(std::uint64_t epoch, const Fill& fill, std::string_view position) const {
  write_epoch(file_of(epoch), origin_, epoch, position, fill);
}

EpochFile StageFolder::read(std::uint64_t epoch, const std::string& noted_as) const {
  const std::string name = file_of(epoch);
  auto bytes = read_file(name, snapshot_limit);
  if (!bytes)
    throw Unusable(name +
                   " is not there, and the sink has committed that epoch: part of the state folder is lost, or it is "
                   "another pipeline's; bring it back, or start over with another --pipe" +
                   (noted_as.empty() ? "" : ", or without the pipeline's " + noted_as) + " (weir-recipes(7))");
  EpochFile found = decode_epoch(std::move(*bytes), name);
  check_epoch(found, origin_, epoch, name);
  return found;
}

void StageFolder::write_start(const Fill& fill) const { write_epoch(path_ + "/start", origin_, 0, "", fill); }

std::optional<EpochFile> StageFolder::read_start() const {
  const std::string name = path_ + "/start";
  auto bytes = read_file(name, snapshot_limit);
  if (!bytes) return std::nullopt;
  EpochFile found = decode_epoch(std::move(*bytes), name);
  if (found.origin.settings != origin_.settings) return std::nullopt;
  check_epoch(found, origin_, 0, name);
  return found;
}

std::vector<std::uint64_t> epochs_in(const std::string& folder) { return numbered_in(folder, "e-"); }
std::vector<std::uint64_t> attachments_in(const std::string& folder) { return numbered_in(folder, "rows-"); }

void StageFolder::keep(std::uint64_t first, std::uint64_t last, std::uint64_t first_attached) const {
  for (const std::uint64_t epoch : epochs())
    if (epoch < first || epoch > last) remove(file_of(epoch));
  // After the snapshots, so that one that is there has its attachment.
  drop_attachments([&](std::uint64_t epoch) { return epoch >= std::max(first, first_attached) && epoch <= last; });
}

void StageFolder::drop_attachments(const std::function<bool(std::uint64_t)>& needed) const {
  for (const std::uint64_t epoch : attachments_in(path_))
    if (!needed(epoch)) remove(attachment_path(path_, epoch));
}

std::string RunFolder::default_name(const std::string& root) {
  std::filesystem::path path(root);
  if (!path.has_filename()) path = path.parent_path();
  return path.filename().string() + generation(root);
}

std::string RunFolder::generation(const std::string& root) {
  const auto text = read_file(root + "/generation");
  if (!text || !text->ends_with('\n')) return {};
  return '.' + text->substr(0, text->size() - 1);
}

std::uint64_t RunFolder::committed() const { return read_number(root_ + "/commit").value_or(0); }

void RunFolder::write_committed(std::uint64_t epoch, Durable durable) const {
  write_file(root_ + "/commit", std::to_string(epoch) + "\n", 0600, durable);
}

std::string RunFolder::noted_as() const {
  const auto name = read_file(root_ + "/noted-as");
  return name && name->ends_with('\n') ? name->substr(0, name->size() - 1) : "";
}

void RunFolder::write_noted_as(const std::string& name) const {
  write_file(root_ + "/noted-as", name + '\n', 0600, Durable::no);
}

std::optional<std::string> RunFolder::rebuilt() const {
  const auto text = read_file(root_ + "/rebuilt");
  if (!text || !text->ends_with('\n')) return std::nullopt;
  return text->substr(0, text->size() - 1);
}

void RunFolder::write_rebuilt(const std::string& final_until) const {
  write_file(root_ + "/rebuilt", final_until + '\n');
}

std::chrono::milliseconds RunFolder::pace() const {
  return std::chrono::milliseconds(read_number(root_ + "/pace").value_or(0));
}

void RunFolder::write_pace(std::chrono::milliseconds took) const {
  const std::string path = root_ + "/pace";
  if (took >= long_stand) {
    write_file(path, std::to_string(took.count()) + '\n', 0600, Durable::no);
  } else {
    remove(path);
  }
}

void RunFolder::ask_for_barrier() const { write_file(root_ + "/enough", "", 0600, Durable::no); }

bool RunFolder::barrier_asked_for() const { return ::access((root_ + "/enough").c_str(), F_OK) == 0; }

void RunFolder::ask_for_early_end(std::uint64_t epoch) const {
  write_file(root_ + "/early", std::to_string(epoch) + '\n', 0600, Durable::no);
}

std::uint64_t RunFolder::early_end() const { return read_number(root_ + "/early").value_or(0); }

void RunFolder::withdraw_asking() const {
  remove(root_ + "/enough");
  remove(root_ + "/early");
}

RunFolder::Resume RunFolder::resume(std::string_view run) const {
  const std::string path = root_ + "/resume/" + std::string(run);
  if (::access(path.c_str(), F_OK) != 0) return {};
  return {true, read_number(path)};
}

std::string RunFolder::last_resumed() const {
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(root_ + "/resume", none))
    if (read_number(entry.path().string())) return entry.path().filename().string();
  return {};
}

void RunFolder::write_resume(std::string_view run, std::optional<std::uint64_t> epoch) const {
  const std::string folder = root_ + "/resume";
  make_folder(folder);
  std::error_code ignored;  // a file of an earlier run that stays does no harm
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored))
    if (entry.path().filename().string() != run) std::filesystem::remove(entry.path(), ignored);
  write_file(folder + '/' + std::string(run), epoch ? std::to_string(*epoch) + '\n' : "");
}

std::string new_run() {
  unsigned char bits[16];
  for (std::size_t have = 0; have < sizeof bits;) {
    const ssize_t n = ::getrandom(bits + have, sizeof bits - have, 0);
    if (n < 0 && errno != EINTR) fail("getrandom");
    if (n > 0) have += static_cast<std::size_t>(n);
  }
  constexpr std::string_view digits = "0123456789abcdef";
  std::string run;
  for (const unsigned char byte : bits) {
    run += digits[byte >> 4U];
    run += digits[byte & 15U];
  }
  return run;
}

}  // namespace weir::state
