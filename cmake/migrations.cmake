include_guard()

# Builds services/<service>/migrations/NNNN_name.sql into `target`, as sauda::<service>::kMigrations
# of "services/<service>/src/migrations.hpp" (generated; a span of storage::Migration by number).
#   sauda_embed_migrations(feed_app feed)
function(sauda_embed_migrations target service)
  set(folder ${CMAKE_SOURCE_DIR}/services/${service}/migrations)
  set(out ${CMAKE_BINARY_DIR}/generated/migrations)
  set(stem ${out}/services/${service}/src/migrations)
  file(GLOB files CONFIGURE_DEPENDS ${folder}/*.sql)
  if(NOT files)
    message(FATAL_ERROR "${folder} holds no NNNN_name.sql")
  endif()
  add_custom_command(
    OUTPUT ${stem}.hpp ${stem}.cpp
    COMMAND ${CMAKE_COMMAND} -D SERVICE=${service} -D FOLDER=${folder} -D STEM=${stem}
            -P ${CMAKE_SOURCE_DIR}/cmake/embed_migrations.cmake
    DEPENDS ${files} ${CMAKE_SOURCE_DIR}/cmake/embed_migrations.cmake
    COMMENT "migrations of ${service}")
  add_custom_target(${service}_migrations DEPENDS ${stem}.hpp ${stem}.cpp)
  add_dependencies(generated_code ${service}_migrations)
  target_sources(${target} PRIVATE ${stem}.hpp ${stem}.cpp)
  target_include_directories(${target} PUBLIC ${out})
  target_link_libraries(${target} PUBLIC storage)
endfunction()
