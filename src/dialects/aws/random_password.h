// Random passwords as GetRandomPassword makes them: letters, digits, punctuation and perhaps
// spaces, without what is excluded, and with one of each kind that is left where that is asked for.
//
// Every character is drawn evenly; the order of the required ones is shuffled evenly. Errors are
// invalid_argument with AWS's texts. Pure but for the Random.
#pragma once

#include "base/result.h"
#include "crypto/random.h"
#include "secure/bytes.h"

#include <cstddef>
#include <string>

namespace coffer::dialects::aws {

struct PasswordWish {
  std::size_t length = 32;  // at most 4096
  std::string excluded;
  bool numbers = true;
  bool punctuation = true;
  bool uppercase = true;
  bool lowercase = true;
  bool space = false;
  bool each_type = true;
};

Result<secure::SecureText> random_password(const PasswordWish& wish, crypto::Random& random);

}  // namespace coffer::dialects::aws
