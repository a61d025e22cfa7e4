// Names, paths, ids and ARNs of IAM. Pure functions.
//
// Errors carry AWS's name for them (Error::name), "ValidationError" here.
#pragma once

#include "base/result.h"
#include "crypto/random.h"
#include "secure/bytes.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace coffer::domain {

inline constexpr std::size_t kMaxAwsName = 64;         // of a user or role
inline constexpr std::size_t kMaxAwsPolicyName = 124;  // its row's name has four octets more
inline constexpr std::size_t kMaxAwsPath = 512;
inline constexpr std::size_t kMaxAwsTags = 50;

// An error with the word that AWS has for it; `name` is a literal.
[[nodiscard]] std::unexpected<Error> aws_error(Code code,
                                               std::string message,
                                               std::string_view name);

// [\w+=,.@-]+
Result<> check_aws_name(std::string_view name, std::size_t max);
// "/" or "/…/".
Result<> check_aws_path(std::string_view path);
// Keys of 1 to 128 characters, values of at most 256, none of them "aws:…"; not two keys that
// differ by their case only. At most kMaxAwsTags.
Result<> check_aws_tags(const std::map<std::string, std::string>& tags);
// What an access key may be called: 3 to 128 of [A-Za-z0-9_].
bool is_access_key_id(std::string_view id);

// Four letters and sixteen random ones: "AIDA" users, "AROA" roles, "ANPA" managed policies, "AKIA"
// access keys, "ASIA" temporary ones.
std::string new_aws_id(std::string_view prefix, crypto::Random& random);
// Forty characters.
secure::SecureText new_aws_secret(crypto::Random& random);

// "arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE" of what lies in a Region, whose partition it has.
// Policies are asked about a thing by this text, whichever API it is used through.
std::string regional_arn(std::string_view service,
                         std::string_view region,
                         std::string_view account,
                         std::string_view resource);
// "arn:aws:iam::ACCOUNT:KIND/path/name": who somebody is does not depend on the Region that is
// asked, so that these are always of the partition "aws".
std::string iam_arn(std::string_view account,
                    std::string_view kind,
                    std::string_view path,
                    std::string_view name);
// "arn:aws:sts::ACCOUNT:KIND/…"
std::string sts_arn(std::string_view account, std::string_view kind, std::string_view rest);

// The parts of "arn:aws:iam::ACCOUNT:KIND/path/name"; `path` with its slashes. nullopt: it is none.
struct IamArn {
  std::string_view account;
  std::string_view kind;
  std::string path;
  std::string_view name;
};

std::optional<IamArn> parse_iam_arn(std::string_view arn);

}  // namespace coffer::domain
