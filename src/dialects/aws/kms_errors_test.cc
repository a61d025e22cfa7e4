// The errors that were recorded from AWS, to the letter (reference aws-errors-observed.md).
#include "base/encoding.h"
#include "dialects/aws/kms_test.h"

#include <iterator>
#include <vector>

namespace coffer::dialects::aws {
namespace {

struct Recorded {
  const char* operation;
  const char* body;  // "$sym" and so on are ids of keys, "$arn:sym" their ARNs
  const char* error;
};

constexpr Recorded kRecorded[] = {
    {"RotateKeyOnDemand", R"({"KeyId":"$off"})", "DisabledException: $arn:off is disabled."},
    {"GenerateDataKeyPair",
     R"({"KeyId":"$sym","KeyPairSpec":"ECC_NIST_P256","DryRun":true})",
     "DryRunOperationException: The request would have succeeded, but the DryRun option is set."},
    {"Decrypt", R"({"CiphertextBlob":"aGVsbG8="})", "InvalidCiphertextException"},
    {"DeriveSharedSecret",
     R"({"KeyId":"$sym","KeyAgreementAlgorithm":"ECDH","PublicKey":"aGVsbG8="})",
     "InvalidKeyUsageException: $arn:sym key usage is ENCRYPT_DECRYPT which is not valid for "
     "DeriveSharedSecret."},
    {"GenerateMac",
     R"({"KeyId":"$sym","Message":"aGVsbG8=","MacAlgorithm":"HMAC_SHA_256"})",
     "InvalidKeyUsageException: $arn:sym key usage is ENCRYPT_DECRYPT which is not valid for "
     "GenerateMac."},
    {"Verify",
     R"({"KeyId":"$sym","Message":"aGVsbG8=","Signature":"aGVsbG8=","SigningAlgorithm":"ECDSA_SHA_256"})",
     "InvalidKeyUsageException: $arn:sym key usage is ENCRYPT_DECRYPT which is not valid for "
     "Verify."},
    {"Sign",
     R"({"KeyId":"$hmac256","Message":"aGVsbG8=","SigningAlgorithm":"ECDSA_SHA_256"})",
     "InvalidKeyUsageException: $arn:hmac256 key usage is GENERATE_VERIFY_MAC which is not valid "
     "for Sign."},
    {"DeriveSharedSecret",
     R"({"KeyId":"$ec","KeyAgreementAlgorithm":"ECDH","PublicKey":"aGVsbG8="})",
     "InvalidKeyUsageException: $arn:ec key usage is SIGN_VERIFY which is not valid for "
     "DeriveSharedSecret."},
    {"Encrypt",
     R"({"KeyId":"$ec","Plaintext":"aGVsbG8="})",
     "InvalidKeyUsageException: $arn:ec key usage is SIGN_VERIFY which is not valid for "
     "Encrypt."},
    {"GenerateMac",
     R"({"KeyId":"$hmac224","Message":"aGVsbG8=","MacAlgorithm":"HMAC_SHA_256"})",
     "InvalidKeyUsageException: Algorithm HMAC_SHA_256 is incompatible with key spec HMAC_224."},
    {"VerifyMac",
     R"({"KeyId":"$hmac256","Message":"aGVsbG8=","Mac":"aGVsbG8=","MacAlgorithm":"HMAC_SHA_512"})",
     "InvalidKeyUsageException: Algorithm HMAC_SHA_512 is incompatible with key spec HMAC_256."},
    {"VerifyMac",
     R"({"KeyId":"$hmac256","Message":"aGVsbG8=","Mac":"aGVsbG8=","MacAlgorithm":"HMAC_SHA_256"})",
     "KMSInvalidMacException"},
    {"Verify",
     R"({"KeyId":"$ec","Message":"aGVsbG8=","Signature":"aGVsbG8=","SigningAlgorithm":"ECDSA_SHA_256"})",
     "KMSInvalidSignatureException"},
    {"Encrypt",
     R"({"KeyId":"$ext","Plaintext":"aGVsbG8="})",
     "KMSInvalidStateException: $arn:ext is pending import."},
    {"DescribeKey",
     R"({"KeyId":"134f2428cec14b25a1ae9048164dba47"})",
     "NotFoundException: Invalid keyId '134f2428cec14b25a1ae9048164dba47'"},
    {"DescribeKey", R"({"KeyId":"fake-key-id"})", "NotFoundException: Invalid keyId 'fake-key-id'"},
    {"GenerateMac",
     R"({"KeyId":"key_id","Message":"aGVsbG8=","MacAlgorithm":"HMAC_SHA_224"})",
     "NotFoundException: Invalid keyId 'key_id'"},
    {"DescribeKey",
     R"({"KeyId":"mrk-fake-key-id"})",
     "NotFoundException: Invalid keyId 'mrk-fake-key-id'"},
    {"DescribeKey", R"({"KeyId":"$gone"})", "NotFoundException: Key '$arn:gone' does not exist"},
    {"DescribeKey", R"({"KeyId":"$mrk"})", "NotFoundException: Key '$arn:mrk' does not exist"},
    {"DescribeKey",
     R"({"KeyId":"arn:aws:kms:us-west-2:123456789012:key/$gone"})",
     "NotFoundException: Invalid arn us-west-2"},
    {"TagResource",
     R"({"KeyId":"$sym","Tags":[{"TagKey":"a","TagValue":"1"},{"TagKey":"a","TagValue":"2"}]})",
     "TagException: Duplicate tag keys"},
    {"TagResource",
     R"({"KeyId":"$sym","Tags":[{"TagKey":"aws:a","TagValue":"1"}]})",
     "TagException: Tags beginning with aws: are reserved"},

    {"RotateKeyOnDemand", R"({"KeyId":"$ec"})", "UnsupportedOperationException"},
    {"GetParametersForImport",
     R"({"KeyId":"$sym","WrappingAlgorithm":"RSAES_OAEP_SHA_256","WrappingKeySpec":"RSA_2048"})",
     "UnsupportedOperationException: $arn:sym origin is AWS_KMS which is not valid for this "
     "operation."},
    {"EnableKeyRotation",
     R"({"KeyId":"$ext"})",
     "UnsupportedOperationException: $arn:ext origin is EXTERNAL which is not valid for this "
     "operation."},
    {"GenerateRandom",
     R"({"NumberOfBytes":0})",
     "ValidationException: 1 validation error detected: Value '0' at 'numberOfBytes' failed to "
     "satisfy constraint: Member must have value greater than or equal to 1"},
    {"GenerateRandom",
     R"({"NumberOfBytes":1025})",
     "ValidationException: 1 validation error detected: Value '1025' at 'numberOfBytes' failed "
     "to "
     "satisfy constraint: Member must have value less than or equal to 1024"},
    {"GenerateRandom", "{}", "ValidationException: NumberOfBytes is required."},
    {"DeriveSharedSecret",
     R"({"KeyId":"$ec","KeyAgreementAlgorithm":"INVALID","PublicKey":"aGVsbG8="})",
     "ValidationException: 1 validation error detected: Value 'INVALID' at "
     "'keyAgreementAlgorithm' failed to satisfy constraint: Member must satisfy enum value set: "
     "[ECDH]"},
    {"GenerateMac",
     R"({"KeyId":"$hmac256","Message":"aGVsbG8=","MacAlgorithm":"INVALID"})",
     "ValidationException: 1 validation error detected: Value 'INVALID' at 'macAlgorithm' failed "
     "to satisfy constraint: Member must satisfy enum value set: [HMAC_SHA_384, HMAC_SHA_256, "
     "HMAC_SHA_224, HMAC_SHA_512]"},

    {"CreateAlias",
     R"({"AliasName":"prod","TargetKeyId":"$sym"})",
     "ValidationException: Alias must start with the prefix \"alias/\". Please see "
     "https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html"},
    {"Sign",
     R"({"KeyId":"$ec","Message":"aGVsbG8=","MessageType":"DIGEST","SigningAlgorithm":"ECDSA_SHA_256"})",
     "ValidationException: Digest is invalid length for algorithm ECDSA_SHA_256."},
    {"CreateKey",
     R"({"KeySpec":"RSA_2048","KeyUsage":"KEY_AGREEMENT"})",
     "ValidationException: KeyUsage KEY_AGREEMENT is not compatible with KeySpec RSA_2048"},
    {"CreateKey",
     R"({"KeySpec":"HMAC_256"})",
     "ValidationException: You must specify a KeyUsage value for all KMS keys except for "
     "symmetric encryption keys."},
    {"CancelKeyDeletion",
     R"({"KeyId":"$sym"})",
     "KMSInvalidStateException: $arn:sym is not pending deletion."},
    {"ListKeys", R"({"Marker":"bogus"})", "InvalidMarkerException"},
};

class KmsErrorsTest : public KmsDialectTest {
 protected:
  void SetUp() override {
    ids_["sym"] = make();
    ids_["rsa"] = make(R"({"KeySpec":"RSA_2048","KeyUsage":"ENCRYPT_DECRYPT"})");
    ids_["ec"] = make(R"({"KeySpec":"ECC_NIST_P256","KeyUsage":"SIGN_VERIFY"})");
    ids_["hmac224"] = make(R"({"KeySpec":"HMAC_224","KeyUsage":"GENERATE_VERIFY_MAC"})");
    ids_["hmac256"] = make(R"({"KeySpec":"HMAC_256","KeyUsage":"GENERATE_VERIFY_MAC"})");
    ids_["ext"] = make(R"({"Origin":"EXTERNAL"})");
    ids_["off"] = make();
    EXPECT_EQ(error("DisableKey", with_key(ids_["off"])), "");
    ids_["gone"] = "ffffffff-ffff-4fff-bfff-ffffffffffff";
    ids_["mrk"] = "mrk-ffffffffffffffffffffffffffffffff";
  }

