// A stage that ends because another one is gone.
#pragma once

namespace weir {

/// The variable that pipe-run sets for its stages; its value is pipe-run's process id.
inline constexpr const char* run_variable = "WEIR_RUN";

/// Under pipe-run this process will end by SIGPIPE, as other programs do whose reader is gone: pipe-run then knows that
/// another stage has failed. Otherwise nothing changes.
void end_as_bystander();

}  // namespace weir
