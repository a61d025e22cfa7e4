#include "apps/client/settings.h"

#include "apps/client/files.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>

namespace coffer::client {
namespace {

constexpr std::size_t kMaxTokenFile = 16 * 1024;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

}  // namespace

std::optional<bool> truth_of(std::string_view text) {
  constexpr std::array<std::string_view, 6> kTrue{"1", "t", "T", "true", "TRUE", "True"};
  constexpr std::array<std::string_view, 6> kFalse{"0", "f", "F", "false", "FALSE", "False"};
  if (std::ranges::find(kTrue, text) != kTrue.end()) return true;
  if (std::ranges::find(kFalse, text) != kFalse.end()) return false;
  return std::nullopt;
}

std::string variable(const Environment& environment, std::string_view suffix) {
  for (const std::string_view prefix : {"COFFER_", "VAULT_"}) {
    const auto value = environment(std::string(prefix) + std::string(suffix));
    if (value && !value->empty()) return *value;
  }
  return {};
}

Settings settings_from(const Environment& environment) {
  Settings settings;
  if (std::string address = variable(environment, "ADDR"); !address.empty()) {
    settings.address = std::move(address);
  }
  settings.ca_file = variable(environment, "CACERT");
  settings.certificate_file = variable(environment, "CLIENT_CERT");
  settings.key_file = variable(environment, "CLIENT_KEY");
  // What is no truth leaves the verification on.
  settings.skip_verify = truth_of(variable(environment, "SKIP_VERIFY")).value_or(false);
  settings.name_space = variable(environment, "NAMESPACE");
  return settings;
}

Result<std::string> token_path(const Environment& environment) {
  const auto home = environment("HOME");
  if (!home || home->empty()) {
    return fail(Code::invalid_argument, "HOME is not set: export COFFER_TOKEN instead");
  }
  return *home + "/.coffer/token";
}

Result<secure::SecureText> find_token(const Environment& environment) {
  if (const std::string token = variable(environment, "TOKEN"); !token.empty()) {
    return secure::SecureText(trimmed(token));
  }
  const auto path = token_path(environment);
  if (!path) return secure::SecureText();
  auto text = read_file(*path, kMaxTokenFile);
  if (!text && text.error().code == Code::not_found) return secure::SecureText();
  if (!text) return std::unexpected(std::move(text).error());
  return secure::SecureText(trimmed(text->text()));
}

Result<> store_token(const Environment& environment, std::string_view token) {
  COFFER_TRY(const std::string path, token_path(environment));
  COFFER_CHECK(make_private_folder(std::filesystem::path(path).parent_path().string()));
  return replace_file(path, token);
}

}  // namespace coffer::client