  std::string filled(std::string text) const {
    for (const auto& [name, id] : ids_) {
      replace(text, "$arn:" + name, arn(id));
      replace(text, "$" + name, id);
    }
    return text;
  }

  static void replace(std::string& text, const std::string& from, const std::string& to) {
    for (std::size_t at = text.find(from); at != std::string::npos;
         at = text.find(from, at + to.size())) {
      text.replace(at, from.size(), to);
    }
  }

  std::map<std::string, std::string, std::greater<>> ids_;  // longer names first
};

TEST_F(KmsErrorsTest, AreThoseOfAws) {
  const std::string plain4097 =
      R"({"KeyId":"$sym","Plaintext":")" + base64_encode(Bytes(4097, 1)) + "\"}";
  const std::string tags51 = [] {
    std::string all;
    for (int i = 0; i < 51; ++i) {
      all += (i > 0 ? "," : "") + (R"({"TagKey":"k)" + std::to_string(i) + R"(","TagValue":"v"})");
    }
    return R"({"Tags":[)" + all + "]}";
  }();
  std::vector<Recorded> all(std::begin(kRecorded), std::end(kRecorded));
  all.push_back({"CreateKey", tags51.c_str(), "TagException: Too many tags"});
  all.push_back(
      {"Encrypt",
       plain4097.c_str(),
       "ValidationException: 1 validation error detected: Value at 'plaintext' failed to satisfy "
       "constraint: Member must have length less than or equal to 4096"});
  for (const Recorded& each : all) {
    SCOPED_TRACE(std::string(each.operation) + " " + each.body);
    const std::string found = error(each.operation, filled(each.body));
    const std::string wanted = filled(each.error);
    EXPECT_EQ(found.substr(0, wanted.size()), wanted);
    if (std::string_view(each.operation) != "ListKeys") EXPECT_EQ(found, wanted);
  }
}

TEST_F(KmsErrorsTest, OfOtherRegions) {
  const auto admin = gate::make_aws_administrator(gate_);
  const TestAnswer made = call_as(admin, "CreateKey", "{}", "eu-west-1");
  ASSERT_EQ(made.status, 200) << made.body;
  const std::string id = made.text("KeyMetadata", "KeyId");
  EXPECT_EQ(made.text("KeyMetadata", "Arn"), arn(id, "eu-west-1"));
  EXPECT_EQ(error_as(admin, "DescribeKey", with_key(id), "eu-west-1"), "");
  EXPECT_EQ(error_as(admin, "DescribeKey", with_key(id)),
            "NotFoundException: Key '" + arn(id) + "' does not exist");
  EXPECT_EQ(error_as(admin, "DescribeKey", with_key(arn(id, "eu-west-1"))),
            "NotFoundException: Invalid arn eu-west-1");
  EXPECT_EQ(call("ListKeys").body.find(id), std::string::npos);
}

TEST_F(KmsErrorsTest, RotationsHaveTheirLimit) {
  for (int i = 0; i < 25; ++i) {
    ASSERT_EQ(error("RotateKeyOnDemand", with_key(ids_["sym"])), "");
  }
  EXPECT_EQ(error("RotateKeyOnDemand", with_key(ids_["sym"])),
            "LimitExceededException: The on-demand rotations limit has been reached for the given "
            "keyId. No more on-demand rotations can be performed for this key: " +
                arn(ids_["sym"]));
  EXPECT_EQ(call("ListKeyRotations", with_key(ids_["sym"], R"(,"Limit":10)")).text("Truncated"),
            "true");
}

// Every recorded limit of RSA-OAEP: what fits, and one octet more.
TEST_F(KmsErrorsTest, RsaTakesOnlySoMuch) {
  struct Limit {
    const char* algorithm;
    std::size_t most;
  };

  for (const Limit& limit : {Limit{"RSAES_OAEP_SHA_1", 214}, Limit{"RSAES_OAEP_SHA_256", 190}}) {
    const auto body = [&](std::size_t size) {
      return with_key(ids_["rsa"],
                      R"(,"EncryptionAlgorithm":")" + std::string(limit.algorithm) +
                          R"(","Plaintext":")" + base64_encode(Bytes(size, 7)) + "\"");
    };
    EXPECT_EQ(error("Encrypt", body(limit.most)), "");
    EXPECT_EQ(error("Encrypt", body(limit.most + 1)),
              "ValidationException: Algorithm " + std::string(limit.algorithm) +
                  " and key spec RSA_2048 cannot encrypt data larger than " +
                  std::to_string(limit.most) + " bytes.");
  }
}

}  // namespace
}  // namespace coffer::dialects::aws
