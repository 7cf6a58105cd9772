// Requests that come again.
#pragma once
#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "state/archive.hpp"
#include "time/time_types.hpp"

namespace weir::requests {

/// Remembers the last requests that had an id, and how many of their records were stored. Bounded: of more than `most`
/// the oldest is forgotten.
class Repeats {
 public:
  struct Known {
    std::string id{};
    std::string body{};        ///< its digest; empty: it may differ
    std::uint64_t pieces = 0;  ///< records of the request, good and bad
    std::uint64_t accepted = 0;
    std::uint64_t rejected = 0;
    std::int64_t received = 0;  ///< nanoseconds since 1970

    /// Of a request that a crash cut off, the first pieces alone are stored.
    std::uint64_t stored() const { return accepted + rejected; }
    bool complete() const { return stored() == pieces; }
    void state(StateArchive& archive) { archive.values(id, body, pieces, accepted, rejected, received); }
  };

  /// A request is remembered for `lifetime`; zero: until others take its place.
  explicit Repeats(std::size_t most, Duration lifetime = Duration::zero()) : most_(most), lifetime_(lifetime) {}

  /// The request with this id, if it is remembered at `now`.
  Known* find(std::string_view id, Time now = {});
  /// Notes a request; one of the same id begins anew.
  Known& begin(std::string_view id, std::string_view body, std::uint64_t pieces, Time now = {});
  /// The ids of those that are not complete.
  std::vector<std::string> incomplete() const;
  void state(StateArchive& archive);

 private:
  void forget_oldest();
  bool is_over(const Known& known, Time now) const;

  std::size_t most_;
  Duration lifetime_;
  std::list<Known> order_;  ///< the oldest first
  std::unordered_map<std::string_view, std::list<Known>::iterator> places_;
};

}  // namespace weir::requests
