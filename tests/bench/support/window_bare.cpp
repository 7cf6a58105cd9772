// The task of `scripts/bench win-agg` as a bare loop: what parsing and aggregating cost when nothing else is done.
//
//     window_bare <readings.ndjson >rows.ndjson
//
// One-minute windows, a lateness of 2 s; count, min, max and mean of `value` by `sensor`. It trusts its input: fields
// that are there, in order and well formed, times of one layout in UTC, keys of up to 16 bytes without escapes, no
// record later than the lateness. Nothing is rejected, counted, or flushed; rows come in no order within their window.
#include <fmt/compile.h>
#include <simdjson.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr std::size_t block = 256 * 1024;
constexpr std::int64_t minute_ms = 60'000;
constexpr std::int64_t lateness_ms = 2'000;

int two(const char* p) { return (p[0] - '0') * 10 + (p[1] - '0'); }

/// "2026-01-01T00:00:00.250Z" in milliseconds; the day of the last one is remembered.
std::int64_t parse_time(const char* p) {
  static char last_date[10] = {};
  static std::int64_t day = 0;
  if (std::memcmp(p, last_date, sizeof last_date) != 0) {
    std::memcpy(last_date, p, sizeof last_date);
    const std::chrono::year_month_day date(std::chrono::year(two(p) * 100 + two(p + 2)),
                                           std::chrono::month(static_cast<unsigned>(two(p + 5))),
                                           std::chrono::day(static_cast<unsigned>(two(p + 8))));
    day = std::chrono::sys_days(date).time_since_epoch().count() * 86'400'000LL;
  }
  return day + two(p + 11) * 3'600'000 + two(p + 14) * minute_ms + two(p + 17) * 1000 + (p[20] - '0') * 100 +
         two(p + 21);
}

std::string time_text(std::int64_t ms) {
  const std::chrono::sys_time<std::chrono::milliseconds> time{std::chrono::milliseconds(ms)};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(time - day).count();
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:00Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), minutes / 60,
                     minutes % 60);
}

/// A key as two words, in an open table whose entries are numbered as they come.
struct Key {
  std::uint64_t words[2] = {};
  std::uint32_t length = 0;
};
class Keys {
 public:
  std::uint32_t find_or_add(std::string_view text) {
    Key key;
    std::memcpy(key.words, text.data(), text.size());
    key.length = static_cast<std::uint32_t>(text.size());
    const std::uint64_t hash = (key.words[0] ^ key.words[1] * 0x9e3779b97f4a7c15U) * 0xa0761d6478bd642fU;
    for (std::size_t at = hash >> 32 & (slots_.size() - 1);; at = (at + 1) & (slots_.size() - 1)) {
      if (slots_[at] == 0) return add(key, at);
      const Key& there = keys_[slots_[at] - 1];
      if (there.words[0] == key.words[0] && there.words[1] == key.words[1]) return slots_[at] - 1;
    }
  }
  std::string_view operator[](std::size_t i) const {
    return {reinterpret_cast<const char*>(keys_[i].words), keys_[i].length};
  }
  std::size_t size() const { return keys_.size(); }

 private:
  std::uint32_t add(const Key& key, std::size_t at) {
    if (keys_.size() * 2 >= slots_.size()) {
      std::fputs("window_bare: more keys than it has room for\n", stderr);
      std::exit(1);
    }
    keys_.push_back(key);
    return (slots_[at] = static_cast<std::uint32_t>(keys_.size())) - 1;
  }
  std::vector<std::uint32_t> slots_ = std::vector<std::uint32_t>(8192);
  std::vector<Key> keys_;
};

struct Cell {
  std::uint64_t count = 0;
  double min = 0, max = 0, sum = 0;
};
struct Pane {
  std::int64_t start;
  std::vector<Cell> cells;  ///< by key
};

Keys keys;
std::deque<Pane> panes;
std::string out;

void write_out() {
  for (std::size_t done = 0; done < out.size();) {
    const ssize_t n = ::write(STDOUT_FILENO, out.data() + done, out.size() - done);
    if (n <= 0) std::exit(1);
    done += static_cast<std::size_t>(n);
  }
  out.clear();
}

void close_first() {
  const Pane& pane = panes.front();
  const std::string window = fmt::format(R"({{"window_start":"{}","window_end":"{}")", time_text(pane.start),
                                         time_text(pane.start + minute_ms));
  for (std::size_t i = 0; i < pane.cells.size(); ++i) {
    const Cell& cell = pane.cells[i];
    if (cell.count == 0) continue;
    fmt::format_to(std::back_inserter(out),
                   FMT_COMPILE(R"({},"sensor":"{}","n":{},"min":{},"max":{},"mean":{}}})"
                               "\n"),
                   window, keys[i], cell.count, cell.min, cell.max, cell.sum / static_cast<double>(cell.count));
  }
  panes.pop_front();
  if (out.size() >= block) write_out();
}

Cell& cell_of(std::int64_t time, std::uint32_t key) {
  std::size_t i = panes.size();
  while (i > 0 && panes[i - 1].start > time) --i;
  if (i == 0 || time >= panes[i - 1].start + minute_ms) {
    panes.insert(panes.begin() + static_cast<std::ptrdiff_t>(i), Pane{time - time % minute_ms, {}});
    ++i;
  }
  std::vector<Cell>& cells = panes[i - 1].cells;
  if (key >= cells.size()) cells.resize(keys.size());
  return cells[key];
}

}  // namespace

int main() {
  simdjson::ondemand::parser parser;
  std::vector<char> buffer(2 * block + simdjson::SIMDJSON_PADDING);
  std::size_t held = 0;
  std::int64_t greatest = INT64_MIN;
  for (;;) {
    const ssize_t n = ::read(STDIN_FILENO, buffer.data() + held, block);
    if (n <= 0) break;
    held += static_cast<std::size_t>(n);
    const std::size_t length = std::string_view(buffer.data(), held).rfind('\n') + 1;
    simdjson::ondemand::document_stream documents;
    if (parser.iterate_many(buffer.data(), length, 2 * block).get(documents) != simdjson::SUCCESS) return 1;
    for (auto document : documents) {
      simdjson::ondemand::object record = document.get_object();
      const char* const stamp = record.find_field("ts").get_raw_json_string().value().raw();
      const char* const sensor = record.find_field("sensor").get_raw_json_string().value().raw();
      const double value = record.find_field("value").get_double();
      const std::int64_t time = parse_time(stamp);
      const char* const sensor_end = static_cast<const char*>(std::memchr(sensor, '"', 17));
      Cell& cell = cell_of(time, keys.find_or_add({sensor, static_cast<std::size_t>(sensor_end - sensor)}));
      if (cell.count++ == 0) {
        cell.min = cell.max = value;
      } else {
        if (value < cell.min) cell.min = value;
        if (value > cell.max) cell.max = value;
      }
      cell.sum += value;
      if (time > greatest) {
        greatest = time;
        while (panes.front().start + minute_ms + lateness_ms <= greatest) close_first();
      }
    }
    held -= length;
    std::memmove(buffer.data(), buffer.data() + length, held);
  }
  while (!panes.empty()) close_first();
  write_out();
}
