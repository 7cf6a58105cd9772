#include "pg_load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "state/stage_folder.hpp"

namespace weir::pg_load {
namespace {

/// How much is encoded before the batch under way is looked after again.
constexpr std::size_t pump_bytes = 64 * 1024;

}  // namespace

PgLoad::PgLoad(Settings settings, TimeParser times, LoaderWords words)
    : settings_(std::move(settings)), times_(times), loader_(settings_.loader, std::move(words)) {
  fields_.read_members();
  settings_.table.add_fields(fields_);
}

void PgLoad::be_patient(Patience& patience) {
  loader_.set_stop({patience.signs(), [&patience] { return patience.over(); }});
}

void PgLoad::open_state(const std::string& folder) {
  if (!state::epochs_in(folder).empty()) loader_.expect_server();
}

void PgLoad::start(RejectLog& rejects) {
  rejects_ = &rejects;
  loader_.set_refused([this](std::uint64_t line, std::string_view raw, const std::string& reason) {
    rejects_->reject(line, raw, reason);
  });
  loader_.connect();
  if (!settings_.table.is_fixed()) return;
  fixed_ = &add_entry(settings_.table.fixed());
  if (fixed_->state == Entry::State::absent)
    throw std::runtime_error(fmt::format("there is no table {}; --create makes it", fixed_->table.name().text()));
}

PgLoad::Entry& PgLoad::add_entry(const TableName& name) {
  auto entry = std::make_unique<Entry>(name, settings_);
  if (auto columns = loader_.columns_of(name)) {
    entry->table.set_columns(std::move(*columns));
    if (!settings_.loader.keys.empty()) loader_.need_unique_keys(name);
  } else {
    entry->state = settings_.create ? Entry::State::to_create : Entry::State::absent;
  }
  return *entries_.emplace(name.text(), std::move(entry)).first->second;
}

Verdict PgLoad::entry_of(const Record& record, Entry*& entry) {
  entry = fixed_;
  if (entry != nullptr) return Verdict::ok();
  if (Verdict verdict = settings_.table.resolve(record, name_); verdict.rejected()) return verdict;
  // A dot in either part is impossible where a name comes from data, so the text is as good as the pair.
  name_key_ = name_.schema;
  if (!name_key_.empty()) name_key_ += '.';
  name_key_ += name_.relation;
  const auto found = entries_.find(name_key_);
  if (found != entries_.end()) {
    entry = found->second.get();
  } else {
    if (entries_.size() >= settings_.max_tables)
      return Verdict::reject(fmt::format("a table more than --max-tables {}", settings_.max_tables));
    entry = &add_entry(name_);
  }
  if (entry->state == Entry::State::absent) return Verdict::reject(fmt::format("there is no table {}", name_key_));
  return Verdict::ok();
}

Verdict PgLoad::on_record(const Record& record) {
  Entry* entry = nullptr;
  if (Verdict verdict = entry_of(record, entry); verdict.rejected()) return verdict;
  Verdict verdict = take(*entry, record);
  // An epoch is not dispatched before its end, but a table is made as soon as its records tell its columns.
  const std::size_t rows = held_ + (epochs_ ? 0 : batch_.rows);
  const std::size_t bytes = held_bytes_ + (epochs_ ? 0 : batch_.bytes);
  if (rows >= settings_.batch || bytes >= settings_.batch_bytes) {
    epochs_ ? create_held() : dispatch();
  } else if (batch_.bytes >= pumped_at_ + pump_bytes) {
    pumped_at_ = batch_.bytes;
    loader_.pump();
  }
  return verdict;
}

Verdict PgLoad::take(Entry& entry, const Record& record) {
  return entry.state == Entry::State::to_create ? hold(entry, record) : append(entry, record);
}

Verdict PgLoad::hold(Entry& entry, const Record& record) {
  if (record.members().empty()) return Verdict::reject("the record has no fields");
  if (Verdict verdict = entry.guess.see(record, times_); verdict.rejected()) return verdict;
  note_row();
  entry.held_rows.push_back({record.line_number(), 0, entry.held.size(), record.line().size()});
  entry.held += record.line();
  ++held_;
  held_bytes_ += record.line().size();
  return Verdict::ok();
}

void PgLoad::note_row() {
  if (batch_.rows + held_ == 0) oldest_ = clock::now();
}

Part& PgLoad::part_of(Entry& entry) {
  if (entry.part_batch != batch_number_ || batch_.parts[entry.part].version != entry.table.version()) {
    entry.part = batch_.parts.size();
    entry.part_batch = batch_number_;
    Part& part = batch_.parts.emplace_back();
    part.table = &entry.table;
    part.columns = entry.table.layout_names();
    part.version = entry.table.version();
  }
  return batch_.parts[entry.part];
}

Verdict PgLoad::append(Entry& entry, const Record& record) {
  Table& table = entry.table;
  if (Verdict verdict = table.place(record, settings_.extra, missing_); verdict.rejected()) return verdict;
  if (!missing_.empty()) {
    for (const Member* member : missing_) {
      const NewColumn column{std::string(member->key), entry.guess.type_for(*member, times_)};
      if (const auto refusal = loader_.add_column(table.name(), column)) return Verdict::reject(*refusal);
    }
    auto columns = loader_.columns_of(table.name());
    if (!columns) throw std::runtime_error(fmt::format("the table {} is gone", table.name().text()));
    table.set_columns(std::move(*columns));
    if (Verdict verdict = table.place(record, settings_.extra, missing_); verdict.rejected()) return verdict;
  }
  Part& part = part_of(entry);
  const std::size_t before = part.text.size();
  if (Verdict verdict = table.append_row(record, part, times_); verdict.rejected()) return verdict;
  note_row();
  Row& row = part.rows.back();
  row.raw = batch_.raw.size();
  row.raw_size = record.line().size();
  batch_.raw += record.line();
  batch_.bytes += row.raw_size + part.text.size() - before;
  ++batch_.rows;
  return Verdict::ok();
}

/// Makes the tables that records are held for, and turns the records into rows.
void PgLoad::create_held() {
  if (held_ == 0) return;
  held_ = 0;
  held_bytes_ = 0;
  struct Refused {
    Row row;
    std::string raw;
    std::string reason;
  };
  std::vector<Refused> refused;
  RecordParser parser(fields_);
  for (const auto& [key, owned] : entries_) {
    Entry& entry = *owned;
    if (entry.state != Entry::State::to_create || entry.held_rows.empty()) continue;
    const TableName& name = entry.table.name();
    loader_.create(name, entry.guess.columns(), entry.guess.has_time() ? settings_.time_field : "");
    auto columns = loader_.columns_of(name);
    if (!columns) throw std::runtime_error(fmt::format("the table {} was made and is gone", name.text()));
    entry.table.set_columns(std::move(*columns));
    if (!settings_.loader.keys.empty()) loader_.need_unique_keys(name);
    entry.state = Entry::State::there;
    const std::string held = std::exchange(entry.held, {});
    for (const Row& row : std::exchange(entry.held_rows, {})) {
      const std::string_view raw = std::string_view(held).substr(row.raw, row.raw_size);
      const Record* record = parser.parse_copy(raw, row.line);
      if (record == nullptr) throw std::logic_error("a record that was taken cannot be read again");
      if (Verdict verdict = append(entry, *record); verdict.rejected())
        refused.push_back({row, std::string(raw), verdict.reason()});
    }
  }
  for (const Refused& each : refused) rejects_->reject(each.row.line, each.raw, each.reason);
}

void PgLoad::dispatch() {
  create_held();
  pumped_at_ = 0;
  if (batch_.rows == 0 && !batch_.epoch) return;
  // A part stays empty when its first row was rejected.
  std::erase_if(batch_.parts, [](const Part& part) { return part.rows.empty(); });
  ++batch_number_;
  loader_.begin(std::exchange(batch_, {}));
}

void PgLoad::on_pause(bool) {
  loader_.pump();
  if (!epochs_ && batch_.rows + held_ > 0 && clock::now() - oldest_ >= settings_.flush_every) dispatch();
}

void PgLoad::wait(std::span<pollfd> also, WaitLimit limit) {
  if (!epochs_ && batch_.rows + held_ > 0) {
    const auto due = std::chrono::ceil<WaitLimit>(oldest_ + settings_.flush_every - clock::now());
    limit = limit < WaitLimit::zero() ? std::max(due, WaitLimit::zero()) : std::clamp(due, WaitLimit::zero(), limit);
  }
  std::vector<pollfd> descriptors(also.begin(), also.end());
  if (loader_.busy()) descriptors.push_back(loader_.descriptor());
  wait_for(descriptors, limit);
  for (std::size_t i = 0; i < also.size(); ++i) also[i].revents = descriptors[i].revents;
}

bool PgLoad::finish() {
  dispatch();
  loader_.settle();
  return true;
}

std::optional<std::uint64_t> PgLoad::take_over(const RunName& name) {
  epochs_ = true;
  begun_epoch_ = loader_.take_over(name.pipe, name.run,
                                   [this](std::span<const RejectLog::Refusal> refused) { rejects_->refuse(refused); });
  return begun_epoch_;
}

bool PgLoad::commit(std::uint64_t epoch) {
  if (begun_epoch_ != epoch) {
    begun_epoch_ = epoch;
    batch_.epoch = epoch;
    dispatch();
  }
  loader_.pump();
  return !loader_.busy();
}

std::string PgLoad::summary() const {
  return settings_.say_total ? fmt::format("{} rows loaded", loader_.loaded()) : std::string();
}

}  // namespace weir::pg_load
