#include "lake_load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <utility>

#include "record/counted.hpp"
#include "s3_store.hpp"
#include "state/files.hpp"

namespace weir::lake_load {
namespace {

constexpr const char* default_name = "load";
constexpr std::uint64_t most_roll_bytes = 4ULL << 40;  // leaves room to what an object takes
/// Characters that no column of a Delta table has in its name.
constexpr const char* forbidden_in_delta = " ,;{}()\n\t=";

bool is_name(std::string_view text) {
  constexpr std::size_t longest = 64;
  const auto fits = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view("-_.").find(c) != std::string_view::npos;
  };
  return !text.empty() && text.front() != '.' && text.size() <= longest && std::all_of(text.begin(), text.end(), fits);
}

PartitionTemplate partition_of(const std::string& text, FieldSet& fields) {
  fields.read_members();
  try {
    return {text, fields};
  } catch (const std::invalid_argument& problem) {
    throw std::invalid_argument(fmt::format("--partition: {}", problem.what()));
  }
}

ColumnSettings column_settings(const LakeLoad::Settings& settings) {
  ColumnSettings columns = settings.columns;
  columns.time_names = settings.time.names();
  if (settings.files.delta) columns.forbidden = forbidden_in_delta;
  return columns;
}

TimeParser parser_of(const TimeSettings& time) { return TimeParser(Zone::named(time.zone), time.unit, time.fold); }

/// A folder of this machine that only this run uses.
std::string temporary_folder() {
  std::string path = (std::filesystem::temp_directory_path() / "weir-lake-load-XXXXXX").string();
  if (::mkdtemp(path.data()) == nullptr) state::fail(path);
  return path;
}

}  // namespace

LakeLoad::LakeLoad(Settings settings)
    : settings_(std::move(settings)),
      partition_(partition_of(settings_.partition, fields_)),
      values_(parser_of(settings_.time), settings_.round ? Inexact::rounded : Inexact::rejected),
      columns_(column_settings(settings_), fields_, partition_.names(), partition_.own_fields(), values_) {
  if (settings_.files.table.empty()) throw std::invalid_argument("DIR is missing: the folder of the table");
  if (settings_.files.table.find("://") != std::string::npos && !is_in_bucket())
    throw std::invalid_argument("DIR is a folder of this machine or s3://BUCKET/PREFIX, not " + settings_.files.table);
  if (is_in_bucket() && settings_.files.roll_bytes > most_roll_bytes)
    throw std::invalid_argument("--roll-bytes is at most 4096GiB with s3://, as an object has 5120 at most");
  if (!settings_.files.name.empty() && !is_name(settings_.files.name))
    throw std::invalid_argument("--name takes letters, digits, '-', '_' and '.', which it does not begin with");
  const bool parquet = settings_.files.format == Format::parquet;
  if (settings_.files.delta && !parquet) throw std::invalid_argument("--delta is of Parquet, not of --format ndjson");
  for (const PartitionLevel& level : partition_.levels())
    if (const auto type = type_of(level)) columns_.adopt(level.name, *type, ValuesIn::path);
  if (partition_.time_field().empty()) return;
  TimeSettings time = settings_.time;
  if (time.field.empty()) time.field = partition_.time_field();
  if (time.field != partition_.time_field()) throw std::invalid_argument("--time names another field than --partition");
  time_.emplace(time, fields_);
}

std::vector<NamedField> LakeLoad::named_fields() const {
  std::vector<NamedField> named;
  for (const PartitionLevel& level : partition_.levels())
    if (!level.path.empty() && !level.has_default) named.push_back({level.path, "--partition"});
  return named;
}

void LakeLoad::start(SinkHost& host) {
  host_ = &host;
  if (host.pipeline() == nullptr) open(nullptr);
}

LakeLoad::~LakeLoad() {
  files_.reset();
  std::error_code ignored;
  if (!temporary_.empty()) std::filesystem::remove_all(temporary_, ignored);
}

void LakeLoad::open(const PipelineRun* run) {
  FileSettings files = settings_.files;
  if (files.name.empty()) files.name = default_name;
  files.work = files.table + "/_weir/" + files.name;
  if (is_in_bucket()) {
    if (run == nullptr) temporary_ = temporary_folder();
    files.work = run == nullptr ? temporary_ : run->folder + "/lake";
    const std::size_t taken =
        settings_.prefix.size() + files.name.size() + std::string_view("/part--0123456789.parquet").size();
    partition_.limit(s3::longest_key > taken + 1 ? s3::longest_key - taken - 1 : 0);
  }
  const auto make = [&]() -> Stores {
    if (!is_in_bucket()) return {std::make_unique<DiskStore>(files.table, files.work)};
    s3::Stop stop{host_->stop_descriptors(), [host = host_] { host->check_stop(); }};
    auto bucket =
        std::make_unique<S3Store>(settings_.bucket, settings_.prefix, files.work, host_->log(), std::move(stop));
    S3Store* const same = bucket.get();
    return {std::move(bucket), same};
  };
  files_ =
      std::make_unique<TableFiles>(files, columns_, fields_, partition_.names(), run == nullptr ? "" : run->run, make);
}

std::uint64_t LakeLoad::fence(const PipelineRun& run) {
  if (settings_.files.name.empty()) settings_.files.name = run.pipe;
  if (!is_name(settings_.files.name)) throw std::runtime_error("--pipe cannot be in the names of files; give --name");
  open(&run);
  return files_->epoch();
}

Verdict LakeLoad::on_record(const Record& record) {
  Time time{};
  if (time_) {
    if (Verdict verdict = time_->read(record, time); verdict.rejected()) return verdict;
  }
  columns_.begin_record();
  if (Verdict verdict = partition_.fill(record, time, columns_, place_); verdict.rejected()) return verdict;
  if (settings_.files.format == Format::parquet)
    if (Verdict verdict = columns_.check(record); verdict.rejected()) return verdict;
  columns_.accept();
  OpenFile& file = files_->at(place_, [&] { partition_.complete(place_, time); });
  files_->append(file, record.line());
  return Verdict::ok();
}

/// Without checkpoints files become visible as soon as they are whole.
void LakeLoad::on_pause(InputFlow) {
  if (host_->pipeline() == nullptr && files_->has_finished()) files_->commit(files_->epoch() + 1);
}

bool LakeLoad::commit(std::uint64_t epoch) {
  if (files_->epoch() != epoch - 1)
    throw std::runtime_error(
        fmt::format("{}: its epoch is {}, not the one before {}", settings_.files.table, files_->epoch(), epoch));
  files_->commit(epoch);
  return true;
}

bool LakeLoad::finish() {
  files_->end_all();
  if (files_->has_finished()) files_->commit(files_->epoch() + 1);
  return true;
}

CountReport LakeLoad::counts() const {
  CountReport report;
  if (files_) report.add(files_->ended_early(), "file", "ended early because of --max-open", Weight::noted);
  return report;
}

std::string LakeLoad::summary() const {
  if (!settings_.report_total || !files_ || files_->rows() == 0) return {};
  return fmt::format("{} in {}", counted(files_->rows(), "row"), counted(files_->files(), "file"));
}

}  // namespace weir::lake_load
