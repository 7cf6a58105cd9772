// What became of the records of a request.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace weir::requests {

/// Counts what became of a request's records.
class Report {
 public:
  void accept(std::uint64_t records = 1) { accepted_ += records; }
  /// A record of an earlier request with the same id, counted then.
  void repeat(std::uint64_t accepted, std::uint64_t rejected);
  /// `counted` is `line`, `element` or empty.
  void reject(std::string_view counted, std::uint64_t number, std::string_view reason);

  std::uint64_t rejected() const { return rejected_; }
  /// All counts and the first hundred reasons, as a line of JSON.
  std::string json() const;
  /// The first reason and the counts, in one sentence: `element 2: v is not a number (rejected: 1, accepted: 2)`.
  std::string sentence() const;

 private:
  static constexpr std::uint64_t most_errors = 100;
  std::uint64_t accepted_ = 0;
  std::uint64_t rejected_ = 0;
  std::uint64_t repeated_ = 0;
  std::uint64_t listed_ = 0;
  std::string errors_;
  std::string first_;
};

}  // namespace weir::requests
