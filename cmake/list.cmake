# The commands of the list in CMakeLists.txt. The list stands before the libraries are looked for, so add_tool and add_room
# only note what they are given; weir_build_list() makes the targets.

# KINDs of tools: the shapes of common/pipeline, and plumbing, which runs or joins other stages.
set(WEIR_KINDS filter async source spooled sink transaction outbox plumbing)

# add_tool(NAME KIND kind [NEEDS room-or-library …]): see weir_build_tool.
function(add_tool NAME)
  cmake_parse_arguments(ARG "" "KIND" "NEEDS" ${ARGN})
  if(NOT ARG_KIND IN_LIST WEIR_KINDS)
    message(FATAL_ERROR "weir: add_tool(${NAME}): KIND '${ARG_KIND}' is not one of ${WEIR_KINDS}")
  endif()
  set_property(GLOBAL APPEND PROPERTY weir_listed_tools ${NAME})
  set_property(GLOBAL PROPERTY weir_kind_of_${NAME} ${ARG_KIND})
  set_property(GLOBAL PROPERTY weir_needs_of_tool_${NAME} "${ARG_NEEDS}")
endfunction()

# add_room(NAME [NEEDS room-or-library …]): see weir_build_room. A room stands after those that it needs.
function(add_room NAME)
  cmake_parse_arguments(ARG "" "" "NEEDS" ${ARGN})
  set_property(GLOBAL APPEND PROPERTY weir_listed_rooms ${NAME})
  set_property(GLOBAL PROPERTY weir_needs_of_room_${NAME} "${ARG_NEEDS}")
endfunction()

# Makes the targets of all rooms, then of all tools.
function(weir_build_list)
  get_property(rooms GLOBAL PROPERTY weir_listed_rooms)
  foreach(room ${rooms})
    get_property(needs GLOBAL PROPERTY weir_needs_of_room_${room})
    weir_build_room(${room} ${needs})
  endforeach()
  get_property(tools GLOBAL PROPERTY weir_listed_tools)
  foreach(tool ${tools})
    get_property(needs GLOBAL PROPERTY weir_needs_of_tool_${tool})
    weir_build_tool(${tool} ${needs})
  endforeach()
endfunction()

# The static library weir_NAME from common/NAME/*.cpp.
function(weir_build_room NAME)
  string(REPLACE "/" "_" id ${NAME})
  weir_absent(absent ${ARGN})
  if(absent)
    set_property(GLOBAL PROPERTY weir_missing_${id} "${absent}")
    return()
  endif()
  file(GLOB sources CONFIGURE_DEPENDS common/${NAME}/*.cpp)
  add_library(weir_${id} STATIC ${sources})
  target_link_libraries(weir_${id} PUBLIC weir_flags)
  weir_link(weir_${id} ${ARGN})
  weir_quick_build(weir_${id})
  weir_unit_test(${NAME} weir_${id})
endfunction()

# tools/NAME/main.cpp becomes build/bin/NAME. The other sources become the library stage_NAME, which links the rooms and
# libraries named, and neither `cli` nor the runners. tools/NAME/build.cmake, where there is one, adds to it.
function(weir_build_tool NAME)
  weir_absent(absent ${ARGN})
  if(absent)
    message(STATUS "weir: ${NAME} is NOT built: missing ${absent}")
    return()
  endif()
  file(GLOB stage CONFIGURE_DEPENDS tools/${NAME}/*.cpp)
  list(REMOVE_ITEM stage ${CMAKE_SOURCE_DIR}/tools/${NAME}/main.cpp)
  add_library(stage_${NAME} STATIC ${stage})
  target_link_libraries(stage_${NAME} PUBLIC weir_flags weir_record weir_time)
  target_include_directories(stage_${NAME} PUBLIC tools/${NAME})
  weir_link(stage_${NAME} ${ARGN})
  weir_quick_build(stage_${NAME})
  include(${CMAKE_SOURCE_DIR}/tools/${NAME}/build.cmake OPTIONAL)
  add_executable(${NAME} tools/${NAME}/main.cpp)
  target_link_libraries(${NAME} PRIVATE stage_${NAME} weir_pipeline weir_cli)
  weir_quick_build(${NAME})
  install(TARGETS ${NAME} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  weir_unit_test(${NAME} stage_${NAME})
  set_property(GLOBAL APPEND PROPERTY weir_tools ${NAME})
  weir_documents(${NAME})
endfunction()
