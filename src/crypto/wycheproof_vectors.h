// The test vectors of project Wycheproof, for tests alone: they lie beside the checkout and are
// skipped where they do not.
//
// The folder is $COFFER_SHARED/vectors/wycheproof, or the same under ../shared of the source tree.
#pragma once

#include "base/bytes.h"

#include <boost/json.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace coffer::crypto {

// The parsed file, or nothing where the folder is absent. A folder without the file, or a file that
// is not JSON, throws.
std::optional<boost::json::object> wycheproof_file(std::string_view name);

// A hexadecimal member.
Bytes hex_member(const boost::json::object& from, std::string_view member);
std::string text_member(const boost::json::object& from, std::string_view member);
std::size_t number_member(const boost::json::object& from, std::string_view member);

// "file tcId comment", for messages of failures.
std::string describe(const boost::json::object& test);

// What became of a vector: held against its expectation, or not applicable to this code.
enum class Outcome : std::uint8_t { as_expected, wrong, not_applicable };

// Judges an answer: "valid" must be accepted and "invalid" refused; "acceptable" may be either.
Outcome judge(const boost::json::object& test, bool accepted);

// Runs `check` over every test of the file and reports wrong ones as failures of the running
// GoogleTest test. Fails when none ran, or when more or less than `not_applicable` were left out.
using Check =
    std::function<Outcome(const boost::json::object& group, const boost::json::object& test)>;
void run_wycheproof(std::string_view file, std::size_t not_applicable, const Check& check);

}  // namespace coffer::crypto
