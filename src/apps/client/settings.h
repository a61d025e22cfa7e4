// Settings: where the server is and how to reach it, from the environment and from options.
//
// Every variable has our own name and the one that Vault users already export; ours wins. Unset and
// empty are the same. Plain values.
#pragma once

#include "base/result.h"
#include "secure/bytes.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace coffer::client {

// Looks up one environment variable; nullopt when it is not set.
using Environment = std::function<std::optional<std::string>(std::string_view name)>;

inline constexpr std::string_view kDefaultAddress = "http://127.0.0.1:8200";

struct Settings {
  std::string address{kDefaultAddress};  // COFFER_ADDR, VAULT_ADDR
  std::string ca_file;                   // COFFER_CACERT, VAULT_CACERT
  bool skip_verify = false;              // COFFER_SKIP_VERIFY, VAULT_SKIP_VERIFY: truth_of()
  // What the server is shown of the client, and its key, PEM files: COFFER_CLIENT_CERT,
  // COFFER_CLIENT_KEY, and the same of VAULT_.
  std::string certificate_file;
  std::string key_file;
  std::string name_space;  // COFFER_NAMESPACE, VAULT_NAMESPACE
};

// A truth as Vault's programs spell it: 1, t, T, true, True, TRUE, and 0, f, F, false, False,
// FALSE; nullopt for every other text.
std::optional<bool> truth_of(std::string_view text);

// The first of COFFER_<suffix> and VAULT_<suffix> that holds something, or empty.
std::string variable(const Environment& environment, std::string_view suffix);

Settings settings_from(const Environment& environment);

// Where `login` keeps the token: $HOME/.coffer/token. invalid_argument without HOME.
Result<std::string> token_path(const Environment& environment);

// COFFER_TOKEN or VAULT_TOKEN, else the token file, else empty.
Result<secure::SecureText> find_token(const Environment& environment);

// Replaces the token file atomically, mode 0600 in a folder of mode 0700.
Result<> store_token(const Environment& environment, std::string_view token);

}  // namespace coffer::client
