#include "sliders.hpp"

#include <fmt/format.h>

#include <cmath>
#include <stdexcept>

#include "record/json_text.hpp"
#include "record/number.hpp"

namespace weir::dash_serve {
namespace {

/// Takes the text up to `end`, and `end` itself, from the front.
std::string_view cut(std::string_view& text, std::string_view end, const char* missing) {
  const auto at = text.find(end);
  if (at == std::string_view::npos) throw std::invalid_argument(missing);
  const std::string_view part = text.substr(0, at);
  text.remove_prefix(at + end.size());
  return part;
}

double number_of(std::string_view text) {
  const auto number = parse_json_number(text);
  if (!number) throw std::invalid_argument(fmt::format("'{}' is not a number", text));
  return *number;
}

std::string text_of(double value) {
  std::string out;
  append_number(out, value);
  return out;
}

}  // namespace

Slider parse_slider(std::string_view text) {
  Slider made;
  made.name = cut(text, "=", "expected NAME=LEAST..MOST:VALUE LABEL");
  if (made.name.empty()) throw std::invalid_argument("the name is missing");
  made.least = number_of(cut(text, "..", "LEAST..MOST is missing"));
  std::string_view most = cut(text, ":", ":VALUE is missing, the first value");
  if (const auto slash = most.find('/'); slash != std::string_view::npos) {
    made.step = number_of(most.substr(slash + 1));
    most = most.substr(0, slash);
  }
  made.most = number_of(most);
  const auto blank = text.find(' ');
  made.value = number_of(text.substr(0, blank));
  made.label = blank == std::string_view::npos ? made.name : std::string(text.substr(blank + 1));
  if (!is_utf8(made.label) || !is_utf8(made.name)) throw std::invalid_argument("the name or label is not UTF-8");
  if (!(made.least < made.most) || !(made.step > 0) || made.value < made.least || made.value > made.most)
    throw std::invalid_argument("it needs least <= value <= most and a step above 0");
  return made;
}

Sliders::Sliders(Settings settings, Log& log) : settings_(std::move(settings)), by_caller_(2, 10), runner_(log) {}

std::string Sliders::json() const {
  std::string out = "[";
  for (const Slider& each : settings_.sliders) {
    if (out.size() > 1) out += ',';
    out += "{\"name\":";
    append_json_string(out, each.name);
    out += ",\"label\":";
    append_json_string(out, each.label);
    out += fmt::format(",\"least\":{},\"most\":{},\"step\":{},\"value\":{}}}", text_of(each.least), text_of(each.most),
                       text_of(each.step), text_of(each.value));
  }
  return out + ']';
}

web::Response Sliders::set(const web::Request& request, double now_s) {
  const auto form = web::parse_form(request.body);
  const auto name = form ? web::find(*form, "name") : std::nullopt;
  const double value = form ? parse_json_number(web::find(*form, "value").value_or("")).value_or(NAN) : NAN;
  for (Slider& each : settings_.sliders) {
    if (!name || each.name != *name || !(value >= each.least && value <= each.most)) continue;
    if (!by_caller_.allow(request.remote, now_s)) return {.status = 429, .body = "Too many at once.\n"};
    // A value between two steps cannot come from our page.
    const double stepped = each.least + std::round((value - each.least) / each.step) * each.step;
    each.value = std::min(stepped, each.most);
    std::vector<std::string> arguments = settings_.command;
    for (std::string& argument : arguments)
      argument = fill_in(argument, {{"name", each.name}, {"value", text_of(each.value)}});
    if (!arguments.empty() && !runner_.run(std::move(arguments), "")) return {.status = 503, .body = "Busy.\n"};
    return {.body = text_of(each.value) + "\n"};
  }
  return {.status = 400, .body = "There is no such slider, or it has no such value.\n"};
}

}  // namespace weir::dash_serve
