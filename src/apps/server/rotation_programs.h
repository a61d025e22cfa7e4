// Rotation functions as the configuration lists them: an HTTPS endpoint, or a command.
//
//   [aws.rotation_function.NAME]
//   arn = "arn:aws:lambda:…"       also the name itself is understood
//   url = "https://host/path"      or  command = ["/usr/local/bin/rotate", "…"]
//   ca_file = "/etc/…pem"          with url: whom to trust; the system's where it is missing
//   timeout_seconds = 60
//
// An endpoint gets the event as the body of a POST and has done the step when it answers 2xx
// without the header x-amz-function-error. A command gets it on its standard input and has done the
// step when it ends with 0; it has PATH and HOME of the server's environment and nothing else, its
// output is thrown away, and it is killed when its time is over. Only what an operator wrote down
// here is ever run: the API names it, and cannot say what it is.
#pragma once

#include "base/result.h"
#include "gate/rotation_functions.h"

#include <chrono>
#include <string>
#include <vector>

namespace coffer::server {

struct RotationProgram {
  std::string name;
  std::string arn;
  std::string url;
  std::string ca_file;
  std::vector<std::string> command;
  std::chrono::seconds timeout{60};
};

// Whether it says one thing to ask, and all of it: errors name what is missing.
Result<> check_program(const RotationProgram& program);

gate::RotationFunctions make_rotation_functions(const std::vector<RotationProgram>& programs);

}  // namespace coffer::server
