# Run by sauda_embed_migrations: writes STEM.hpp and STEM.cpp from FOLDER/*.sql.
file(GLOB files ${FOLDER}/*.sql)
list(SORT files)
set(rows "")
foreach(file ${files})
  get_filename_component(name ${file} NAME_WE)
  if(NOT name MATCHES "^([0-9][0-9][0-9][0-9])_([a-z0-9_]+)$")
    message(FATAL_ERROR "${file}: migrations are named NNNN_what_it_does.sql")
  endif()
  set(what ${CMAKE_MATCH_2})
  math(EXPR number "1${CMAKE_MATCH_1} - 10000")  # leading zeros would make it octal
  file(READ ${file} sql)
  # Pieces, since compilers limit one literal; cut at the end of a statement's line.
  string(REPLACE ";\n" ";\n)sql\"\n     R\"sql(" sql "${sql}")
  string(APPEND rows "    {${number}, \"${what}\",\n     R\"sql(${sql})sql\"},\n")
endforeach()
file(WRITE ${STEM}.hpp "// Generated from services/${SERVICE}/migrations.
#pragma once

#include <span>

#include \"libs/storage/migrations.hpp\"

namespace sauda::${SERVICE} {

extern const std::span<const storage::Migration> kMigrations;

}  // namespace sauda::${SERVICE}
")
file(WRITE ${STEM}.cpp "// Generated from services/${SERVICE}/migrations.
#include \"services/${SERVICE}/src/migrations.hpp\"

namespace sauda::${SERVICE} {
namespace {

constexpr storage::Migration kSteps[] = {
${rows}};

}  // namespace

constinit const std::span<const storage::Migration> kMigrations{kSteps};

}  // namespace sauda::${SERVICE}
")
