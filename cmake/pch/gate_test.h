// The same for tests, with the gate that they ask.
#pragma once

#include "gate.h"
#include "test.h"

#include "gate/test_gate.h"
