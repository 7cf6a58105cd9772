# Precompiled headers: a third of a build goes into parsing the standard library, fmt and Catch2 again for each file. A file still
# includes what it uses: the release build compiles rooms and tools without them, so that a missing include is found there.
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

if(CMAKE_BUILD_TYPE STREQUAL "Sanitize")
  weir_precompile(weir_headers HEADERS ${weir_common_headers} LINK fmt::fmt)
endif()

# Rooms with much code of libraries in their headers: the sanitized build leaves them unoptimized, in half of the time.
set(weir_unoptimized weir_cli weir_net_http_server)

# What the sanitized build changes of a room or a stage: precompiled headers, or no optimization. Nothing in other builds.
function(weir_sanitized_build NAME)
  if(NAME IN_LIST weir_unoptimized)
    target_compile_options(${NAME} PRIVATE $<$<CONFIG:Sanitize>:-O0>)
  elseif(TARGET weir_headers)
    target_precompile_headers(${NAME} REUSE_FROM weir_headers)
    target_link_libraries(${NAME} PRIVATE fmt::fmt)
  endif()
endfunction()
