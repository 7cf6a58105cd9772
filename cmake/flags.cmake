# How everything is compiled: build types, warnings, fuzzing. The target weir_flags carries what rooms and tools share.
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Release, Debug or Sanitize" FORCE)
endif()
option(WEIR_WERROR "Warnings are errors" ON)
option(WEIR_FUZZ "Build the fuzz targets with libFuzzer (needs clang)" OFF)

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
# -O3 was measured 1.28 times slower in the parser's loop. What is released is hardened: checked copies, guarded stacks, and
# tables of addresses that are read-only once a program has started.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g0 -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fstack-clash-protection")
set(CMAKE_EXE_LINKER_FLAGS_RELEASE "-Wl,-z,relro -Wl,-z,now -pie")
set(CMAKE_CXX_FLAGS_SANITIZE "-O1 -g1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined")
set(CMAKE_EXE_LINKER_FLAGS_SANITIZE "-fsanitize=address,undefined")

add_library(weir_flags INTERFACE)
target_include_directories(weir_flags INTERFACE ${CMAKE_SOURCE_DIR}/common)
target_compile_options(weir_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor
                       -Wold-style-cast -Wimplicit-fallthrough $<$<BOOL:${WEIR_WERROR}>:-Werror>)
target_compile_definitions(weir_flags INTERFACE WEIR_VERSION="${PROJECT_VERSION}")
if(WEIR_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)  # the search is guided by what the rooms' code reaches
endif()
include(GNUInstallDirs)
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
