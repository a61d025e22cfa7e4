// What the gate and the dialects include in nearly every file: what operations are made of.
#pragma once

#include "work.h"

#include "formats/vault_fields.h"
#include "gate/operation.h"
