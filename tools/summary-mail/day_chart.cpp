#include "day_chart.hpp"

#include <cairo.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <numbers>
#include <stdexcept>

#include "mail_text.hpp"

#ifdef __SANITIZE_ADDRESS__
/// fontconfig keeps some 600 bytes for the life of the process; the leak checker must not report them.
extern "C" const char* __lsan_default_suppressions() { return "leak:libfontconfig"; }
extern "C" const char* __lsan_default_options() { return "print_suppressions=0"; }
#endif

namespace weir::summary_mail {
namespace {

constexpr double width = 544;  // size on the page; drawn larger for fine screens
constexpr double height = 136;
constexpr double scale = 1.5;
constexpr double left = 40;
constexpr double right = 12;
constexpr double top = 18;
constexpr double bottom = 22;
constexpr double longest_gap_hours = 3;

struct Color {
  double red, green, blue, alpha;
};
constexpr Color paper{1, 1, 1, 1};
constexpr Color band{0.07, 0.45, 0.70, 0.09};
constexpr Color grid{0.10, 0.16, 0.22, 0.14};
constexpr Color text_color{0.36, 0.42, 0.47, 1};
constexpr Color ink{0.11, 0.16, 0.21, 1};
constexpr Color line{0.85, 0.34, 0.10, 1};
constexpr Color fill{0.85, 0.34, 0.10, 0.12};

/// Cairo's drawing context, with the shapes of the chart.
class Canvas {
 public:
  Canvas()
      : surface_(cairo_image_surface_create(CAIRO_FORMAT_RGB24, static_cast<int>(width * scale),
                                            static_cast<int>(height * scale))),
        cairo_(cairo_create(surface_.get())) {
    cairo_scale(cairo_.get(), scale, scale);
    cairo_select_font_face(cairo_.get(), "sans-serif", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
    // Grey antialiasing instead of subpixels: right on every screen, and the file is a third smaller.
    cairo_font_options_t* const options = cairo_font_options_create();
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    cairo_set_font_options(cairo_.get(), options);
    cairo_font_options_destroy(options);
    use(paper);
    cairo_paint(cairo_.get());
  }

  cairo_t* get() const { return cairo_.get(); }

  void use(const Color& color) const {
    cairo_set_source_rgba(cairo_.get(), color.red, color.green, color.blue, color.alpha);
  }

  void rectangle(double x, double y, double w, double h, const Color& color) const {
    use(color);
    cairo_rectangle(cairo_.get(), x, y, w, h);
    cairo_fill(cairo_.get());
  }

  /// `anchor` 0 writes to the right of x, 0.5 around it, 1 to its left.
  void text(double x, double y, double anchor, double size, const Color& color, const std::string& what) const {
    use(color);
    cairo_set_font_size(cairo_.get(), size);
    cairo_text_extents_t extents;
    cairo_text_extents(cairo_.get(), what.c_str(), &extents);
    cairo_move_to(cairo_.get(), std::clamp(x - anchor * extents.x_advance, 2.0, width - extents.x_advance - 2), y);
    cairo_show_text(cairo_.get(), what.c_str());
  }

  void dot(double x, double y, double radius, const Color& color) const {
    use(color);
    cairo_arc(cairo_.get(), x, y, radius, 0, 2 * std::numbers::pi);
    cairo_fill(cairo_.get());
  }

  std::string png() const {
    std::string bytes;
    const auto append = [](void* to, const unsigned char* data, unsigned int size) {
      static_cast<std::string*>(to)->append(reinterpret_cast<const char*>(data), size);
      return CAIRO_STATUS_SUCCESS;
    };
    cairo_status_t status = cairo_status(cairo_.get());
    if (status == CAIRO_STATUS_SUCCESS) status = cairo_surface_write_to_png_stream(surface_.get(), append, &bytes);
    if (status != CAIRO_STATUS_SUCCESS)
      throw std::runtime_error(fmt::format("cairo: {}", cairo_status_to_string(status)));
    return bytes;
  }

 private:
  struct Free {
    void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
    void operator()(cairo_t* cairo) const { cairo_destroy(cairo); }
  };
  std::unique_ptr<cairo_surface_t, Free> surface_;
  std::unique_ptr<cairo_t, Free> cairo_;
};

/// The step between grid lines: 1, 2 or 5 times a power of ten, for three to five lines.
double grid_step(double range) {
  const double power = std::pow(10, std::floor(std::log10(range / 3)));
  for (const double factor : {1.0, 2.0, 5.0, 10.0})
    if (range / (factor * power) <= 4.5) return factor * power;
  return 10 * power;
}

double x_of(double hour) { return left + hour / 24 * (width - left - right); }

/// The axis of temperatures.
struct Axis {
  double low;
  double high;
  double step;
  double y_of(double value) const { return height - bottom - (value - low) / (high - low) * (height - top - bottom); }
};

Axis axis_for(const std::vector<CoursePoint>& course) {
  const auto [low, high] =
      std::minmax_element(course.begin(), course.end(),
                          [](const CoursePoint& a, const CoursePoint& b) { return a.temperature_c < b.temperature_c; });
  // At least four degrees, so that a calm day looks calm,
  const double middle = (low->temperature_c + high->temperature_c) / 2;
  // and somewhat more than there is, for the labels at the lowest and the highest.
  const double range = std::max(4.0, 1.4 * (high->temperature_c - low->temperature_c));
  const double step = grid_step(range);
  Axis axis{std::floor((middle - range / 2) / step) * step, std::ceil((middle + range / 2) / step) * step, step};
  // The labels below the lowest point need about a fifth of the height.
  if (low->temperature_c - axis.low < (axis.high - axis.low) / 5) axis.low -= step;
  return axis;
}

void draw_frame(const Canvas& canvas, const Axis& axis) {
  for (const auto& [part, name] : {std::pair(morning_hours, "Morning"), std::pair(evening_hours, "Evening")}) {
    canvas.rectangle(x_of(part.from_hour), top, x_of(part.to_hour) - x_of(part.from_hour), height - top - bottom, band);
    canvas.text((x_of(part.from_hour) + x_of(part.to_hour)) / 2, top - 6, 0.5, 10, text_color, name);
  }
  const int lines = static_cast<int>(std::lround((axis.high - axis.low) / axis.step));
  for (int i = 0; i <= lines; ++i) {
    const double value = axis.low + i * axis.step;
    canvas.rectangle(left, axis.y_of(value) - 0.25, width - left - right, 0.5, grid);
    canvas.text(left - 6, axis.y_of(value) + 3.5, 1, 10, text_color, format_figure(value, axis.step < 1 ? 1 : 0) + "°");
  }
  for (int hour = 0; hour <= 24; hour += 6)
    canvas.text(x_of(hour), height - 7, 0.5, 10, text_color, fmt::format("{:02}:00", hour));
}

/// Draws one unbroken stretch of the line.
void draw_stretch(const Canvas& canvas, const Axis& axis, const CoursePoint* begin, const CoursePoint* end) {
  const auto trace = [&] {
    cairo_new_path(canvas.get());  // text moves the current point
    for (const CoursePoint* point = begin; point != end; ++point)
      cairo_line_to(canvas.get(), x_of(point->hour), axis.y_of(point->temperature_c));
  };
  trace();
  cairo_line_to(canvas.get(), x_of((end - 1)->hour), height - bottom);
  cairo_line_to(canvas.get(), x_of(begin->hour), height - bottom);
  cairo_close_path(canvas.get());
  canvas.use(fill);
  cairo_fill(canvas.get());
  trace();
  canvas.use(line);
  cairo_set_line_width(canvas.get(), 2);
  cairo_set_line_join(canvas.get(), CAIRO_LINE_JOIN_ROUND);
  cairo_set_line_cap(canvas.get(), CAIRO_LINE_CAP_ROUND);
  cairo_stroke(canvas.get());
  if (end - begin == 1) canvas.dot(x_of(begin->hour), axis.y_of(begin->temperature_c), 2, line);
}

void draw_extremes(const Canvas& canvas, const Axis& axis, const std::vector<CoursePoint>& course) {
  const auto [low, high] =
      std::minmax_element(course.begin(), course.end(),
                          [](const CoursePoint& a, const CoursePoint& b) { return a.temperature_c < b.temperature_c; });
  const auto mark = [&](const CoursePoint& point, double offset) {
    const double x = x_of(point.hour);
    const double y = axis.y_of(point.temperature_c);
    canvas.dot(x, y, 3.5, paper);
    canvas.dot(x, y, 2.5, line);
    const double anchor = point.hour < 2 ? 0 : point.hour > 22 ? 1 : 0.5;  // neither over the axis nor over the edge
    canvas.text(x, std::clamp(y + offset, top + 9, height - bottom - 3), anchor, 11, ink,
                format_figure(point.temperature_c, 1) + " °C");
  };
  mark(*high, -7);
  if (low->temperature_c != high->temperature_c) mark(*low, 15);
}

}  // namespace

std::string draw_day_chart(const CityDay& day) {
  if (day.course.empty()) return {};
  const Canvas canvas;
  const Axis axis = axis_for(day.course);
  draw_frame(canvas, axis);
  const CoursePoint* const end = day.course.data() + day.course.size();
  for (const CoursePoint* begin = day.course.data(); begin != end;) {
    const CoursePoint* next = begin + 1;
    while (next != end && std::abs(next->hour - (next - 1)->hour) <= longest_gap_hours) ++next;
    draw_stretch(canvas, axis, begin, next);
    begin = next;
  }
  draw_extremes(canvas, axis, day.course);
  return canvas.png();
}

}  // namespace weir::summary_mail
