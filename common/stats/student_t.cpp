#include "stats/student_t.hpp"

#include <boost/math/distributions/students_t.hpp>

namespace weir {

double student_t_quantile(double probability, double degrees_of_freedom) {
  return boost::math::quantile(boost::math::students_t_distribution<double>(degrees_of_freedom), probability);
}

}  // namespace weir
