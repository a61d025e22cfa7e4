// The library that reads TOML, with its assertions off. It asserts of keys what it checks and
// reports a line later (parse_key() in 3.3): "[.x]" would end the program in place of being
// refused. With NDEBUG it would take its assertions for granted, so that is an error here.
#pragma once

#ifdef NDEBUG
#error "the TOML library assumes with NDEBUG what it asserts without"
#endif
#define TOML_ASSERT(expression) static_cast<void>(0)
#include <toml++/toml.h>
