// Result<T>: a value or the one Error of the house.
//
// Error carries a small closed Code and a message that names what is wrong. A message never
// contains a secret, a request body or the text of a library's error queue: it may reach a client
// or a log. Exceptions mean a bug, exhausted memory or a failed start; everything else that can go
// wrong is a Result. Both types are values and may be used from any thread.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace coffer {

enum class Code : std::uint8_t {
  invalid_argument,     // the caller sent something malformed or out of its limits
  unauthenticated,      // no identity, or one that does not hold
  permission_denied,    // identity holds, the access does not
  not_found,            // nothing there (or nothing that the caller may know of)
  already_exists,       // the name is taken
  precondition_failed,  // well-formed, but the state does not allow it (check-and-set, quorum)
  conflict,             // another unit of work was first; running again may succeed
  too_large,            // beyond a stated limit of size or count
  exhausted,            // rate, use count or quota spent
  sealed,               // the server holds no root key
  uninitialized,        // the server was never initialised
  unsupported,          // no such operation here
  unavailable,          // store, disk or peer did not answer; retry later
  corrupt,              // stored bytes failed authentication or a redundancy check
  internal,             // a bug, reported without details
};

std::string_view to_text(Code code);

struct Error {
  Code code = Code::internal;
  std::string message;
  // The word that a dialect has for this failure alone, where its clients tell failures apart by
  // more than the code ("KMSInvalidStateException"). A literal; empty: the code says it.
  std::string_view name = {};
  friend bool operator==(const Error&, const Error&) = default;
};

template <class T = void>
class [[nodiscard]] Result : public std::expected<T, Error> {
 public:
  using std::expected<T, Error>::expected;
  using std::expected<T, Error>::operator=;
};

// return fail(Code::not_found, "no such mount");
[[nodiscard]] inline std::unexpected<Error> fail(Code code, std::string message) {
  return std::unexpected<Error>(Error{code, std::move(message)});
}

}  // namespace coffer

#define COFFER_CONCAT_INNER(a, b) a##b
#define COFFER_CONCAT(a, b) COFFER_CONCAT_INNER(a, b)
#define COFFER_TRY_INNER(result, declaration, ...)                                 \
  auto result = (__VA_ARGS__);                                                     \
  if (!result) return std::unexpected<::coffer::Error>(std::move(result).error()); \
  declaration = *std::move(result)

// COFFER_TRY(auto row, view.find(key)): the value, or return its error.
#define COFFER_TRY(declaration, ...) \
  COFFER_TRY_INNER(COFFER_CONCAT(coffer_result_, __LINE__), declaration, __VA_ARGS__)

// COFFER_CHECK(validate(x)): continue on success of a Result<>, or return its error.
#define COFFER_CHECK(...)                                                       \
  do {                                                                          \
    if (auto coffer_check = (__VA_ARGS__); !coffer_check)                       \
      return std::unexpected<::coffer::Error>(std::move(coffer_check).error()); \
  } while (false)
