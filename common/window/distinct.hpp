// The number of different values in a stream.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "record/value.hpp"
#include "state/archive.hpp"
#include "window/exact_limit.hpp"

namespace weir {

/// The number of different values. Up to a limit, their 64-bit hashes are kept (two values then have the same hash with
/// a chance of 1 in 10^13).
///
/// Beyond it a sketch takes over: HyperLogLog (P. Flajolet, É. Fusy, O. Gandouet, F. Meunier, "HyperLogLog: the
/// analysis of a near-optimal cardinality estimation algorithm", AofA 2007) with 64-bit hashes. The estimator of O.
/// Ertl, "New cardinality estimation algorithms for HyperLogLog sketches" (2017), needs no corrections. The result is
/// the same, to the bit, for any merging.
class Distinct {
 public:
  /// Beyond exact_limit different values the standard error is 1.04 / sqrt(2^precision), 0.8 %.
  static constexpr int precision = 14;

  /// Adds a value. Strings are equal however they are escaped. Numbers are equal by value, those of more than 15
  /// characters by their digits.
  void add(const Value& value) { add_hash(hash_of(value)); }
  void merge(const Distinct& other);
  std::uint64_t count() const;

  /// What another process can merge: the hashes while exact, in order, or the registers of a sketch.
  std::vector<std::uint64_t> hashes() const;
  const std::vector<std::uint8_t>& registers() const { return registers_; }
  /// Merges the registers of a foreign source. Returns false, and changes nothing, where they cannot be registers.
  bool merge_registers(const std::vector<std::uint8_t>& registers);

  /// `hash` must not be 0.
  void add_hash(std::uint64_t hash);
  static std::uint64_t hash_of(const Value& value);

  void state(StateArchive& archive) { archive.values(size_, slots_, registers_); }

 private:
  bool exact() const { return registers_.empty(); }
  void insert(std::uint64_t hash);
  void add_to_registers(std::uint64_t hash);

  std::size_t size_ = 0;
  std::vector<std::uint64_t> slots_;  ///< while exact: an open-addressing table, 0 is free
  std::vector<std::uint8_t> registers_;
};

}  // namespace weir
