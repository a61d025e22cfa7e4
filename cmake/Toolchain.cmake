# Language level, warnings, hardening and sanitizers, the same for every target.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  message(FATAL_ERROR "GCC 12 destroys temporaries of co_await expressions twice; use clang 19 or GCC 13+")
endif()

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
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

# One Beast translation unit needs about a gigabyte: never two at once.
set_property(GLOBAL PROPERTY JOB_POOLS heavy=1)
