// From credentials that hold to a principal with its policies: for signed_sessions.cc.
#pragma once

#include "domain/auth/aws_session.h"
#include "domain/auth/sessions.h"
#include "domain/identity/aws_rows.h"

#include <string_view>

namespace coffer::domain {

// UnrecognizedClientException when the key is inactive or its user is gone.
Result<Session> session_of_key(work::View& view,
                               PolicyCache& cache,
                               const AwsAccessKeyRow& key,
                               std::string_view account);

// ExpiredTokenException when its time is up, UnrecognizedClientException when its principal or a
// parent is gone.
Result<Session> session_of_token(work::View& view,
                                 PolicyCache& cache,
                                 const AwsSession& session,
                                 std::string_view account);

// Whether what a session depends on is still there.
Result<bool> parent_lives(work::View& view, const AwsParent& parent);

}  // namespace coffer::domain
