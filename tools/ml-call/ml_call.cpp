#include "ml_call.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "record/json_text.hpp"
#include "record/parser.hpp"
#include "record/value_checks.hpp"
#include "time/timestamp.hpp"

namespace weir::ml_call {
namespace {

std::vector<Input> read_inputs(const std::vector<std::string>& texts) {
  std::vector<Input> inputs;
  for (const std::string& text : texts) inputs.push_back(read_input(text));
  return inputs;
}

std::vector<std::string> names_of(const std::vector<Input>& inputs) {
  std::vector<std::string> names;
  for (const Input& each : inputs) names.push_back(each.name);
  return names;
}

ProtocolSettings with_batch(ProtocolSettings protocol, std::uint64_t batch) {
  protocol.list = protocol.list || batch > 1;
  return protocol;
}

}  // namespace

MlCall::MlCall(const Settings& settings)
    : settings_(settings),
      inputs_(read_inputs(settings.inputs)),
      by_(settings.by, fields_),
      codec_(with_batch(settings.protocol, settings.batch), names_of(inputs_)) {
  const bool needs_time = settings.every || settings.form == Form::prediction;
  if (needs_time) time_.emplace(settings.time, fields_);
  if (settings.every) {
    if (*settings.every <= Duration::zero()) throw std::invalid_argument("--every must be longer than 0s");
    gather_.emplace(*settings.every, settings.lateness, settings.clock, inputs_.size(), settings.max_keys);
    settings_.form = Form::prediction;
  } else if (!settings.parameter.empty()) {
    throw std::invalid_argument("--parameter goes with --every: a row is gathered from several records");
  }
  if (settings_.fallback) {
    FieldSet none;
    if (RecordParser(none, Checking::every_token).parse_copy("{\"x\":" + *settings_.fallback + '}', 1) == nullptr)
      throw std::invalid_argument("--fallback: '" + *settings_.fallback + "' is not JSON, such as null");
  }
  const bool wide = settings.parameter.empty();
  if (!wide) {
    parameter_ = fields_.add(settings.parameter);
    value_ = fields_.add(settings.value);
  }
  for (const Input& each : inputs_) ids_.push_back(wide ? fields_.add(each.field) : FieldId{});
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    const bool named = std::ranges::find(settings.require, inputs_[i].field) != settings.require.end();
    if (named || !inputs_[i].fallback) required_.push_back(i);
  }
  for (const std::string& field : settings.require)
    if (std::ranges::none_of(inputs_, [&](const Input& each) { return each.field == field; }))
      throw std::invalid_argument(fmt::format("--require: no --input is from '{}'", field));
  if (settings.local) order_ = order_of(*settings.local, inputs_);
  existing_ = fields_.add(settings_.name);
  if (settings_.form == Form::prediction)
    for (const std::string& name : by_.names())
      if (name == "timestamp" || name == "model" || name == "input" || name == settings_.name)
        throw std::invalid_argument(
            fmt::format("--by {}: a prediction has that member; '{} as NAME' helps", name, name));
}

void MlCall::start(Answers& answers) {
  answers_ = &answers;
  if (!settings_.local) caller_ = std::make_unique<Caller>(settings_.caller);
}

Verdict MlCall::on_record(const Record& record, Ticket ticket) {
  return gather_ ? gather(record, ticket) : take(record, ticket);
}

/// A record that has all inputs itself.
Verdict MlCall::take(const Record& record, Ticket ticket) {
  Job job;
  job.ticket = ticket;
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    const Value& value = record[ids_[i]];
    if (!value.present()) {
      const bool required = std::ranges::find(required_, i) != required_.end();
      if (required)
        return Verdict::reject(
            fmt::format("{} is {}{}", inputs_[i].field, value.kind == Kind::null ? "null" : "missing",
                        inputs_[i].fallback ? " (--require)" : "; a default is given by --input FIELD:-DEFAULT"));
      job.row.push_back(*inputs_[i].fallback);
      continue;
    }
    if ((settings_.local || settings_.protocol.protocol == Protocol::v2) && value.kind != Kind::number &&
        value.kind != Kind::boolean)
      return reject_number(inputs_[i].field, value);
    job.row.emplace_back(value.raw);
  }
  if (settings_.form == Form::merged) {
    job.line = record.line();
    const Value& existing = record[existing_];
    if (existing.kind != Kind::missing) {
      job.at = static_cast<std::size_t>(existing.raw.data() - record.line().data());
      job.length = existing.raw.size();
    }
  } else {
    Time time;
    std::string_view key;
    if (Verdict verdict = time_->read(record, time); verdict.rejected()) return verdict;
    if (Verdict verdict = by_.read(record, key); verdict.rejected()) return verdict;
    job.line = R"({"timestamp":")" + format_time(time) + '"';
    by_.append_members(job.line, key);
  }
  open_[static_cast<std::uint64_t>(ticket)] = {1, {}, std::vector<std::string>(1)};
  add(std::move(job));
  return Verdict::ok();
}

