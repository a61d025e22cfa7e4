// What each operation answers in each state of a key (reference aws-apis.md §9).
#include "base/encoding.h"
#include "dialects/aws/kms_test.h"

namespace coffer::dialects::aws {
namespace {

// The error's name in each state; "" for success.
struct Row {
  const char* operation;
  const char* more;  // of the body
  const char* enabled;
  const char* disabled;
  const char* pending_deletion;
  const char* pending_import;  // nullptr: no key of that kind is asked
};

constexpr const char* kOff = "DisabledException";
constexpr const char* kState = "KMSInvalidStateException";
constexpr const char* kUnsupported = "UnsupportedOperationException";

constexpr const char* kPlain = R"(,"Plaintext":"aGVsbG8=")";
constexpr const char* kMessage = R"(,"Message":"aGVsbG8=","SigningAlgorithm":"ECDSA_SHA_256")";
constexpr const char* kMac = R"(,"Message":"aGVsbG8=","MacAlgorithm":"HMAC_SHA_256")";
constexpr const char* kParameters =
    R"(,"WrappingAlgorithm":"RSAES_OAEP_SHA_256","WrappingKeySpec":"RSA_2048")";

class KmsStatesTest : public KmsDialectTest {
 protected:
  enum class State { enabled, disabled, pending_deletion, pending_import };

  std::string key_in(State state, std::string_view spec) {
    if (state == State::pending_import) return make(R"({"Origin":"EXTERNAL"})");
    const std::string id = make(spec);
    if (state == State::disabled) EXPECT_EQ(error("DisableKey", with_key(id)), "");
    if (state == State::pending_deletion) {
      EXPECT_EQ(error("ScheduleKeyDeletion", with_key(id, R"(,"PendingWindowInDays":7)")), "");
    }
    return id;
  }

  void check(const Row& row, State state, const char* wanted, std::string_view spec) {
    if (wanted == nullptr) return;
    const std::string id = key_in(state, spec);
    std::string body = with_key(id, row.more);
    if (std::string_view(row.operation).ends_with("Alias")) {
      body = R"({"AliasName":"alias/)" + std::to_string(++aliases_) + R"(","TargetKeyId":")" + id +
             "\"}";
    }
    const TestAnswer answer = call(row.operation, body);
    EXPECT_EQ(answer.status == 200 ? "" : answer.text("__type"), wanted)
        << row.operation << " in state " << static_cast<int>(state) << ": " << answer.body;
  }

  void check_all(std::span<const Row> rows, std::string_view spec) {
    for (const Row& row : rows) {
      check(row, State::enabled, row.enabled, spec);
      check(row, State::disabled, row.disabled, spec);
      check(row, State::pending_deletion, row.pending_deletion, spec);
      check(row, State::pending_import, row.pending_import, spec);
    }
  }

