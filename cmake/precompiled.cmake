# Precompiled headers: a third of a build goes into parsing the standard library, fmt and Catch2 again for each file. A file still
# includes what it uses: a Debug build and `scripts/try-on SUITE --clang`, both without, find a missing include.
set(weir_precompiled ON)
if(CMAKE_BUILD_TYPE STREQUAL "Debug")
  set(weir_precompiled OFF)  # so that a missing include is found while a tool is written
endif()
option(WEIR_PRECOMPILED "Precompiled headers for rooms, stages and mains" ${weir_precompiled})

set(weir_common_headers <algorithm> <array> <charconv> <chrono> <cmath> <deque> <functional> <map> <memory> <optional> <span>
    <stdexcept> <string> <string_view> <system_error> <unordered_map> <utility> <vector> <fmt/format.h>)

# weir_precompile(NAME HEADERS… OPTIONS…): the target NAME holds the precompiled headers for targets that have these options.
function(weir_precompile NAME)
  cmake_parse_arguments(ARG "" "" "HEADERS;LINK;OPTIONS" ${ARGN})
  set(source ${CMAKE_BINARY_DIR}/${NAME}.cpp)
  if(NOT EXISTS ${source})
    file(WRITE ${source} "")
  endif()
  add_library(${NAME} STATIC ${source})
  target_link_libraries(${NAME} PRIVATE weir_flags ${ARG_LINK})
  target_compile_options(${NAME} PRIVATE ${ARG_OPTIONS})
  target_precompile_headers(${NAME} PRIVATE ${ARG_HEADERS})
endfunction()

if(WEIR_PRECOMPILED)
  weir_precompile(weir_headers HEADERS ${weir_common_headers} LINK fmt::fmt)
  if(CMAKE_BUILD_TYPE STREQUAL "Release")  # GCC 14 takes precompiled headers of its own level of optimization alone
    weir_precompile(weir_quick_headers HEADERS ${weir_common_headers} LINK fmt::fmt OPTIONS -O1)
  endif()
  # GCC 12 cannot compile Eigen after them without optimization.
  set_source_files_properties(common/stats/polynomial_fit.cpp PROPERTIES SKIP_PRECOMPILE_HEADERS ON)
endif()

# Rooms with much code of libraries in their headers: the sanitized build leaves them unoptimized, in half of the time.
set(weir_unoptimized weir_cli weir_net_http_server)

# How a room, a stage or a main is compiled: with precompiled headers or, in the sanitized build, perhaps without optimization.
# Options are read once in a run: that code is compiled with -O1, in two thirds of the time.
function(weir_quick_build NAME)
  get_target_property(type ${NAME} TYPE)
  set(headers weir_headers)
  if(NAME STREQUAL "weir_cli" OR type STREQUAL "EXECUTABLE")
    target_compile_options(${NAME} PRIVATE $<$<CONFIG:Release>:-O1>)
    if(TARGET weir_quick_headers)
      set(headers weir_quick_headers)
    endif()
  endif()
  if(NAME IN_LIST weir_unoptimized AND CMAKE_BUILD_TYPE STREQUAL "Sanitize")
    target_compile_options(${NAME} PRIVATE -O0)
  elseif(TARGET weir_headers)
    target_precompile_headers(${NAME} REUSE_FROM ${headers})
    target_link_libraries(${NAME} PRIVATE fmt::fmt)
    # GCC 12 takes the precompiled standard library for our code, and warns of sizes in its strings that never occur.
    target_compile_options(${NAME} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-array-bounds;-Wno-restrict;-Wno-stringop-overflow;-Wno-stringop-overread>)
    if(type STREQUAL "EXECUTABLE")  # the headers are compiled with -fPIC, so -fPIE would refuse them
      set_target_properties(${NAME} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
      target_compile_options(${NAME} PRIVATE -fPIC)
    endif()
  endif()
endfunction()
