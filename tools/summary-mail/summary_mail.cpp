#include "summary_mail.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "record/value_checks.hpp"

namespace weir::summary_mail {
namespace {

/// The limit of a city name and a description in bytes, which bounds memory.
constexpr std::size_t longest_text = 200;

/// The interval at which a run checks whether another one has finished.
constexpr auto log_poll = std::chrono::milliseconds(100);

/// Texts go into headers and mails, so they must not have control characters.
bool has_control_character(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

/// Why a text cannot stand in a mail; empty where it can.
std::string text_problem(std::string_view text) {
  if (has_control_character(text)) return "holds a control character";
  return text.size() > longest_text ? fmt::format("is longer than {} bytes", longest_text) : std::string();
}

std::optional<std::chrono::year_month_day> fixed_date(const WhichDay& day) {
  return day.rule == WhichDay::Rule::date ? std::optional(day.date) : std::nullopt;
}

std::string date_text(std::chrono::year_month_day date) {
  return format_date(Time(std::chrono::sys_days(date)), Zone());
}

}  // namespace

SummaryMail::SummaryMail(Settings settings, std::vector<Subscriber> subscribers, World world, Log& log)
    : settings_(std::move(settings)),
      subscribers_(std::move(subscribers)),
      world_(std::move(world)),
      log_(log),
      time_(settings_.time, fields_),
      city_(fields_.add(settings_.fields.city)),
      temperature_(fields_.add(settings_.fields.temperature)),
      humidity_(fields_.add(settings_.fields.humidity)),
      pressure_(fields_.add(settings_.fields.pressure)),
      wind_(fields_.add(settings_.fields.wind)),
      weather_(fields_.add(settings_.fields.weather)),
      left_out_(settings_.strict),
      readings_(settings_.limits, fixed_date(settings_.editor.day)),
      editor_(std::in_place, settings_.editor, readings_) {}

std::vector<NamedField> SummaryMail::named_fields() const {
  const ReadingFields usual;
  const ReadingFields& fields = settings_.fields;
  std::vector<NamedField> named = fields.named();
  named.push_back({fields.city, "--by"});
  if (fields.pressure != usual.pressure) named.push_back({fields.pressure, "--pressure-field"});
  return named;
}

CountReport SummaryMail::counts() const {
  CountReport report;
  left_out_.add_to(report);
  return report;
}

/// Reads what is not the key: a value of the wrong type costs itself alone, unless nothing else is left.
Verdict SummaryMail::read_values(const Record& record, Reading& reading, std::string_view& description) {
  left_out_.begin();
  bool useful = false;
  for (const auto& [field, value] :
       {std::pair(temperature_, &reading.temperature_c), std::pair(humidity_, &reading.humidity),
        std::pair(pressure_, &reading.pressure), std::pair(wind_, &reading.wind_speed)}) {
    const Value& given = record[field];
    if (!given.present()) continue;
    const auto number = given.number();
    useful = useful || number;
    *value = number.value_or(unknown);
    if (!number) left_out_.note_wrong(fields_.path(field), given);
  }
  if (const Value& weather = record[weather_]; weather.present()) {
    const std::string problem = weather.kind == Kind::string ? text_problem(weather.text) : "is not a text";
    if (problem.empty())
      description = weather.text;
    else
      left_out_.note_wrong(fmt::format("{} {}", fields_.path(weather_), problem));
    useful = useful || problem.empty();
  }
  return left_out_.judge(useful);
}

Verdict SummaryMail::on_record(const Record& record) {
  Reading reading;
  if (Verdict verdict = time_.read(record, reading.time); verdict.rejected()) return verdict;
  const Value& city = record[city_];
  if (!city.present() || city.text.empty()) return Verdict::reject(fmt::format("{} is missing", fields_.path(city_)));
  if (city.kind != Kind::string && city.kind != Kind::number)
    return Verdict::reject(fmt::format("{} is not a name", fields_.path(city_)));
  if (const std::string problem = text_problem(city.text); !problem.empty())
    return Verdict::reject(fmt::format("{} {}", fields_.path(city_), problem));
  std::string_view description;
  if (Verdict verdict = read_values(record, reading, description); verdict.rejected()) return verdict;
  Verdict verdict = readings_.add(city.text, reading, description, world_.now());
  if (!verdict.rejected()) left_out_.accept(messages_);
  return verdict;
}

void SummaryMail::wait(std::span<pollfd> also, WaitLimit limit) {
  WaitLimit mine = limit;
  if (postman_ && postman_->left() > 0) {
    const auto until = std::chrono::ceil<WaitLimit>(postman_->next() - world_.steady());
    mine = std::max(WaitLimit(0), until);
  } else if (waiting_for_sent_log_) {
    mine = log_poll;
  }
  wait_for(also, limit == no_limit ? mine : std::min(limit, mine));
}

bool SummaryMail::begin() {
  if (settings_.editor.kind == MailKind::daily && readings_.cities().empty()) {  // no readings, no mails
    if (const auto latest = readings_.latest(); latest && !due_subscribers().empty())
      log_.warn(fmt::format("no mail: the latest reading is of {} (--date takes another day)", format_time(*latest)));
    return true;
  }
  recipients_ = due_subscribers();
  if (!settings_.sent_log.empty()) {
    sent_log_ =
        settings_.noting == Noting::write ? SentLog::open(settings_.sent_log) : SentLog::read(settings_.sent_log);
    if (!sent_log_) {
      if (!waiting_for_sent_log_) log_.info(fmt::format("waiting for another run that has {}", settings_.sent_log));
      waiting_for_sent_log_ = true;
      return false;
    }
    waiting_for_sent_log_ = false;
    std::erase_if(recipients_, [&](const Subscriber& each) {
      std::string date;
      return sent_log_->contains(note_of(each, date));
    });
  }
  make_postman();
  return true;
}

void SummaryMail::make_postman() {
  const auto seconds = [](Duration length) { return std::chrono::duration<double>(length).count(); };
  Postman::World world;
  world.send = [this](std::size_t mail) { return send(mail); };
  world.sent = [this](std::size_t mail) { on_sent(mail); };
  world.failed = [this](std::size_t mail, const std::string& why) {
    ++failed_;
    log_.error(fmt::format("{}: not sent: {}", recipients_[mail].email, why));
  };
  world.refused = [this](std::size_t mail, const std::string& why) { on_refused(mail, why); };
  world.all_failed = [this](std::size_t mails, const std::string& why) {
    failed_ += mails;
    log_.error(fmt::format("{} mails were not sent: {}", mails, why));
  };
  world.pausing = [this, seconds](std::optional<std::size_t> mail, const std::string& why, Duration length) {
    const std::string who = mail ? recipients_[*mail].email + ": " : "";
    log_.warn(fmt::format("{}{}; trying again in {:.1f} s", who, why, seconds(length)));
  };
  world.now = world_.steady;
  const auto seed = static_cast<std::uint64_t>(world_.steady().time_since_epoch().count());
  postman_.emplace(recipients_.size(), settings_.retries, std::move(world), seed);
}

std::optional<smtp::Delivery> SummaryMail::send(std::size_t mail) {
  const Subscriber& subscriber = recipients_[mail];
  const auto message = editor_->write(subscriber, now());
  if (!message) {
    const std::string date = date_text(editor_->day_for(subscriber, now()));
    log_.warn(fmt::format("{}: no mail, because none of the cities has a reading of {}", subscriber.email, date));
    return std::nullopt;
  }
  return world_.send(message->from.address, subscriber.email, smtp::compose(*message));
}

void SummaryMail::on_sent(std::size_t mail) {
  ++sent_;
  if (!sent_log_ || settings_.noting == Noting::look_up) return;
  std::string date;
  sent_log_->note(note_of(recipients_[mail], date), std::chrono::floor<std::chrono::seconds>(world_.now()));
}

void SummaryMail::on_refused(std::size_t mail, const std::string& why) {
  ++failed_;
  log_.error(fmt::format("{}: not sent: {}", recipients_[mail].email, why));
  // A failed status would start the pipeline again, and the server must not get the same requests again and again.
  std::string date;
  if (due_ && sent_log_) sent_log_->note_refused(note_of(recipients_[mail], date), why);
}

/// `date` owns the bytes of the note's date.
SentNote SummaryMail::note_of(const Subscriber& subscriber, std::string& date) const {
  date = date_text(editor_->day_for(subscriber, now()));
  return {date, name_of(settings_.editor.kind), subscriber.email};
}

bool SummaryMail::finish() {
  if (world_.stop()) {
    // Before all readings have come a summary would be wrong; after that another run can send the rest.
    if (!postman_ && !subscribers_.empty()) log_.info("stopped: no mail was sent");
    if (postman_ && postman_->left() > 0)
      log_.info(fmt::format("stopped: {} sent, {} not sent", sent_, postman_->left()));
    return true;
  }
  if (!postman_) {
    if (!begin()) return false;
    if (!postman_) return true;
  }
  if (postman_->step()) return false;
  if (postman_->stopped())
    log_.info(fmt::format("stopped: {} sent, {} not sent; of the last it is not known whether it arrived", sent_,
                          postman_->left()));
  return true;
}

void SummaryMail::start(SinkHost& host) {
  const PipelineRun* const run = host.pipeline();
  if (run != nullptr && settings_.sent_log.empty()) settings_.sent_log = run->folder + "/sent";
}

void DueMails::state(StateArchive& archive) {
  archive.value(now);
  archive.list(subscribers, [&](Subscriber& each) {
    std::string zone = each.zone.name();
    archive.values(each.email, each.name, each.cities, zone);
    if (archive.loading()) each.zone = Zone::find(zone).value_or(Zone());
  });
}

void SummaryMail::restored(LastEpoch last) {
  if (last == LastEpoch::carried_out) due_.reset();
}

bool SummaryMail::carry_out(std::uint64_t) {
  if (!due_) return true;
  if (!postman_ && !begin()) return false;
  if (postman_ && postman_->step()) return false;
  if (postman_ && postman_->stopped())
    throw std::runtime_error(
        fmt::format("stopped: {} sent, {} not sent; the next start sends them", sent_, postman_->left()));
  due_.reset();
  postman_.reset();
  sent_log_.reset();
  editor_.emplace(settings_.editor, readings_);
  return true;
}

}  // namespace weir::summary_mail
