// Include last: after this a compiler must not fuse a multiplication and an addition. That rounds once instead of
// twice, and gives other digits on some machines.
#pragma once
#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#elif defined(__GNUC__)
#pragma GCC optimize("fp-contract=off")
#endif
