// What a floor above work includes in nearly every file: views of rows, and the codec below them.
#pragma once

#include "standard.h"

#include "base/encoding.h"
#include "base/time_text.h"
#include "base/wire.h"
#include "rows/codec.h"
#include "work/view.h"
