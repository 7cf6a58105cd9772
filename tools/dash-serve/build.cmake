# The page's files go into the binary, and dygraphs with them.
file(GLOB files CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tools/dash-serve/page/*)
set(page "")
foreach(file ${files})
  get_filename_component(name ${file} NAME)
  string(REPLACE "index.html" "" path /${name})
  list(APPEND page ${file}=${path})
endforeach()
weir_embed(stage_dash-serve weir::dash_serve page_files.hpp page_files PageFile ${page}
  ${dygraphs_INCLUDE}/dygraph.min.js=/dygraph.min.js ${dygraphs_INCLUDE}/dygraph.min.css=/dygraph.min.css)
