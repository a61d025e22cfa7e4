// Shell completion: scripts for bash, zsh and fish, printed from the rows of a Menu.
//
// The scripts complete command words, option names and the values of --format, else files: nothing
// is asked of a server.
#pragma once

#include "apps/cli/menu.h"

#include <optional>
#include <string>
#include <string_view>

namespace coffer::cli {

// nullopt for a shell other than bash, zsh and fish.
std::optional<std::string> completion_script(const Menu& menu, std::string_view shell);

}  // namespace coffer::cli
