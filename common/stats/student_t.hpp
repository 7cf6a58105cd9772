// Student's t distribution.
#pragma once

namespace weir {

/// The quantile of Student's t distribution (Boost.Math). `probability` lies between 0 and 1, both excluded;
/// `degrees_of_freedom` is positive. Throws std::domain_error otherwise.
double student_t_quantile(double probability, double degrees_of_freedom);

}  // namespace weir
