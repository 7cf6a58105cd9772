# weir_embed(TARGET NAMESPACE HEADER FUNCTION TYPE FILE=PATH …): the function of the header gives the files' bytes, which are taken in by the assembler:
# nothing is read, found or fetched when the tool runs.
function(weir_embed TARGET NAMESPACE HEADER FUNCTION TYPE)
  set(symbols "")
  set(rows "")
  set(files "")
  set(number 0)
  foreach(pair ${ARGN})
    string(REGEX MATCH "^(.*)=([^=]*)$" _ "${pair}")
    set(file ${CMAKE_MATCH_1})
    set(path ${CMAKE_MATCH_2})
    get_filename_component(extension ${file} LAST_EXT)
    set(type_.html "text/html; charset=utf-8")
    set(type_.css "text/css; charset=utf-8")
    set(type_.js "text/javascript; charset=utf-8")
    set(type_.svg "image/svg+xml")
    set(name weir_file_${number})
    string(APPEND symbols "extern \"C\" const char ${name}_begin[];\nextern \"C\" const char ${name}_end[];\n"
      "__asm__(\".section .rodata\\n.global ${name}_begin\\n.global ${name}_end\\n${name}_begin:\\n"
      ".incbin \\\"${file}\\\"\\n${name}_end:\\n.byte 0\\n.previous\\n\");\n")
    string(APPEND rows "      {\"${path}\", \"${type_${extension}}\", {${name}_begin, static_cast<std::size_t>(${name}_end - ${name}_begin)}},\n")
    list(APPEND files ${file})
    math(EXPR number "${number} + 1")
  endforeach()
  set(source ${CMAKE_BINARY_DIR}/generated/${TARGET}_files.cpp)
  file(CONFIGURE OUTPUT ${source} CONTENT "#include <array>\n\n#include \"${HEADER}\"\n\n${symbols}
namespace ${NAMESPACE} {\n
std::span<const ${TYPE}> ${FUNCTION}() {
  static const std::array<${TYPE}, ${number}> files{{\n${rows}  }};
  return files;
}\n\n}  // namespace ${NAMESPACE}\n" @ONLY)
  set_source_files_properties(${source} PROPERTIES OBJECT_DEPENDS "${files}")
  target_sources(${TARGET} PRIVATE ${source})
endfunction()
