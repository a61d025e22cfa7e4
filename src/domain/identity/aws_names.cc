#include "domain/identity/aws_names.h"

#include "domain/identity/aws_rows.h"

#include <algorithm>
#include <array>
#include <set>

namespace coffer::domain {
namespace {

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

std::unexpected<Error> invalid(std::string message) {
  return aws_error(Code::invalid_argument, std::move(message), "ValidationError");
}

// By what their names begin with; all others belong to "aws".
constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kPartitions{
    {{"cn-", "aws-cn"},
     {"us-gov-", "aws-us-gov"},
     {"us-iso-", "aws-iso"},
     {"us-isob-", "aws-iso-b"},
     {"eu-isoe-", "aws-iso-e"},
     {"us-isof-", "aws-iso-f"},
     {"eusc-", "aws-eusc"}}};

std::string_view partition_of(std::string_view region) {
  for (const auto& [begins, partition] : kPartitions) {
    if (region.starts_with(begins)) return partition;
  }
  return "aws";
}

}  // namespace

std::unexpected<Error> aws_error(Code code, std::string message, std::string_view name) {
  return std::unexpected<Error>(Error{code, std::move(message), name});
}

Result<> check_aws_name(std::string_view name, std::size_t max) {
  const bool good = std::ranges::all_of(name, [](char c) {
    return is_letter_or_digit(c) || std::string_view("_+=,.@-").contains(c);
  });
  if (name.empty() || name.size() > max) {
    return invalid("The specified value for a name must have 1 to " + std::to_string(max) +
                   " characters");
  }
  if (!good) {
    return invalid(
        "The specified value for a name is invalid. It must contain only alphanumeric "
        "characters and/or the following: +=,.@_-");
  }
  return {};
}

Result<> check_aws_path(std::string_view path) {
  const bool good = !path.empty() && path.size() <= kMaxAwsPath && path.front() == '/' &&
                    path.back() == '/' && !path.contains("//") &&
                    std::ranges::all_of(path, [](char c) { return c > 0x20 && c < 0x7f; });
  if (good) return {};
  return invalid(
      "The specified value for path is invalid. It must begin and end with / and contain "
      "only alphanumeric characters and/or / characters.");
}

Result<> check_aws_tags(const std::map<std::string, std::string>& tags) {
  constexpr std::size_t kMaxKey = 128;
  constexpr std::size_t kMaxValue = 256;
  if (tags.size() > kMaxAwsTags) {
    return aws_error(
        Code::too_large, "The number of tags has reached the maximum limit.", "LimitExceeded");
  }
  std::set<std::string> seen;
  for (const auto& [key, value] : tags) {
    if (key.empty() || key.size() > 4 * kMaxKey || value.size() > 4 * kMaxValue) {
      return invalid("The specified value for a tag is too long, or its key is empty");
    }
    std::string folded = aws_name_key(key);
    if (folded.starts_with("aws:")) return invalid("Tag keys must not start with aws:");
    if (!seen.insert(std::move(folded)).second) {
      return aws_error(Code::invalid_argument,
                       "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
                       "InvalidInput");
    }
  }
  return {};
}

bool is_access_key_id(std::string_view id) {
  constexpr std::size_t kMin = 3;
  constexpr std::size_t kMax = 128;
  return id.size() >= kMin && id.size() <= kMax &&
         std::ranges::all_of(id, [](char c) { return is_letter_or_digit(c) || c == '_'; });
}

std::string new_aws_id(std::string_view prefix, crypto::Random& random) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  std::string id(prefix);
  for (const std::uint8_t octet : random.array<16>()) id.push_back(kAlphabet[octet & 31U]);
  return id;
}

secure::SecureText new_aws_secret(crypto::Random& random) {
  constexpr std::size_t kOctets = 30;
  return secure::base64_text(random.bytes(kOctets).view());
}

std::string regional_arn(std::string_view service,
                         std::string_view region,
                         std::string_view account,
                         std::string_view resource) {
  const std::string_view partition = partition_of(region);
  std::string out;
  out.reserve(8 + partition.size() + service.size() + region.size() + account.size() +
              resource.size());
  out += "arn:";
  for (const std::string_view part : {partition, service, region, account}) {
    out += part;
    out += ':';
  }
  out += resource;
  return out;
}

std::string iam_arn(std::string_view account,
                    std::string_view kind,
                    std::string_view path,
                    std::string_view name) {
  std::string arn = "arn:aws:iam::";
  return arn.append(account).append(":").append(kind).append(path).append(name);
}

std::string sts_arn(std::string_view account, std::string_view kind, std::string_view rest) {
  std::string arn = "arn:aws:sts::";
  return arn.append(account).append(":").append(kind).append("/").append(rest);
}

std::optional<IamArn> parse_iam_arn(std::string_view arn) {
  constexpr std::string_view kStart = "arn:aws:iam::";
  if (!arn.starts_with(kStart)) return std::nullopt;
  arn.remove_prefix(kStart.size());
  const std::size_t colon = arn.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::string_view account = arn.substr(0, colon);
  arn.remove_prefix(colon + 1);
  const std::size_t first = arn.find('/');
  if (first == std::string_view::npos) return std::nullopt;
  const std::size_t last = arn.rfind('/');
  IamArn parts{.account = account,
               .kind = arn.substr(0, first),
               .path = std::string(arn.substr(first, last - first + 1)),
               .name = arn.substr(last + 1)};
  if (!check_aws_path(parts.path) || !check_aws_name(parts.name, kMaxAwsPolicyName)) {
    return std::nullopt;
  }
  return parts;
}

}  // namespace coffer::domain
