// Counts for messages.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weir {

/// `1 record`, `2 records`.
std::string counted(std::uint64_t count, std::string_view noun);

/// What a count means for a run.
enum class Weight : std::uint8_t {
  work,   ///< the stage's own work, such as repeats dropped: reported at the end
  noted,  ///< reported while the stage runs, too
  lost    ///< as noted, and exit status 1: records were left out, and no option tells where they go
};

/// Where late records go: the value of --late.
struct LateOption {
  std::string value;  ///< a path, `drop`, or empty

  bool drops() const { return value == "drop"; }
  /// What the first late record means.
  Weight weight() const { return value.empty() ? Weight::lost : Weight::noted; }
  /// The path of the side file; empty: they are not kept.
  std::string path() const { return drops() ? std::string() : value; }
};

/// The counts of a stage for its messages.
class CountReport {
 public:
  /// Adds `3 late records left out`.
  CountReport& add(std::uint64_t count, std::string_view noun, std::string what, Weight weight = Weight::noted);
  /// As above, of records that go where --late tells.
  CountReport& add_late(std::uint64_t count, std::string_view noun, std::string what, const LateOption& late);
  /// As above, of late records that are written all the same.
  CountReport& add_late_written(std::uint64_t count, std::string_view noun, std::string what, const LateOption& late);
  /// Adds a sentence for the end of the run; an empty one is left out.
  CountReport& remark(std::string text);

  /// All counts that are not 0, joined by `; `, and the remark.
  std::string text() const;
  /// As text(): what is reported while a stage runs, as far as it has grown since an earlier report of the same stage.
  std::string news_since(const CountReport& before) const;
  /// The counts since an earlier report of the same stage.
  CountReport since(const CountReport& before) const;
  /// Records of add_late().
  std::uint64_t late() const;
  /// Records lost since an earlier report of the same stage.
  std::uint64_t lost_since(const CountReport& before) const;

 private:
  struct Count {
    std::uint64_t count;
    std::string_view noun;
    std::string what;
    Weight weight;
    bool late = false;
  };
  std::uint64_t count(std::size_t index) const { return index < counts_.size() ? counts_[index].count : 0; }
  static void append(std::string& text, const Count& each);

  std::vector<Count> counts_;
  std::string remark_;
};

}  // namespace weir
