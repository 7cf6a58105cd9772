// A stage that ends because another one is gone.
#pragma once
#include "cli/errors.hpp"

namespace weir {

/// Under pipe-run this process will end by SIGPIPE, as other programs do whose reader is gone: pipe-run then knows that
/// another stage has failed. Otherwise nothing changes.
void end_as_bystander();

}  // namespace weir
