#include "isolation_forest.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

#include "record/number.hpp"
#include "state/random.hpp"

namespace weir::anomaly_score {
namespace {

constexpr double euler_gamma = 0.5772156649015329;
constexpr std::size_t most_depth = 64;

std::size_t depth_limit(std::uint64_t samples) {
  return static_cast<std::size_t>(std::ceil(std::log2(static_cast<double>(std::max<std::uint64_t>(samples, 2)))));
}

}  // namespace

double mean_depth(std::uint64_t count) {
  if (count <= 1) return 0;
  if (count == 2) return 1;
  const auto n = static_cast<double>(count);
  return 2 * (std::log(n - 1) + euler_gamma) - 2 * (n - 1) / n;
}

double quantile(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  const double place = share * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  if (below + 1 >= values.size()) return values.back();
  return values[below] + (place - static_cast<double>(below)) * (values[below + 1] - values[below]);
}

/// Cuts rows until each is alone, or the tree is deep enough.
class IsolationForest::Builder {
 public:
  Builder(IsolationForest& forest, std::span<const double> values, Random random)
      : forest_(forest), values_(values), random_(random), most_(depth_limit(forest.samples_)) {}

  void add_tree() {
    const std::size_t count = values_.size() / forest_.width_;
    rows_.resize(count);
    std::iota(rows_.begin(), rows_.end(), std::size_t{0});
    for (std::size_t i = 0; i < forest_.samples_; ++i)  // the first ones of a shuffle
      std::swap(rows_[i], rows_[i + random_.below(count - i)]);
    forest_.roots_.push_back(static_cast<std::uint32_t>(forest_.nodes_.size()));
    grow(0, forest_.samples_, 0);
  }

 private:
  double at(std::size_t row, std::size_t field) const { return values_[rows_[row] * forest_.width_ + field]; }

  void grow(std::size_t begin, std::size_t end, std::size_t depth) {
    const std::size_t self = forest_.nodes_.size();
    forest_.nodes_.emplace_back();
    double low = 0;
    double high = 0;
    std::optional<std::size_t> field;
    if (end - begin > 1 && depth < most_) field = choose(begin, end, low, high);
    if (!field) {
      Node& leaf = forest_.nodes_[self];
      leaf.rows = static_cast<double>(end - begin);
      leaf.value = static_cast<double>(depth) + mean_depth(end - begin);
      return;
    }
    double cut = low + random_.uniform() * (high - low);
    if (!(cut < high)) cut = low;  // rounded up
    const auto middle = std::partition(rows_.begin() + static_cast<std::ptrdiff_t>(begin),
                                       rows_.begin() + static_cast<std::ptrdiff_t>(end),
                                       [&](std::size_t row) { return values_[row * forest_.width_ + *field] <= cut; });
    const auto border = static_cast<std::size_t>(middle - rows_.begin());
    grow(begin, border, depth + 1);
    Node& node = forest_.nodes_[self];
    node.field = static_cast<std::int32_t>(*field);
    node.value = cut;
    node.right = static_cast<std::uint32_t>(forest_.nodes_.size());
    grow(border, end, depth + 1);
  }

  /// A field by chance, of those whose values differ.
  std::optional<std::size_t> choose(std::size_t begin, std::size_t end, double& low, double& high) {
    fields_.resize(forest_.width_);
    std::iota(fields_.begin(), fields_.end(), std::size_t{0});
    for (std::size_t left = fields_.size(); left > 0; --left) {
      std::swap(fields_[random_.below(left)], fields_[left - 1]);
      const std::size_t field = fields_[left - 1];
      low = high = at(begin, field);
      for (std::size_t row = begin + 1; row < end; ++row) {
        low = std::min(low, at(row, field));
        high = std::max(high, at(row, field));
      }
      if (low < high) return field;
    }
    return std::nullopt;
  }

  IsolationForest& forest_;
  std::span<const double> values_;
  Random random_;
  std::size_t most_;
  std::vector<std::size_t> rows_;
  std::vector<std::size_t> fields_;
};

/// Reads lists of numbers.
class IsolationForest::Reader {
 public:
  Reader(IsolationForest& forest, std::string_view text) : forest_(forest), text_(text) {}

