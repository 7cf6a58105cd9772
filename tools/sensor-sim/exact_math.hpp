// Functions with the same bits on every machine: they use only operations that IEEE 754 defines exactly. Accurate to
// some 1e-9, more than is printed.
#pragma once

namespace weir::sensor_sim {

/// The sine of an angle in turns (1 is a full circle).
double sine_of_turns(double turns);

/// e to the power of x, for |x| up to 700.
double exponential(double x);

/// The share of a normal distribution below x (Bowling et al. 2009, a logistic approximation, within 1.5e-4).
double normal_share_below(double x);

}  // namespace weir::sensor_sim