/// A record with some of the inputs of its key and interval. It leaves no line of its own.
Verdict MlCall::gather(const Record& record, Ticket ticket) {
  Time time;
  std::string_view key;
  if (Verdict verdict = time_->read(record, time); verdict.rejected()) return verdict;
  if (Verdict verdict = by_.read(record, key); verdict.rejected()) return verdict;
  std::vector<std::pair<std::size_t, const Value*>> values;
  if (settings_.parameter.empty()) {
    for (std::size_t i = 0; i < ids_.size(); ++i)
      if (const Value& value = record[ids_[i]]; value.present()) values.emplace_back(i, &value);
  } else if (record[parameter_].kind == Kind::string && record[value_].present()) {
    for (std::size_t i = 0; i < inputs_.size(); ++i)
      if (inputs_[i].field == record[parameter_].text) values.emplace_back(i, &record[value_]);
  }
  for (const auto& [input, value] : values)
    if (value->kind != Kind::number && value->kind != Kind::boolean) return reject_number(inputs_[input].field, *value);
  for (const auto& [input, value] : values) {
    switch (gather_->take(time, key, input, value->raw)) {
      case Gather::Taken::yes:
        break;
      case Gather::Taken::late:
        return Verdict::reject(
            fmt::format("late: its interval is over, as it is {} by now (--lateness)", format_time(gather_->now(key))));
      case Gather::Taken::no_room:
        return Verdict::reject("no room for a further key (--max-keys)");
    }
  }
  gather_->observe(time, key);
  if (values.empty()) ++other_;
  if (!close(ticket, false)) answers_->answer(ticket, {});
  return Verdict::ok();
}

bool MlCall::on_watermark(Time time, Ticket ticket) {
  if (!gather_) return false;
  gather_->advance(time);
  return close(ticket, false);
}

bool MlCall::on_end(Ticket ticket) { return gather_ && close(ticket, true); }

/// Asks for the intervals that are over; their predictions become the ticket's answer. Returns false without any.
bool MlCall::close(Ticket ticket, bool all) {
  std::vector<Job> jobs;
  while (auto closed = gather_->next(all)) {
    Job job;
    job.ticket = ticket;
    job.part = jobs.size();
    job.line = R"({"timestamp":")" + format_time(closed->end) + '"';
    by_.append_members(job.line, closed->key);
    std::string missing;
    for (const std::size_t i : required_)
      if (closed->values[i].empty()) missing += (missing.empty() ? "" : ", ") + inputs_[i].field;
    if (!missing.empty()) {
      if (++incomplete_ == 1) answers_->note(ticket, {fmt::format("no request for {}}}: no {}", job.line, missing)});
      continue;
    }
    for (std::size_t i = 0; i < inputs_.size(); ++i)
      job.row.push_back(closed->values[i].empty() ? *inputs_[i].fallback : std::move(closed->values[i]));
    jobs.push_back(std::move(job));
  }
  if (jobs.empty()) return false;
  open_[static_cast<std::uint64_t>(ticket)] = {jobs.size(), {}, std::vector<std::string>(jobs.size())};
  for (Job& job : jobs) add(std::move(job));
  return true;
}

void MlCall::add(Job job) {
  filling_.push_back(std::move(job));
  if (filling_.size() >= settings_.batch) send(std::exchange(filling_, {}));
}

void MlCall::send(Batch batch, Tries tries) {
  if (settings_.local) return predict(std::move(batch));
  std::vector<const Row*> rows;
  for (const Job& job : batch) rows.push_back(&job.row);
  const std::uint64_t id = ++last_id_;
  caller_->send(id, codec_.request_of(rows), tries);
  sent_.emplace(id, std::move(batch));
}

void MlCall::wait(std::span<pollfd> also, WaitLimit limit) {
  if (!filling_.empty()) send(std::exchange(filling_, {}));  // nothing more comes for now
  if (settings_.local) return wait_for(also, limit);
  done_.clear();
  caller_->perform(done_);
  if (done_.empty() && limit != WaitLimit::zero()) {
    caller_->wait(also, limit);
    caller_->perform(done_);
  } else {
    wait_for(also, WaitLimit::zero());
  }
  for (const Answered& each : std::exchange(done_, {})) give(each);
}

