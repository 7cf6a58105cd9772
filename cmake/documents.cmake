# Manual pages (scdoc; options and examples come from the binary) and completions for three shells.
find_program(SCDOC scdoc)
if(NOT SCDOC)
  message(STATUS "weir: man pages are NOT built: missing scdoc")
endif()

# The page and the completions of a tool; not installed where a further argument is given.
function(weir_documents NAME)
  set(doc ${CMAKE_BINARY_DIR}/doc)
  file(MAKE_DIRECTORY ${doc})  # Ninja makes the folders of outputs, Make does not
  set(outputs ${doc}/${NAME}.bash ${doc}/_${NAME} ${doc}/${NAME}.fish)
  add_custom_command(OUTPUT ${outputs}
    COMMAND ${NAME} --describe bash > ${doc}/${NAME}.bash
    COMMAND ${NAME} --describe zsh > ${doc}/_${NAME}
    COMMAND ${NAME} --describe fish > ${doc}/${NAME}.fish
    DEPENDS ${NAME} VERBATIM)
  if(NOT ARGN)
    install(FILES ${doc}/${NAME}.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME ${NAME})
    install(FILES ${doc}/_${NAME} DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)
    install(FILES ${doc}/${NAME}.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
  endif()
  if(SCDOC)
    set(page ${CMAKE_BINARY_DIR}/man/${NAME}.1)
    file(GLOB included CONFIGURE_DEPENDS man/include/*.scd)
    add_custom_command(OUTPUT ${page}
      COMMAND ${CMAKE_SOURCE_DIR}/scripts/make-man ${CMAKE_SOURCE_DIR}/man/${NAME}.1.scd ${page}
        ${CMAKE_CROSSCOMPILING_EMULATOR} $<TARGET_FILE:${NAME}>
      DEPENDS ${NAME} man/${NAME}.1.scd ${included} scripts/make-man VERBATIM)
    list(APPEND outputs ${page})
    if(NOT ARGN)
      install(FILES ${page} DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
    endif()
  endif()
  add_custom_target(doc_${NAME} ALL DEPENDS ${outputs})
endfunction()

# Pages of section 7: every man/*.7.scd.
function(weir_overview_pages)
  if(NOT SCDOC)
    return()
  endif()
  file(GLOB sources CONFIGURE_DEPENDS man/*.7.scd)
  file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/man)
  foreach(source ${sources})
    get_filename_component(page ${source} NAME_WLE)
    set(output ${CMAKE_BINARY_DIR}/man/${page})
    add_custom_command(OUTPUT ${output} COMMAND ${SCDOC} < ${source} > ${output} DEPENDS ${source} VERBATIM)
    string(REPLACE ".7" "" name ${page})
    add_custom_target(doc_${name} ALL DEPENDS ${output})
    install(FILES ${output} DESTINATION ${CMAKE_INSTALL_MANDIR}/man7)
  endforeach()
endfunction()
