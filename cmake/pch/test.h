// What the tests include besides: GoogleTest is most of what a test file costs.
#pragma once

#include "standard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
