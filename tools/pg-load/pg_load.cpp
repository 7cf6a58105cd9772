#include "pg_load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace weir::pg_load {
namespace {

/// How much is encoded before the batch under way is looked after again.
constexpr std::size_t pump_bytes = 64 * 1024;

TableTemplate table_of(const std::string& text) {
  try {
    return TableTemplate::parse(text);
  } catch (const std::invalid_argument& problem) {
    throw std::invalid_argument(fmt::format("--table: {}", problem.what()));
  }
}

TableGuess::Types types_of(const std::vector<std::string>& given) {
  TableGuess::Types types;
  for (const std::string& each : given) {
    const auto equals = each.rfind('=');
    if (equals == std::string::npos || equals == 0)
      throw std::invalid_argument(fmt::format("--type: '{}' is not FIELD=TYPE", each));
    const std::string type = each.substr(equals + 1);
    if (!is_type_expression(type))
      throw std::invalid_argument(fmt::format("--type: '{}' is not a type, such as bigint or varchar(40)", type));
    types.insert_or_assign(each.substr(0, equals), type);
  }
  return types;
}

}  // namespace

PgLoad::PgLoad(Settings settings)
    : settings_(std::move(settings)), table_(table_of(settings_.table)), types_(types_of(settings_.types)) {
  if (settings_.add_columns && settings_.ignore_extra)
    throw std::invalid_argument("--add-columns and --ignore-extra exclude each other");
  if (settings_.add_columns) extra_ = ExtraFields::add_columns;
  if (settings_.ignore_extra) extra_ = ExtraFields::ignore;
  const db::Target& target = settings_.server.target;
  if (!target.dsn.empty() && !target.service.empty())
    throw std::invalid_argument("--dsn and --service exclude each other");
  if (const auto problem = target.dsn.empty() ? std::nullopt : db::dsn_problem(target.dsn))
    throw std::invalid_argument("--dsn: " + *problem);
  fields_.read_members();
  table_.add_fields(fields_);
}

void PgLoad::start(SinkHost& host) {
  host_ = &host;
  server_.emplace(settings_, host);
  server_->session.set_stop({host.stop_descriptors(), [&host] { host.check_stop(); }});
  if (has_epochs() && host.pipeline()->continues) server_->session.expect_server();
  keeps_lines_ = host.keeps_rejects();
  server_->session.connect();
  if (!table_.is_fixed()) return;
  fixed_ = &add_entry(table_.fixed());
  if (fixed_->state == Entry::State::absent)
    throw std::runtime_error(fmt::format("there is no table {}; --create makes it", fixed_->table.name().text()));
}

/// The catalogue, when the batch under way is loaded.
Catalog& PgLoad::idle_catalog() {
  server_->loader.settle();
  return server_->catalog;
}

PgLoad::Entry& PgLoad::add_entry(const TableName& name) {
  auto entry = std::make_unique<Entry>(name, *this);
  Catalog& catalog = idle_catalog();
  if (auto columns = catalog.columns_of(name)) {
    entry->table.set_columns(std::move(*columns));
    catalog.need_unique_keys(name);
  } else {
    entry->state = settings_.create ? Entry::State::to_create : Entry::State::absent;
  }
  return *entries_.emplace(name.text(), std::move(entry)).first->second;
}

Verdict PgLoad::entry_of(const Record& record, Entry*& entry) {
  entry = fixed_;
  if (entry != nullptr) return Verdict::ok();
  if (Verdict verdict = table_.resolve(record, name_); verdict.rejected()) return verdict;
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
  const std::size_t rows = held_ + (has_epochs() ? 0 : batch_.rows);
  const std::size_t bytes = held_bytes_ + (has_epochs() ? 0 : batch_.bytes);
  if (rows >= settings_.batch || bytes >= settings_.batch_bytes) {
    if (has_epochs()) {
      create_held();
    } else {
      dispatch();
    }
  } else if (batch_.bytes >= pumped_at_ + pump_bytes) {
    pumped_at_ = batch_.bytes;
    server_->loader.pump();
  }
  return verdict;
}

Verdict PgLoad::take(Entry& entry, const Record& record) {
  return entry.state == Entry::State::to_create ? hold(entry, record) : append(entry, record);
}

