# Language level, warnings, hardening and sanitizers, the same for every target.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  message(FATAL_ERROR "GCC 12 destroys temporaries of co_await expressions twice; use clang 19 or GCC 13+")
endif()

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
# Everything is linked into position independent executables: one flag for libraries and programs,
# so that they can share precompiled headers.
set(CMAKE_POSITION_INDEPENDENT_CODE OFF)
add_compile_options(-fPIE)
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1")
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g1")

set(COFFER_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize= takes them")
option(COFFER_LIBFUZZER "Link fuzz targets with libFuzzer instead of the corpus replayer" OFF)

add_compile_options(
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
  -Wold-style-cast -Woverloaded-virtual -Wimplicit-fallthrough -Wswitch-enum -Werror
  -fstack-protector-strong -fstack-clash-protection -fvisibility=hidden)
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  # A designated initialiser says what differs from the defaults; that is its use here.
  add_compile_options(-Wno-missing-designated-field-initializers)
endif()
if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
  add_compile_options(-fcf-protection)
endif()
add_compile_definitions(_GLIBCXX_ASSERTIONS)
add_link_options(-Wl,-z,relro,-z,now -pie)
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  add_compile_options(-Wthread-safety)
  add_link_options(-fuse-ld=mold)
endif()

if(COFFER_SANITIZE)
  add_compile_options(-fsanitize=${COFFER_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${COFFER_SANITIZE})
  if(COFFER_LIBFUZZER)
    add_compile_options(-fsanitize=fuzzer-no-link)
  endif()
else()
  if(CMAKE_BUILD_TYPE STREQUAL "Release")
    add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
  endif()
endif()

# Headers, the standard library's first, are most of what a small file costs to compile. With this
# option they are read once; a build without it shows what a file forgot to include.
option(COFFER_PCH "Precompile the headers that most files read" ON)
if(COFFER_PCH AND CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  # Reproducible, so that ccache can trust it.
  add_compile_options("$<$<COMPILE_LANGUAGE:CXX>:SHELL:-Xclang -fno-pch-timestamp>")
endif()

# What is tested is compiled as it ships; the tests themselves run once and are short.
function(coffer_compile_as_test target)
  if(CMAKE_BUILD_TYPE STREQUAL "Release" AND TARGET ${target})
    target_compile_options(${target} PRIVATE -O0 -U_FORTIFY_SOURCE)
  endif()
endfunction()

# coffer_precompile(target headers): `headers` is standard or test, a list in cmake/pch.
function(coffer_precompile target headers)
  if(COFFER_PCH)
    target_precompile_headers(${target} REUSE_FROM coffer_pch_${headers})
  endif()
endfunction()

function(coffer_declare_pch headers)
  if(COFFER_PCH)
    add_library(coffer_pch_${headers} OBJECT ${CMAKE_SOURCE_DIR}/cmake/pch/empty.cc)
    target_precompile_headers(coffer_pch_${headers} PRIVATE ${CMAKE_SOURCE_DIR}/cmake/pch/${headers}.h)
    target_include_directories(coffer_pch_${headers} PRIVATE ${CMAKE_SOURCE_DIR}/src)
    target_link_libraries(coffer_pch_${headers} PRIVATE ${ARGN})
  endif()
endfunction()

# One Beast translation unit needs about a gigabyte: never two at once.
set_property(GLOBAL PROPERTY JOB_POOLS heavy=1)
