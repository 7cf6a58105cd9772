// SQL's spelling of expressions, as that of weir-expr(7).
#pragma once
#include <string>
#include <string_view>

namespace weir::cep_match {

/// Rewrites `=` as `==`, IS [NOT] NULL as a comparison with null, NULL, TRUE and FALSE in small letters, 'it''s' as
/// 'it\'s', "name" as `name`; leaves comments (`-- …`) out. Throws std::invalid_argument on a quote that is not closed.
std::string from_sql(std::string_view text);

}  // namespace weir::cep_match
