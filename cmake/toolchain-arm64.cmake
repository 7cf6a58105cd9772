# Cross compiles for 64-bit ARM with Debian's crossbuild-essential-arm64 and libraries of that architecture (scripts/try-on --cross arm64).
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)
set(PKG_CONFIG_EXECUTABLE aarch64-linux-gnu-pkg-config)
# Help, manual pages and completions come from the binaries themselves.
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64-static)
