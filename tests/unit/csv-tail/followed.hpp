// A test fixture: a folder with a followed file.
#pragma once
#include <time.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "folder.hpp"
#include "follow_file.hpp"
#include "source_host.hpp"

namespace weir::csv_tail {

/// A folder with one followed file. read() returns the new records, without waiting.
class Followed {
 public:
  explicit Followed(std::string_view begin = {}, StartAt start = StartAt::beginning, RowSettings settings = {})
      : settings_(std::move(settings)) {
    if (!begin.empty()) write(begin);
    start_ = start;
    begin_first_run();
  }

  /// Makes a new file only after the file system's clock has advanced, so that its time differs from that of older
  /// files.
  void write(std::string_view text, const std::string& name = "f.csv") const {
    if (!std::filesystem::exists(folder.file(name))) wait_for_tick();
    std::ofstream(folder.file(name), std::ios::app) << text;
  }
  void rename(const std::string& from, const std::string& to) const {
    std::filesystem::rename(folder.file(from), folder.file(to));
  }
  void remove(const std::string& name) const { std::filesystem::remove(folder.file(name)); }
  void resize(std::uint64_t size) const { std::filesystem::resize_file(path, size); }

  /// The new records, until there are no more and no file is still settling.
  std::string read() {
    Output out;
    while (follow_->next(out) == AnySource::Step::more || follow_->settling())
      if (follow_->settling()) follow_->wait({}, no_limit);
    return out.lines;
  }

  /// The position, and the end of the run.
  std::string stop() {
    std::string state = test::saved_at(*follow_, 1);
    follow_.reset();
    return state;
  }
  /// A later run. Throws as restore() does.
  void go_on(std::string_view state, Gap gap = Gap::refused) {
    make(gap);
    test::load_at(*follow_, 1, state);
  }
  /// A first run.
  void begin_first_run() {
    make();
    follow_->begin();
  }

  test::Folder folder;
  std::string path = folder.file("f.csv");
  test::KeptHost host;

 private:
  static std::int64_t tick() {
    struct timespec now {};
    ::clock_gettime(CLOCK_REALTIME_COARSE, &now);
    return now.tv_sec * std::int64_t{1'000'000'000} + now.tv_nsec;
  }
  static void wait_for_tick() {
    const std::int64_t begin = tick();
    while (tick() == begin) std::this_thread::yield();
  }
  void make(Gap gap = Gap::refused) {
    follow_ = std::make_unique<FollowFile>(settings_, path, start_, gap);
    follow_->start(host);
  }

  RowSettings settings_;
  StartAt start_ = StartAt::beginning;
  std::unique_ptr<FollowFile> follow_;
};

}  // namespace weir::csv_tail
