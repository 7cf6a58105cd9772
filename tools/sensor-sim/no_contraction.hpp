// Include last: from here on a compiler must not fuse a multiplication and an addition, which would round once instead
// of twice and give other digits on machines that can.
#pragma once
#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#elif defined(__GNUC__)
#pragma GCC optimize("fp-contract=off")
#endif