void MlCall::give(const Answered& answered) {
  auto node = sent_.extract(answered.id);
  Batch batch = std::move(node.mapped());
  std::string reason = answered.reason;
  bool may_be_a_row = answered.may_be_a_row;
  if (reason.empty()) {
    try {
      const std::vector<std::string> predictions = codec_.read(answered.body, batch.size());
      for (std::size_t i = 0; i < batch.size(); ++i) answer(batch[i], predictions[i], {});
      return;
    } catch (const BadAnswer& bad) {
      reason = bad.what();
      may_be_a_row = true;
    }
  }
  if (!may_be_a_row || batch.size() == 1) return fail(std::move(batch), reason);
  // One row may spoil the others: each half by itself, and once where waiting did not help.
  const Tries tries = answered.retried ? Tries::one : Tries::all;
  const auto middle = batch.begin() + static_cast<std::ptrdiff_t>(batch.size() / 2);
  Batch second(std::make_move_iterator(middle), std::make_move_iterator(batch.end()));
  batch.erase(middle, batch.end());
  send(std::move(batch), tries);
  send(std::move(second), tries);
}

void MlCall::fail(Batch batch, const std::string& reason) {
  for (Job& job : batch) {
    if (settings_.fallback) {
      if (++failed_ == 1) answers_->note(job.ticket, {"no prediction: " + reason + ": the fallback stands for it"});
      answer(job, *settings_.fallback, reason);
    } else if (gather_) {
      if (++lost_ == 1)
        answers_->note(job.ticket, {fmt::format("no prediction for {}}}: {}", job.line, reason), Weight::lost});
      part(job, {});
    } else {
      open_.erase(static_cast<std::uint64_t>(job.ticket));
      answers_->reject(job.ticket, "no prediction: " + reason);
    }
  }
}

/// Makes the line of a prediction.
void MlCall::answer(Job& job, std::string_view prediction, std::string_view error) {
  std::string lines;
  std::string error_text;
  if (!error.empty()) append_json_string(error_text, error);
  if (settings_.form == Form::merged) {
    splicer_.begin(std::string_view(job.line));
    Value existing;
    if (job.length > 0) {
      existing.kind = Kind::string;
      existing.raw = std::string_view(job.line).substr(job.at, job.length);
    }
    splicer_.set(existing, FieldSet::plain_name(settings_.name), prediction);
    if (!error.empty()) splicer_.set({}, FieldSet::plain_name(settings_.name) + "_error", error_text);
    splicer_.write(lines);
  } else {
    lines = job.line;
    if (!settings_.model.empty()) {
      lines += ",\"model\":";
      append_json_string(lines, settings_.model);
    }
    const auto add_member = [&](const std::string& name, std::string_view token) {
      lines += ',';
      append_json_string(lines, name);
      lines += ':';
      lines += token;
    };
    add_member(settings_.name, prediction);
    if (!error.empty()) add_member(settings_.name + "_error", error_text);
    add_member("input", codec_.object_of(job.row));
    lines += "}\n";
  }
  part(job, std::move(lines));
}

/// One of the lines that a ticket waits for.
void MlCall::part(const Job& job, std::string lines) {
  const auto found = open_.find(static_cast<std::uint64_t>(job.ticket));
  Open& open = found->second;
  open.parts[job.part] = std::move(lines);
  if (--open.left > 0) return;
  for (const std::string& each : open.parts) open.lines += each;
  answers_->answer(job.ticket, open.lines);
  open_.erase(found);
}

void MlCall::state(StateArchive& archive) {
  archive.values(failed_, lost_, incomplete_, other_);
  if (gather_) archive.value(*gather_);
}

std::vector<NamedField> MlCall::named_fields() const {
  std::vector<NamedField> named = named_fields_of("--by", settings_.by);
  if (!settings_.parameter.empty()) {
    named.push_back({settings_.parameter, "--parameter"});
    named.push_back({settings_.value, "--value"});
  } else {
    for (const Input& each : inputs_) named.push_back({each.field, "--input"});
  }
  return named;
}

CountReport MlCall::counts() const {
  CountReport report;
  report.add(failed_, "prediction", "replaced by the fallback")
      .add(lost_, "prediction", "lost", Weight::lost)
      .add(incomplete_, "interval", "without all inputs")
      .add(other_, "record", "without an input of the model", Weight::work);
  return report;
}

}  // namespace weir::ml_call
