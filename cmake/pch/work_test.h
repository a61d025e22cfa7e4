// The same for tests, with the world that their views live in.
#pragma once

#include "test.h"
#include "work.h"

#include "work/test_world.h"
