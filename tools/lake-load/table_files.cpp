#include "table_files.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "state/epoch_file.hpp"

namespace weir::lake_load {

TableFiles::TableFiles(FileSettings settings, Columns& columns, const FieldSet& fields,
                       std::vector<std::string> partitions, const std::string& pipeline, const MakeStore& make)
    : settings_(std::move(settings)),
      columns_(columns),
      fields_(fields),
      journal_(settings_.work, settings_.table, settings_.name),
      stores_(make()) {
  if (stores_.bucket != nullptr) {
    claims_.emplace(*stores_.bucket, settings_.name);
    content_.claimed = 0;
  }
  const bool known = journal_.load(content_, columns_);
  if (known && content_.run.empty() != pipeline.empty())
    throw std::runtime_error(fmt::format("{}: the name {} belongs to a writer {} --state; give another --name",
                                         settings_.table, settings_.name, pipeline.empty() ? "with" : "without"));
  if (claims_) check_claims(known, pipeline);
  if (settings_.delta) {
    const DeltaSettings delta{settings_.table, settings_.name, journal_.folder(), settings_.checkpoint_every};
    log_.emplace(*stores_.store, delta, std::move(partitions));
    log_->adopt_into(columns_);
    if (log_->epoch() > content_.epoch)
      throw state::Unusable(fmt::format("{}: the table has epoch {} of {}, its journal in {} has epoch {}",
                                        settings_.table, log_->epoch(), settings_.name, journal_.folder(),
                                        content_.epoch));
  }
  if (stores_.bucket != nullptr) stores_.bucket->abort_uploads(settings_.name);
  publish();
  content_.run = pipeline;
  if (pipeline.empty()) content_.open.clear();  // lines of a run that was killed
  for (const auto& [key, file] : content_.open) file.restore(journal_.folder());
  journal_.save(content_, columns_);
  journal_.tidy(content_);
}

OpenFile& TableFiles::open(const Place& place) {
  if (content_.open.size() >= settings_.max_open) end_least_used();
  return *(last_ = &content_.open.emplace(place.key, OpenFile(place, content_.next++)).first->second);
}

void TableFiles::append(OpenFile& file, std::string_view line) {
  held_bytes_ -= file.held_bytes();
  file.append(line, journal_.folder());
  held_bytes_ += file.held_bytes();
  file.last_used = ++content_.records;
  ++rows_;
  if (file.rows() >= settings_.roll_rows || file.bytes() >= settings_.roll_bytes)
    end_file(content_.open.find(file.place().key));
}

void TableFiles::on_watermark(Time time) {
  end_those([time](const OpenFile& file) { return file.place().end && *file.place().end <= time; });
}

void TableFiles::end_all() {
  end_those([](const OpenFile&) { return true; });
}

/// Ends files in the order in which they began.
template <typename Chosen>
void TableFiles::end_those(Chosen chosen) {
  std::vector<std::pair<std::uint64_t, std::string>> over;
  for (const auto& [key, file] : content_.open)
    if (chosen(file)) over.emplace_back(file.number(), key);
  std::sort(over.begin(), over.end());
  for (const auto& [number, key] : over) end_file(content_.open.find(key));
}

void TableFiles::end_least_used() {
  const auto least = std::min_element(content_.open.begin(), content_.open.end(), [](const auto& a, const auto& b) {
    return a.second.last_used < b.second.last_used;
  });
  end_file(least);
  ++ended_early_;
}

/// Makes a file whole in the writer's folder; commit() makes it visible.
void TableFiles::end_file(std::map<std::string, OpenFile>::iterator at) {
  OpenFile& file = at->second;
  const bool parquet = settings_.format == Format::parquet;
  held_bytes_ -= file.held_bytes();
  FinishedFile finished;
  finished.path = fmt::format("{}{}part-{}-{:010}.{}", file.place().folder, file.place().folder.empty() ? "" : "/",
                              settings_.name, file.number(), parquet ? "parquet" : "ndjson");
  finished.values = file.place().values;
  const std::string lines = file.path(journal_.folder());
  if (parquet) {
    file.write(journal_.folder());
    finished.made = fmt::format("{}/made-{:010}", journal_.folder(), file.number());
    const WrittenRows written = write_rows(lines, finished.made, columns_, fields_, settings_.layout);
    finished.rows = written.rows;
    finished.size = written.size;
    finished.stats = written.stats;
    done_.push_back(lines);
  } else {
    file.sync(journal_.folder());
    finished.made = lines;
    finished.rows = file.rows();
    finished.size = file.bytes();
  }
  if (claims_ && finished.size > s3::most_object_bytes)
    throw std::runtime_error(
        fmt::format("{} has {} bytes, more than an object has: give less --roll-bytes", finished.path, finished.size));
  content_.finished.push_back(std::move(finished));
  content_.open.erase(at);
  last_ = nullptr;
}

void TableFiles::commit(std::uint64_t epoch) {
  if (!content_.run.empty()) {
    for (auto& [key, file] : content_.open) file.sync(journal_.folder());
    held_bytes_ = 0;
  }
  content_.epoch = epoch;
  journal_.save(content_, columns_);
  for (const std::string& lines : done_) ::unlink(lines.c_str());
  done_.clear();
  publish();
}

/// Makes the files of the last commit visible; a second time changes nothing.
void TableFiles::publish() {
  if (content_.finished.empty()) return;
  if (claims_) claim();
  for (const FinishedFile& file : content_.finished)
    if (!stores_.store->take(file.made, file.path) && !log_)
      throw state::Unusable(fmt::format("{}/{} is gone: it was committed, and is neither there nor under way",
                                        settings_.table, file.path));
  stores_.store->settle();
  if (log_ && log_->epoch() < content_.epoch) log_->commit(content_.finished, columns_, content_.epoch, content_.run);
  files_ += content_.finished.size();
  content_.finished.clear();
  if (claims_) ++*content_.claimed;
}

/// Compares what this writer knows of the bucket with what is there.
void TableFiles::check_claims(bool known, const std::string& pipeline) {
  const bool takes_over = !known && pipeline.empty();
  const auto last = claims_->last(takes_over ? &columns_ : nullptr);
  const std::uint64_t there = last ? last->number : 0;
  if (takes_over && last) {
    if (!last->run.empty())
      throw std::runtime_error(fmt::format("{}: the name {} belongs to a writer with --state; give another --name",
                                           settings_.table, settings_.name));
    content_.epoch = last->epoch;
    content_.next = last->next;
    content_.claimed = there;
    return;
  }
  if (there == *content_.claimed) return;
  const bool interrupted = !content_.finished.empty() && there == *content_.claimed + 1;
  if (interrupted && last->run == content_.run && last->epoch == content_.epoch) return;
  throw state::Unusable(fmt::format(
      "{}: {} commits of {} are there, its state has {}: the state was lost or is older, or another run has "
      "taken over; give another --name",
      settings_.table, there, settings_.name, *content_.claimed));
}

void TableFiles::claim() {
  if (!claims_->put(*content_.claimed + 1, content_, columns_))
    throw std::runtime_error(
        fmt::format("{}: another run of the pipeline has taken over, or another writer uses the name {}",
                    settings_.table, settings_.name));
}

}  // namespace weir::lake_load
