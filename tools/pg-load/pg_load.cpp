#include "pg_load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace weir::pg_load {
namespace {

TableTemplate table_of(const std::string& text) {
  try {
    return TableTemplate::parse(text);
  } catch (const std::invalid_argument& problem) {
    throw std::invalid_argument(fmt::format("--table: {}", problem.what()));
  }
}

std::map<std::string, std::string, std::less<>> types_of(const std::vector<std::string>& given) {
  std::map<std::string, std::string, std::less<>> types;
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
  if (!settings_.upsert.newest.empty() && settings_.upsert.keys.empty())
    throw std::invalid_argument("--newest needs --upsert");
  conversion_ = {settings_.times, settings_.round ? Inexact::rounded : Inexact::rejected};
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

std::vector<NamedField> PgLoad::named_fields() const {
  std::vector<NamedField> named;
  for (const std::string& path : table_.paths()) named.push_back({path, "--table"});
  for (const std::string& key : settings_.upsert.keys) named.push_back({key, "--upsert"});
  if (!settings_.upsert.newest.empty()) named.push_back({settings_.upsert.newest, "--newest"});
  for (const auto& [field, type] : types_) named.push_back({field, "--type"});
  for (const std::string& field : settings_.hypertable.compress_by) named.push_back({field, "--compress-by"});
  return named;
}

void PgLoad::start(SinkHost& host) {
  BatchTransactionSink::start(host);
  server_.emplace(settings_, host);
  server_->session.set_stop({host.stop_descriptors(), [&host] { host.check_stop(); }});
  if (has_epochs() && host.pipeline()->continues) server_->session.expect_server();
  server_->session.connect();
  server_->hypertables.find_extension(server_->session);
  if (settings_.hypertable.on) settings_.upsert.time = settings_.time_field;
  growth_.emplace(Growth::Settings{settings_.time_field, types_, settings_.max_columns}, server_->loader,
                  server_->catalog);
  if (!table_.is_fixed()) return;
  fixed_ = &add_entry(table_.fixed());
  if (fixed_->state == Entry::State::unusable) throw std::runtime_error(fixed_->problem);
}

Entry& PgLoad::add_entry(const TableName& name) {
  const Naming naming = table_.is_fixed() ? Naming::option : Naming::record;
  auto entry = std::make_unique<Entry>(Table(name, settings_.upsert, naming));
  if (auto problem = look_up(*entry)) {
    entry->state = Entry::State::unusable;
    entry->problem = std::move(*problem);
  }
  return *entries_.emplace(name.text(), std::move(entry)).first->second;
}

/// Finds out about a table. Returns why it cannot be loaded, or nothing.
std::optional<std::string> PgLoad::look_up(Entry& entry) {
  server_->loader.settle();
  const TableName& name = entry.table.name();
  if (name.relation == epoch_table) return fmt::format("{} is a table of pg-load's own", name.text());
  FoundTable found = server_->catalog.find(name);
  if (!found.problem.empty()) return found.problem;
  entry.extra = extra_;
  if (!found.columns) {
    if (!settings_.create) return fmt::format("there is no table {}; --create makes it", name.text());
    entry.state = Entry::State::to_make;
    entry.extra = ExtraFields::add_columns;
    return std::nullopt;
  }
  if (auto problem = entry.table.problem_with(*found.columns)) return problem;
  entry.table.set_columns(std::move(*found.columns));
  if (auto problem = server_->catalog.key_problem(name)) return problem;
  if (!settings_.create || !found.is_own) return std::nullopt;
  if (extra_ == ExtraFields::reject) entry.extra = ExtraFields::add_columns;
  if (auto refusal = server_->catalog.make_hypertable(name)) return refusal;
  return growth_->apply_types(entry);
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
  return entry->state == Entry::State::unusable ? Verdict::reject(entry->problem) : Verdict::ok();
}

/// Whether the row's window was final before the state was lost. It may have been made of a part of its records now.
bool PgLoad::was_final(const Record& record) {
  const Value& start = record[window_start_];
  Time time{};
  return start.kind == Kind::string && settings_.times.parse(start.text, time) &&
         time < *host_->pipeline()->final_until;
}

Verdict PgLoad::on_record(const Record& record) {
  if (has_epochs() && host_->pipeline()->final_until && was_final(record)) {
    ++were_final_;
    return Verdict::ok();
  }
  Entry* entry = nullptr;
  if (Verdict verdict = entry_of(record, entry); verdict.rejected()) return verdict;
  Verdict verdict = append(*entry, record);
  if (!has_epochs() && is_full()) {
    dispatch();
  } else {
    pump_at(batch_.bytes);
  }
  return verdict;
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

/// Finds the columns of a record, and makes those that it needs.
Verdict PgLoad::place(Entry& entry, const Record& record) {
  if (Verdict verdict = entry.table.place(record, entry.extra, missing_); verdict.rejected()) return verdict;
  if (missing_.empty()) return Verdict::ok();
  if (Verdict verdict = growth_->add_columns(entry, record, missing_, conversion_); verdict.rejected()) return verdict;
  Verdict verdict = entry.table.place(record, entry.extra, missing_);
  if (verdict.rejected() || missing_.empty()) return verdict;
  return Verdict::reject(fmt::format("{} has no column {}", entry.table.name().text(), missing_.front()->key));
}

/// Appends the row of a record to the batch, once its columns are wide enough.
Verdict PgLoad::append_row(Entry& entry, const Record& record) {
  std::optional<Misfit> misfit;
  std::optional<Misfit> before;
  for (;;) {
    if (Verdict verdict = place(entry, record); verdict.rejected()) return verdict;
    Verdict verdict = entry.table.append_row(record, part_of(entry), conversion_, misfit);
    if (verdict.rejected() || !misfit) return verdict;
    if (misfit == before) return Verdict::reject(fmt::format("{} does not get wide enough", misfit->column));
    before = misfit;
    if (verdict = growth_->widen(entry, *misfit); verdict.rejected()) return verdict;
  }
}

Verdict PgLoad::append(Entry& entry, const Record& record) {
  if (Verdict verdict = append_row(entry, record); verdict.rejected()) return verdict;
  if (batch_.rows == 0) oldest_ = clock::now();
  if (entry.state == Entry::State::to_make && std::find(to_make_.begin(), to_make_.end(), &entry) == to_make_.end())
    to_make_.push_back(&entry);
  Part& part = batch_.parts[entry.part];
  Row& row = part.rows.back();
  keep_line(row, record);
  batch_.bytes += row.raw_size + part.text.size() - row.text;
  ++batch_.rows;
  return Verdict::ok();
}

/// Makes the tables that the batch has rows for.
void PgLoad::make_tables() {
  for (Entry* const entry : std::exchange(to_make_, {})) growth_->make(*entry, batch_);
}

void PgLoad::dispatch() {
  make_tables();
  if (batch_.rows == 0 && batch_.refused.empty() && !batch_.epoch) return;
  // A part stays empty when its first row was rejected.
  std::erase_if(batch_.parts, [](const Part& part) { return part.rows.empty(); });
  ++batch_number_;
  begin_batch();
}

void PgLoad::on_pause(InputFlow) {
  server_->loader.pump();
  if (!has_epochs() && batch_.rows > 0 && clock::now() - oldest_ >= settings_.flush_every) dispatch();
}

void PgLoad::wait(std::span<pollfd> also, WaitLimit limit) {
  if (!has_epochs() && batch_.rows > 0) {
    const auto due = std::chrono::ceil<WaitLimit>(oldest_ + settings_.flush_every - clock::now());
    limit = limit < WaitLimit::zero() ? std::max(due, WaitLimit::zero()) : std::clamp(due, WaitLimit::zero(), limit);
  }
  wait_for_server(also, limit);
}

std::uint64_t PgLoad::fence(const PipelineRun& run) { return server_->epoch_row.fence(run.pipe, run.run); }

std::optional<PgLoad::Rebuild> PgLoad::rebuild() {
  if (settings_.upsert.keys.empty()) return std::nullopt;
  return Rebuild{server_->epoch_row.watermark()};
}

CountReport PgLoad::counts() const {
  CountReport report;
  report.add(were_final_, "row", "left out, whose window was final before the state was lost");
  return report;
}

std::string PgLoad::summary() const {
  return settings_.report_total && server_ ? fmt::format("{} rows loaded", server_->loader.loaded()) : std::string();
}

}  // namespace weir::pg_load
