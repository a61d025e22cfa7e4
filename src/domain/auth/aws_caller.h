// AwsCaller: what is known of a principal that signed its request, beyond what policies ask for
// (policy::IamPrincipal, in the principal's facts). Plain value.
#pragma once

#include "domain/auth/aws_session.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace coffer::domain {

struct AwsCaller {
  std::string access_key_id;              // AKIA… or ASIA…
  std::string name;                       // of the user or role
  std::string id;                         // AIDA…, AROA…
  std::optional<AwsSessionKind> session;  // nullopt: a long-lived access key
  std::string session_name;
  std::map<std::string, std::string> session_tags;
  std::vector<std::string> transitive_tags;  // keys
  // What credentials that are issued to this caller depend on: AwsSession::parents of theirs.
  std::vector<AwsParent> lineage;
};

}  // namespace coffer::domain