  void read() {
    expect('[');
    do {
      expect('[');
      forest_.roots_.push_back(static_cast<std::uint32_t>(forest_.nodes_.size()));
      node(0);
      expect(']');
    } while (take(','));
    expect(']');
    if (at_ != text_.size()) fail();
  }

 private:
  [[noreturn]] static void fail() { throw std::invalid_argument("its trees are not those of a forest"); }
  bool take(char c) {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!take(c)) fail();
  }
  double number() {
    if (!first_) expect(',');
    first_ = false;
    take(' ');
    const std::size_t end = std::min(text_.find_first_of(",] \t", at_), text_.size());
    const std::optional<double> value = parse_json_number(text_.substr(at_, end - at_));
    if (!value) fail();
    at_ = end;
    return *value;
  }
  void node(std::size_t depth) {
    if (depth > most_depth) fail();
    if (depth == 0) first_ = true;
    const std::size_t self = forest_.nodes_.size();
    forest_.nodes_.emplace_back();
    const double field = number();
    const double value = number();
    if (field == -1) {
      if (!(value >= 0 && value <= 1e9 && value == std::floor(value))) fail();
      forest_.nodes_[self].rows = value;
      forest_.nodes_[self].value = static_cast<double>(depth) + mean_depth(static_cast<std::uint64_t>(value));
      return;
    }
    if (!(field >= 0 && field < static_cast<double>(forest_.width_) && field == std::floor(field))) fail();
    node(depth + 1);
    Node& each = forest_.nodes_[self];
    each.field = static_cast<std::int32_t>(field);
    each.value = value;
    each.right = static_cast<std::uint32_t>(forest_.nodes_.size());
    node(depth + 1);
  }

  IsolationForest& forest_;
  std::string_view text_;
  std::size_t at_ = 0;
  bool first_ = true;
};

IsolationForest::IsolationForest(std::span<const double> values, std::size_t width, const Training& training,
                                 std::uint64_t seed)
    : width_(width), samples_(std::min<std::uint64_t>(training.samples, values.size() / width)) {
  Builder builder(*this, values, Random({}, seed));
  for (std::size_t i = 0; i < training.trees; ++i) builder.add_tree();
  if (!training.contamination) return;
  std::vector<double> scores;
  for (std::size_t at = 0; at < values.size(); at += width) scores.push_back(-score(values.subspan(at, width)));
  limit_ = -quantile(std::move(scores), *training.contamination);
}

IsolationForest::IsolationForest(std::string_view trees, std::size_t width, std::uint64_t samples, double limit)
    : width_(width), samples_(samples), limit_(limit) {
  if (!(limit > 0 && limit < 1)) throw std::invalid_argument("its limit does not lie between 0 and 1");
  Reader(*this, trees).read();
}

double IsolationForest::score(std::span<const double> row) const {
  double sum = 0;
  for (const std::uint32_t root : roots_) {
    std::uint32_t at = root;
    while (nodes_[at].field >= 0)
      at = row[static_cast<std::size_t>(nodes_[at].field)] <= nodes_[at].value ? at + 1 : nodes_[at].right;
    sum += nodes_[at].value;
  }
  const double usual = mean_depth(samples_);
  return std::exp2(usual > 0 ? -sum / static_cast<double>(roots_.size()) / usual : -1);
}

std::string IsolationForest::text() const {
  std::string out = "[";
  for (std::size_t i = 0; i < roots_.size(); ++i) {
    out += i == 0 ? "[" : ",[";
    const std::size_t end = i + 1 < roots_.size() ? roots_[i + 1] : nodes_.size();
    for (std::size_t at = roots_[i]; at < end; ++at) {
      if (at != roots_[i]) out += ',';
      append_number(out, std::int64_t{nodes_[at].field});
      out += ',';
      append_number(out, nodes_[at].field < 0 ? nodes_[at].rows : nodes_[at].value);
    }
    out += ']';
  }
  return out += ']';
}

}  // namespace weir::anomaly_score
