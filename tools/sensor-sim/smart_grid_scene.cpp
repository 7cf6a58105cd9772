#include "smart_grid_scene.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "derived_seed.hpp"
#include "exact_math.hpp"
#include "record/object_writer.hpp"
#include "time/timestamp.hpp"

#include "no_contraction.hpp"

namespace weir::sensor_sim {
namespace {

using namespace std::chrono_literals;

// The purposes of hash(), one for each random quantity.
constexpr std::uint64_t draw_level = 1;
constexpr std::uint64_t draw_incident = 2;
constexpr std::uint64_t draw_dip = 3;
constexpr std::uint64_t draw_reading = 4;

constexpr std::uint64_t block = 1440;     // steps: six hours
constexpr std::uint64_t first_of = 240;   // steps without the beginning of an incident, in the first hour of a block
constexpr std::uint64_t last_of = 1080;   // the same for the last hour
constexpr std::uint64_t dip_slot = 16;    // steps
constexpr std::uint64_t dip_places = 14;  // a dip ends two steps before its slot, so dips never meet

/// A number in [0, 1) from the upper 53 bits.
double share_of(std::uint64_t bits) { return static_cast<double>(bits >> 11U) * 0x1p-53; }

/// A further random number, derived from one.
std::uint64_t again(std::uint64_t bits) { return Random(bits).next(); }

double course_of_day(Time time) {
  const double day = static_cast<double>(time.time_since_epoch() / 1s) / 86400;
  return 1 + 0.2 * sine_of_turns(day - 9.0 / 24) + 0.1 * sine_of_turns(2 * day - 0.5);
}

}  // namespace

SmartGridScene::SmartGridScene(std::uint64_t meters, std::uint64_t seed, PlantedLog* planted)
    : meters_(meters), seed_(derived_seed(seed, "grid")), log_(planted) {
  const int digits = static_cast<int>(std::max<std::size_t>(6, fmt::formatted_size("{}", meters)));
  levels_.reserve(meters);
  for (std::uint64_t i = 0; i < meters; ++i) {
    names_ += fmt::format("\",\"meter\":\"m{:0{}}\",\"kw\":", i + 1, digits);
    levels_.push_back(300 + 2700 * share_of(hash(draw_level, i, 0)));
  }
  name_size_ = meters > 0 ? names_.size() / meters : 0;
}

std::uint64_t SmartGridScene::hash(std::uint64_t what, std::uint64_t meter, std::uint64_t number) const {
  return Random(seed_ + what * 0xd6e8feb86659fd93U + meter * 0xa0761d6478bd642fU + number * 0xe7037ed1a0b428dbU).next();
}

/// The incident in the six-hour block of a step.
SmartGridScene::Incident SmartGridScene::incident(std::uint64_t meter, std::uint64_t step) const {
  const std::uint64_t number = step / block;
  const std::uint64_t draw = hash(draw_incident, meter, number);
  const std::uint64_t chance = draw % 100;
  if (chance >= 16) return {};
  const double length = share_of(draw);
  const std::uint64_t place = again(draw);
  const double depth = share_of(again(place));
  Incident made;
  made.first = number * block + first_of + place % (last_of - first_of);
  const auto until = [&made, length](double least, double most) {
    made.end = made.first + static_cast<std::uint64_t>(least + (most - least) * length);
  };
  if (chance < 2) {
    made.kind = Kind::theft;
    made.share = 0.1 + 0.25 * depth;
    until(120, 361);
  } else if (chance < 6) {
    made.kind = Kind::outage;
    made.share = 0;
    until(8, 161);
  } else {
    made.kind = Kind::surge;
    made.share = 2 + 0.5 * depth;
    until(20, 61);
  }
  return made;
}

/// The factor of a reading that is too low for 15 or 30 seconds, or 1.
double SmartGridScene::dip(std::uint64_t meter, std::uint64_t step) const {
  const std::uint64_t draw = hash(draw_dip, meter, step / dip_slot);
  if (draw % 128 != 0) return 1;
  const std::uint64_t place = (draw >> 7U) % dip_places;
  const std::uint64_t length = 1 + (draw >> 60U) % 2;
  const std::uint64_t at = step % dip_slot;
  return at >= place && at < place + length ? 0.1 + 0.2 * share_of(again(draw)) : 1;
}

void SmartGridScene::begin_step(Time time) {
  if (begun_ == 0) start_ = time;
  if (begun_ > 0) repeats_[now_ % steps_held].clear();
  now_ = begun_++;
  hold_step(now_, time);
  if (log_ != nullptr) write_planted();
}

void SmartGridScene::hold_step(std::uint64_t number, Time time) {
  Step& step = steps_[number % steps_held];
  step.opening = "{\"timestamp\":\"";
  append_time(step.opening, time);
  step.course = course_of_day(time);
}

void SmartGridScene::append(std::size_t record, std::string& out) {
  if (record >= meters_) {
    const Repeat repeat = repeats_[now_ % steps_held][record - meters_];
    const std::uint64_t step = now_ - repeat.ago;
    write(repeat.meter, step, hash(draw_reading, repeat.meter, step), out);
    return;
  }
  const std::uint64_t random = hash(draw_reading, record, now_);
  write(record, now_, random, out);
  if (random % 128 == 0) {
    const std::uint32_t ago = repeat_after[(random >> 7U) % repeat_after.size()];
    repeats_[(now_ + ago) % steps_held].push_back({static_cast<std::uint32_t>(record), ago});
  }
}

void SmartGridScene::write(std::uint64_t meter, std::uint64_t step, std::uint64_t random, std::string& out) const {
  const Incident now = incident(meter, step);
  const bool within = now.first <= step && step < now.end;
  const bool connected = !(within && now.kind == Kind::outage);
  const Step& held = steps_[step % steps_held];
  const double usual = levels_[meter] * held.course * (0.85 + 0.3 * share_of(random));
  const auto watts = static_cast<std::uint64_t>(std::llround(usual * (within ? now.share : 1) * dip(meter, step)));
  out += held.opening;
  out.append(names_, meter * name_size_, name_size_);
  append_number(out, watts / 1000);
  const auto digit = [watts](std::uint64_t unit) { return static_cast<char>('0' + watts / unit % 10); };
  const std::array<char, 4> decimals{'.', digit(100), digit(10), digit(1)};
  out.append(decimals.data(), decimals.size());
  out += connected ? ",\"connected\":true}\n" : ",\"connected\":false}\n";
}

void SmartGridScene::plan_block() {
  planted_.clear();
  for (std::uint64_t meter = 0; meter < meters_; ++meter)
    if (const Incident each = incident(meter, now_); each.kind != Kind::nothing)
      planted_.push_back({each.first, meter});
  std::sort(planted_.begin(), planted_.end(), [](const Planted& a, const Planted& b) {
    return a.first != b.first ? a.first > b.first : a.meter > b.meter;
  });
}

/// Writes the lines of incidents that begin with this step.
void SmartGridScene::write_planted() {
  if (now_ % block == 0) plan_block();
  std::string line;
  for (; !planted_.empty() && planted_.back().first == now_; planted_.pop_back()) {
    const std::uint64_t meter = planted_.back().meter;
    const Incident each = incident(meter, now_);
    const std::string_view kind = each.kind == Kind::theft ? "theft" : each.kind == Kind::outage ? "outage" : "surge";
    line = "{\"meter\":";
    line.append(names_, meter * name_size_ + 10, name_size_ - 16);
    fmt::format_to(std::back_inserter(line), ",\"kind\":\"{}\",\"start\":\"", kind);
    append_time(line, time_of(each.first));
    line += "\",\"end\":\"";
    append_time(line, time_of(each.end));
    fmt::format_to(std::back_inserter(line), "\",\"share\":{:.3f}}}\n", each.share);
    log_->write(line);
    planted_size_ += line.size();
  }
}

void SmartGridScene::state(StateArchive& archive, Time time) {
  if (archive.saving() && log_ != nullptr) log_->sync();
  archive.values(now_, planted_size_);
  for (auto& repeats : repeats_) archive.list(repeats);
  if (archive.saving()) return;
  begun_ = now_ + 1;
  start_ = time - static_cast<std::int64_t>(now_) * interval;
  for (std::uint64_t ago = 0; ago < steps_held && ago <= now_; ++ago) hold_step(now_ - ago, time_of(now_ - ago));
  if (log_ == nullptr) return;
  log_->go_on_at(planted_size_);
  plan_block();
  while (!planted_.empty() && planted_.back().first <= now_) planted_.pop_back();
}

}  // namespace weir::sensor_sim