Verdict PgLoad::hold(Entry& entry, const Record& record) {
  if (record.members().empty()) return Verdict::reject("the record has no fields");
  if (Verdict verdict = entry.guess.see(record, settings_.times); verdict.rejected()) return verdict;
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
  if (Verdict verdict = table.place(record, extra_, missing_); verdict.rejected()) return verdict;
  if (!missing_.empty()) {
    if (Verdict verdict = add_missing_columns(entry); verdict.rejected()) return verdict;
    if (Verdict verdict = table.place(record, extra_, missing_); verdict.rejected()) return verdict;
  }
  Part& part = part_of(entry);
  const std::size_t before = part.text.size();
  if (Verdict verdict = table.append_row(record, part, settings_.times); verdict.rejected()) return verdict;
  note_row();
  Row& row = part.rows.back();
  if (keeps_lines_) {
    row.raw = batch_.raw.size();
    row.raw_size = record.line().size();
    batch_.raw += record.line();
  }
  batch_.bytes += row.raw_size + part.text.size() - before;
  ++batch_.rows;
  return Verdict::ok();
}

/// Makes a column for each of `missing_`.
Verdict PgLoad::add_missing_columns(Entry& entry) {
  Catalog& catalog = idle_catalog();
  const TableName& name = entry.table.name();
  for (const Member* member : missing_) {
    const NewColumn column{std::string(member->key), entry.guess.type_for(*member, settings_.times)};
    if (const auto refusal = catalog.add_column(name, column)) return Verdict::reject(*refusal);
  }
  auto columns = catalog.columns_of(name);
  if (!columns) throw std::runtime_error(fmt::format("the table {} is gone", name.text()));
  entry.table.set_columns(std::move(*columns));
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
    Catalog& catalog = idle_catalog();
    catalog.create(name, entry.guess.columns(), entry.guess.has_time() ? settings_.time_field : "");
    auto columns = catalog.columns_of(name);
    if (!columns) throw std::runtime_error(fmt::format("the table {} was made and is gone", name.text()));
    entry.table.set_columns(std::move(*columns));
    catalog.need_unique_keys(name);
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
  for (const Refused& each : refused) host_->reject(each.row.line, each.raw, each.reason);
}

void PgLoad::dispatch() {
  create_held();
  pumped_at_ = 0;
  if (batch_.rows == 0 && !batch_.epoch) return;
  // A part stays empty when its first row was rejected.
  std::erase_if(batch_.parts, [](const Part& part) { return part.rows.empty(); });
  ++batch_number_;
  server_->loader.begin(std::exchange(batch_, {}));
}

void PgLoad::on_pause(InputFlow) {
  server_->loader.pump();
  if (!has_epochs() && batch_.rows + held_ > 0 && clock::now() - oldest_ >= settings_.flush_every) dispatch();
}

void PgLoad::wait(std::span<pollfd> also, WaitLimit limit) {
  if (!has_epochs() && batch_.rows + held_ > 0) {
    const auto due = std::chrono::ceil<WaitLimit>(oldest_ + settings_.flush_every - clock::now());
    limit = limit < WaitLimit::zero() ? std::max(due, WaitLimit::zero()) : std::clamp(due, WaitLimit::zero(), limit);
  }
  pollfd server = server_->loader.busy() ? server_->loader.descriptor() : pollfd{-1, 0, 0};
  wait_for({&server, 1}, also, limit);
}

bool PgLoad::finish() {
  dispatch();
  server_->loader.settle();
  return true;
}

std::uint64_t PgLoad::fence(const PipelineRun& run) {
  begun_epoch_ = server_->epoch_row.fence(run.pipe, run.run);
  return begun_epoch_;
}

bool PgLoad::commit(std::uint64_t epoch) {
  if (begun_epoch_ != epoch) {
    begun_epoch_ = epoch;
    batch_.epoch = epoch;
    dispatch();
  }
  server_->loader.pump();
  return !server_->loader.busy();
}

std::string PgLoad::summary() const {
  return settings_.report_total && server_ ? fmt::format("{} rows loaded", server_->loader.loaded()) : std::string();
}

}  // namespace weir::pg_load