  int aliases_ = 0;
};

TEST_F(KmsStatesTest, OfSymmetricKeys) {
  const Row kRows[] = {
      {"CancelKeyDeletion", "", kState, kState, "", kState},
      {"CreateAlias", "", "", "", kState, ""},
      {"CreateGrant",
       R"(,"GranteePrincipal":"arn:aws:iam::123456789012:user/x","Operations":["Decrypt"])",
       "",
       kOff,
       kState,
       kState},
      {"DeleteImportedKeyMaterial", "", kUnsupported, kUnsupported, kUnsupported, ""},
      {"DescribeKey", "", "", "", "", ""},
      {"DisableKey", "", "", "", kState, kState},
      {"DisableKeyRotation", "", "", kOff, kState, kUnsupported},
      {"EnableKey", "", "", "", kState, kState},
      {"EnableKeyRotation", "", "", kOff, kState, kUnsupported},
      {"Encrypt", kPlain, "", kOff, kState, kState},
      {"GenerateDataKey", R"(,"KeySpec":"AES_256")", "", kOff, kState, kState},
      {"GenerateDataKeyPair", R"(,"KeyPairSpec":"ECC_NIST_P256")", "", kOff, kState, kState},
      {"GenerateDataKeyPairWithoutPlaintext",
       R"(,"KeyPairSpec":"ECC_NIST_P256")",
       "",
       kOff,
       kState,
       kState},
      {"GenerateDataKeyWithoutPlaintext", R"(,"KeySpec":"AES_256")", "", kOff, kState, kState},
      {"GetKeyPolicy", "", "", "", "", ""},
      {"GetKeyRotationStatus", "", "", "", "", kUnsupported},
      {"GetParametersForImport", kParameters, kUnsupported, kUnsupported, kUnsupported, ""},
      {"ListGrants", "", "", "", "", ""},
      {"ListKeyPolicies", "", "", "", "", ""},
      {"ListResourceTags", "", "", "", "", ""},
      {"PutKeyPolicy",
       R"(,"BypassPolicyLockoutSafetyCheck":true,"Policy":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"kms:*\",\"Resource\":\"*\"}]}")",
       "",
       "",
       "",
       ""},
      {"RotateKeyOnDemand", "", "", kOff, kState, kState},
      {"ScheduleKeyDeletion", R"(,"PendingWindowInDays":7)", "", "", kState, ""},
      {"TagResource", R"(,"Tags":[{"TagKey":"a","TagValue":"b"}])", "", "", kState, ""},
      {"UntagResource", R"(,"TagKeys":["a"])", "", "", kState, ""},
      {"UpdateKeyDescription", R"(,"Description":"d")", "", "", kState, ""},
      {"GetKeyLastUsage", "", "", "", "", ""},
      {"ListKeyRotations", "", "", "", "", ""},
  };
  check_all(kRows, "{}");
}

TEST_F(KmsStatesTest, OfKeysForSignatures) {
  const Row kRows[] = {
      {"Sign", kMessage, "", kOff, kState, nullptr},
      {"GetPublicKey", "", "", kOff, kState, nullptr},
  };
  check_all(kRows, R"({"KeySpec":"ECC_NIST_P256","KeyUsage":"SIGN_VERIFY"})");
}

TEST_F(KmsStatesTest, OfKeysForMacs) {
  const Row kRows[] = {{"GenerateMac", kMac, "", kOff, kState, nullptr}};
  check_all(kRows, R"({"KeySpec":"HMAC_256","KeyUsage":"GENERATE_VERIFY_MAC"})");
}

// What was made while the key was enabled refuses at once, also when the key is open in memory.
TEST_F(KmsStatesTest, OldResultsOfAKeyThatIsOff) {
  const std::string id = make();
  const std::string blob = encrypt(id);
  EXPECT_EQ(decrypt(blob), kHello);
  const std::string again =
      R"({"CiphertextBlob":")" + blob + R"(","DestinationKeyId":")" + make() + "\"}";
  EXPECT_EQ(error("ReEncrypt", again), "");
  const std::string off = "DisabledException: " + arn(id) + " is disabled.";
  ASSERT_EQ(error("DisableKey", with_key(id)), "");
  EXPECT_EQ(decrypt(blob), off);
  EXPECT_EQ(error("ReEncrypt", again), off);
  EXPECT_EQ(error("Encrypt", with_key(id, kPlain)), off);
  ASSERT_EQ(error("ScheduleKeyDeletion", with_key(id)), "");
  const std::string dying = "KMSInvalidStateException: " + arn(id) + " is pending deletion.";
  EXPECT_EQ(decrypt(blob), dying);
  EXPECT_EQ(error("ReEncrypt", again), dying);
  ASSERT_EQ(error("CancelKeyDeletion", with_key(id)), "");
  EXPECT_EQ(decrypt(blob), off);
  ASSERT_EQ(error("EnableKey", with_key(id)), "");
  EXPECT_EQ(decrypt(blob), kHello);
}

}  // namespace
}  // namespace coffer::dialects::aws
