#include "record/senml.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "record/decimal.hpp"
#include "record/foreign_json.hpp"
#include "record/object_writer.hpp"
#include "time/timestamp.hpp"

namespace weir {
namespace {

constexpr double known_version = 10;            // RFC 8428, 4.4
constexpr double first_absolute = 268'435'456;  // 2^28: smaller times count from now (4.5.3)

/// What stands for NaN and infinity while an element is read: no member's value in SenML.
constexpr const char* not_finite = "[\"not finite\"]";

bool is_finite(const Value& value) { return value.raw != not_finite; }

FieldSet with_members() {
  FieldSet fields;
  fields.read_members();
  return fields;
}

/// Names begin with a letter or digit, and hold letters, digits and -:./_ (4.5.1).
bool is_name(std::string_view name) {
  const auto alphanumeric = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  return !name.empty() && alphanumeric(name.front()) && std::all_of(name.begin(), name.end(), [&](char c) {
    return alphanumeric(c) || std::string_view("-:./_").find(c) != std::string_view::npos;
  });
}

std::string sum_of(std::string_view base, const Value& value) {
  if (base.empty()) return std::string(value.raw);
  DecimalSum sum;
  sum.add(base);
  if (value.present()) sum.add(value.raw);
  std::string digits;
  sum.append_to(digits);
  return digits;
}

/// A time of a pack: seconds since 1970, or from `received` where they are few.
std::optional<Time> time_of(const std::string& base, const Value& value, Time received) {
  const std::string digits = base.empty() && !value.present() ? "0" : sum_of(base, value);
  double seconds = 0;
  if (!parse_json_number(digits, seconds)) return std::nullopt;
  if (seconds >= first_absolute) return TimeParser().parse_epoch(digits);
  constexpr double longest = 9e9;
  if (!(std::abs(seconds) <= longest)) return std::nullopt;
  return received + std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
}

}  // namespace

SenmlReader::SenmlReader(std::uint64_t most)
    : most_(most),
      fields_(with_members()),
      bn_(fields_.add("bn")),
      bt_(fields_.add("bt")),
      bu_(fields_.add("bu")),
      bv_(fields_.add("bv")),
      bs_(fields_.add("bs")),
      bver_(fields_.add("bver")),
      n_(fields_.add("n")),
      u_(fields_.add("u")),
      v_(fields_.add("v")),
      vs_(fields_.add("vs")),
      vb_(fields_.add("vb")),
      vd_(fields_.add("vd")),
      s_(fields_.add("s")),
      t_(fields_.add("t")),
      ut_(fields_.add("ut")),
      parser_(fields_, Checking::every_token),
      array_parser_(FieldSet()) {}

bool SenmlReader::read(std::string_view pack, Time received, const OnRecord& each) {
  base_ = {};
  number_ = 0;
  results_.clear();
  reason_.clear();
  bool understood = true;
  const bool is_array = array_parser_.each_element(pack, [&](const Value& element) {
    understood = take(element.raw, received);
    return understood;
  });
  if (!understood) return false;
  if (!is_array) {
    reason_ = array_parser_.reason();
    return false;
  }
  for (const Result& result : results_) each(result.number, result.element, result.line, result.reason);
  return true;
}

/// The record of an element, nullptr where it is none. In place of NaN and infinity it has `not_finite`.
const Record* SenmlReader::parse(std::string_view element) {
  const Record* const record = parser_.parse_copy(element, 1);
  if (record != nullptr) return record;
  const std::string reason = parser_.reason();
  repaired_.clear();
  if (append_without_nan(repaired_, element, not_finite))
    if (const Record* const repaired = parser_.parse_copy(repaired_, 1)) return repaired;
  reason_ = reason;
  return nullptr;
}

/// False where the whole pack must be refused.
bool SenmlReader::take(std::string_view element, Time received) {
  if (++number_ > most_) {
    reason_ = too_many_records;
    return false;
  }
  const Record* record = parse(element);
  if (record == nullptr) {
    // What has no members changes no base value; of anything else that cannot be read that is not known.
    if (reason_ != not_an_object) return false;
    results_.push_back({number_, std::string(element), {}, std::exchange(reason_, {})});
    return true;
  }
  for (const Member& member : record->members())
    if (member.key.ends_with('_')) {
      reason_ = "the member " + std::string(member.key) + " must be understood, and is not known here";
      return false;
    }
  const auto keep = [&](FieldId field, std::string& base) {
    if ((*record)[field].present()) base = (*record)[field].text;
  };
  double version = known_version;
  if ((*record)[bver_].present() && (!(*record)[bver_].read(version) || version > known_version)) {
    reason_ = "the pack's version is " + std::string((*record)[bver_].raw) + ", and up to 10 is known";
    return false;
  }
  // Without a base value nothing that follows could be trusted.
  const auto is_number = [&](FieldId field) {
    double value = 0;
    return !(*record)[field].present() || (*record)[field].read(value);
  };
  for (const FieldId base : {bt_, bv_, bs_})
    if (!is_number(base)) {
      reason_ = fields_.path(base) + " is not a number";
      return false;
    }
  for (const FieldId base : {bn_, bu_})
    if ((*record)[base].present() && (*record)[base].kind != Kind::string) {
      reason_ = fields_.path(base) + " is not a string";
      return false;
    }
  keep(bn_, base_.name);
  keep(bu_, base_.unit);
  keep(bt_, base_.time);
  keep(bv_, base_.value);
  keep(bs_, base_.sum);
  for (const FieldId number : {v_, s_, t_, ut_})
    if (!is_number(number) && (is_finite((*record)[number]) || (number != v_ && number != s_))) {
      results_.push_back({number_, std::string(element), {}, fields_.path(number) + " is not a number"});
      return true;
    }
  Result result{.number = number_, .element = std::string(element)};
  result.reason = resolve(*record, received, result.line);
  if (!result.reason.empty() || !result.line.empty()) results_.push_back(std::move(result));
  return true;
}

/// Appends the record's line; of an element with base values alone there is none. Returns the reason for a reject.
std::string SenmlReader::resolve(const Record& record, Time received, std::string& line) {
  const bool number = record[v_].present();
  const bool sum = record[s_].present();
  const int values = int{number} + int{record[vs_].present()} + int{record[vb_].present()} + int{record[vd_].present()};
  if (values > 1) return "there is more than one of v, vs, vb and vd";
  if (values == 0 && !sum) return record[n_].present() ? "there is no value" : "";
  for (const FieldId text : {n_, u_})
    if (record[text].present() && record[text].kind != Kind::string) return fields_.path(text) + " is not a string";
  const std::string name = base_.name + std::string(record[n_].text);
  if (!is_name(name)) return name.empty() ? "there is no name" : "'" + name + "' is not a SenML name";
  const auto time = time_of(base_.time, record[t_], received);
  if (!time) return "the time is out of range";
  if (record[vs_].present() && record[vs_].kind != Kind::string) return "vs is not a string";
  if (record[vb_].present() && record[vb_].kind != Kind::boolean) return "vb is not true or false";
  if (record[vd_].present() && record[vd_].kind != Kind::string) return "vd is not a string";
  const auto added = [](const std::string& base, const Value& value) {
    return is_finite(value) ? sum_of(base, value) : "NaN";
  };
  const std::string value = number ? added(base_.value, record[v_]) : "";
  const std::string total = sum ? added(base_.sum, record[s_]) : "";
  if (value == "null" || total == "null") return "the value is out of range";
  ObjectWriter writer(line);
  writer.time("timestamp", *time).string("name", name);
  const std::string_view unit = record[u_].present() ? record[u_].text : std::string_view(base_.unit);
  if (!unit.empty()) writer.string("unit", unit);
  if (number) writer.raw("value", value);
  if (record[vs_].present()) writer.raw("value", record[vs_].raw);
  if (record[vb_].present()) writer.raw("value", record[vb_].raw);
  if (record[vd_].present()) writer.raw("data", record[vd_].raw);
  if (sum) writer.raw("sum", total);
  if (record[ut_].present()) writer.raw("update_time", record[ut_].raw);
  writer.end();
  line.pop_back();
  return {};
}

}  // namespace weir
