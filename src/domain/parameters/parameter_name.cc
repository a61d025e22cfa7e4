#include "domain/parameters/parameter_name.h"

#include "formats/dotted_path.h"

#include <algorithm>

namespace coffer::domain {
namespace {

constexpr std::string_view kMixOf =
    "If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can "
    "be formed as a mix of letters, numbers and the following 3 symbols .-_";

std::unexpected<Error> invalid(std::string message) {
  return std::unexpected(Error{Code::invalid_argument, std::move(message), "ValidationException"});
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_name_char(char c) {
  return is_letter(c) || is_digit(c) || c == '.' || c == '-' || c == '_';
}

bool begins_with(std::string_view text, std::string_view lower) {
  return text.size() >= lower.size() &&
         std::ranges::equal(text.substr(0, lower.size()), lower, {}, [](char c) {
           return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
         });
}

// Segments that the paths of secrets have too: not empty, not "." or "..".
bool is_path(std::string_view path) {
  return std::ranges::all_of(path, [](char c) { return is_name_char(c) || c == '/'; }) &&
         formats::parse_slashed(path).has_value();
}

std::string_view trim_blanks(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

Result<> check_reserved(std::string_view name) {
  const std::string_view path = path_of_parameter(name);
  const bool aws = begins_with(path, "aws");
  if (!aws && !begins_with(path, "ssm")) return {};
  const bool hierarchy = std::ranges::count(name, '/') > 1;
  if (aws && hierarchy) {
    return std::unexpected(Error{Code::permission_denied,
                                 "No access to reserved parameter name: " + std::string(name) + ".",
                                 "AccessDeniedException"});
  }
  if (hierarchy) {
    return invalid("Parameter name: can't be prefixed with \"ssm\" (case-insensitive). " +
                   std::string(kMixOf));
  }
  return invalid("Parameter name: can't be prefixed with \"aws\" or \"ssm\" (case-insensitive).");
}

}  // namespace

Result<std::string> check_parameter_name(std::string_view name) {
  name = trim_blanks(name);
  if (name.size() > kMaxParameterName) {
    return invalid("Parameter name: can't be longer than 1011 characters.");
  }
  COFFER_CHECK(check_reserved(name));
  if (name.contains('/') && !name.starts_with('/')) {
    return invalid("Parameter name must be a fully qualified name.");
  }
  const std::string_view path = path_of_parameter(name);
  if (static_cast<std::size_t>(std::ranges::count(path, '/')) >= kMaxParameterLevels) {
    return std::unexpected(
        Error{Code::invalid_argument,
              "Parameter name: a hierarchy can have a maximum of fifteen levels.",
              "HierarchyLevelLimitExceededException"});
  }
  if (!is_path(path)) {
    return invalid("Parameter name: can't be prefixed with \"ssm\" (case-insensitive). " +
                   std::string(kMixOf));
  }
  return std::string(name);
}

Result<> check_parameter_path(std::string_view path) {
  if (path == "/") return {};
  std::string_view inner = path;
  if (inner.ends_with('/')) inner.remove_suffix(1);
  if (inner.starts_with('/') && is_path(inner.substr(1))) {
    const std::string_view first = inner.substr(1);
    if (!begins_with(first, "aws") && !begins_with(first, "ssm")) return {};
  }
  return invalid(
      "The parameter doesn't meet the parameter name requirements. The parameter name must begin "
      "with a forward slash \"/\". It can't be prefixed with \"aws\" or \"ssm\" "
      "(case-insensitive). It must use only letters, numbers, or the following symbols: . "
      "(period), "
      "- (hyphen), _ (underscore). Special characters are not allowed. All sub-paths, if "
      "specified, must use the forward slash symbol \"/\". Valid example: "
      "/get/parameters2-/by1./path0_.");
}

std::string_view path_of_parameter(std::string_view name) {
  if (name.starts_with('/')) name.remove_prefix(1);
  return name;
}

std::string name_of_path(std::string_view path) {
  return path.contains('/') ? "/" + std::string(path) : std::string(path);
}

Result<ParameterReference> parse_parameter_reference(std::string_view text) {
  const std::string_view trimmed = trim_blanks(text);
  const std::size_t colon = trimmed.find(':');
  if (colon == std::string_view::npos) return ParameterReference{std::string(trimmed), {}};
  const std::string_view selector = trimmed.substr(colon);
  if (selector.size() == 1 || selector.substr(1).contains(':')) return parameter_not_found(text);
  return ParameterReference{std::string(trimmed.substr(0, colon)), std::string(selector)};
}

bool is_label(std::string_view text) {
  return !text.empty() && text.size() <= kMaxLabel && std::ranges::all_of(text, is_name_char) &&
         !is_digit(text.front()) && !begins_with(text, "aws") && !begins_with(text, "ssm");
}

std::unexpected<Error> parameter_not_found(std::string_view as_named) {
  return std::unexpected(Error{
      Code::not_found, "Parameter " + std::string(as_named) + " not found.", "ParameterNotFound"});
}

}  // namespace coffer::domain
