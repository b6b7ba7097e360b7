# Builds the files of web/ into a program: writes `output`, which defines PageFiles().
function(sauda_embed_page output)
  set(rows "")
  foreach(name index.html app.js app.css)
    set(file ${CMAKE_SOURCE_DIR}/web/${name})
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
    file(READ ${file} text)
    string(REGEX REPLACE "^.*\\.(html|js|css)$" "\\1" type ${name})
    string(REPLACE js javascript type ${type})
    if(name STREQUAL index.html)
      set(path "/")
    else()
      set(path "/${name}")
    endif()
    string(APPEND rows "    PageFile{\"${path}\", \"text/${type}; charset=utf-8\", R\"~~~(${text})~~~\"},\n")
  endforeach()
  file(CONFIGURE OUTPUT ${output} CONTENT [[
#include "services/gateway/src/rpc/page.hpp"

#include <array>

namespace sauda::gateway {
namespace {

constexpr std::array kFiles{
@rows@};

}  // namespace

std::span<const PageFile> PageFiles() { return kFiles; }

}  // namespace sauda::gateway
]] @ONLY)
endfunction()
