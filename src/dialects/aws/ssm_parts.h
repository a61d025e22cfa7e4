// What the families of Parameter Store's operations share: how a request names a parameter, what it
// needs to be allowed, and how parameters are written out.
//
// Names come as they are, or as ARNs, with a selector behind: "/a/b:3", "name:label". ARNs are of
// this account, and of any region: there is one namespace over all regions.
#pragma once

#include "dialects/aws/answers.h"
#include "dialects/aws/families.h"
#include "dialects/aws/home.h"
#include "dialects/aws/operation.h"
#include "domain/parameters/parameters.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::dialects::aws {

void add_ssm_put_operations(OperationTable& table, const Services& services);
void add_ssm_get_operations(OperationTable& table, const Services& services);
void add_ssm_list_operations(OperationTable& table, const Services& services);
void add_ssm_label_operations(OperationTable& table, const Services& services);
void add_ssm_tag_operations(OperationTable& table, const Services& services);
void add_ssm_setting_operations(OperationTable& table, const Services& services);
void add_ssm_sharing_operations(OperationTable& table, const Services& services);

// A parameter that a request named.
struct NamedParameter {
  std::string text;  // as the request has it
  domain::ParameterReference reference;
  std::optional<domain::Parameter> parameter;  // absent: there is none
};

// One call of an operation. Borrows the call.
class Ssm {
 public:
  static Result<Ssm> of(gate::Call& call, const Services& services);
  // The home is made when it is not there.
  static Result<Ssm> for_write(gate::Call& call, const Services& services);

  gate::Call& call;
  std::string account;
  MountPtr home;  // null: nobody has made it yet

  // Of `home`, which is there. An author's ARN goes with each value.
  [[nodiscard]] domain::Parameters parameters() const;
  // Whoever is asking: the ARN, or the display name of a token.
  [[nodiscard]] std::string author() const;
  [[nodiscard]] std::string arn(std::string_view region, std::string_view name) const;
  [[nodiscard]] std::string arn(const domain::ParameterRow& row) const;

  // ParameterNotFound only for what can be no name at all.
  Result<NamedParameter> named(std::string_view text) const;
  // By the member "Name", with no selector and no ARN, as those operations have it that change
  // something.
  Result<NamedParameter> named_plainly(std::string_view member = "Name") const;

 private:
  Ssm(gate::Call& c, std::string a, MountPtr h)
      : call(c), account(std::move(a)), home(std::move(h)) {}
};

// What an operation on one parameter asks for.
struct SsmRule {
  std::string_view action;  // our own: "secret.read"
  std::string_view iam;     // "GetParameter"
  policy::Capability capability = policy::Capability::read;
  std::string_view place = "data/";  // below the mount, in Vault's spelling
};

Result<policy::Access> parameter_access(const Ssm& ssm,
                                        const NamedParameter& named,
                                        const SsmRule& rule);
// For what is about no parameter in particular, or a whole folder.
policy::Access folder_access(const Ssm& ssm, std::string_view folder, const SsmRule& rule);

using SsmHandler = std::function<Result<gate::Reply>(Ssm&)>;
using SsmResolve = std::function<Result<std::vector<policy::Access>>(Ssm&)>;
enum class SsmHome : std::uint8_t { as_it_is, made };

AwsOperation ssm_operation(const Services& services,
                           std::string_view name,
                           const Shape& shape,
                           proof::EventType event,
                           SsmResolve resolve,
                           SsmHandler handler,
                           SsmHome home = SsmHome::as_it_is);

// One that answers with what its resolver found: `find` reads all that will be shown and adds every
// access that it needs.
template <class Found>
AwsOperation ssm_reading(const Services& services,
                         std::string_view name,
                         const Shape& shape,
                         proof::EventType event,
                         Result<Found> (*find)(Ssm&, std::vector<policy::Access>&),
                         Result<gate::Reply> (*answer)(Ssm&, Found&)) {
  return ssm_operation(
      services,
      name,
      shape,
      event,
      [find](Ssm& ssm) -> Result<std::vector<policy::Access>> {
        std::vector<policy::Access> all;
        COFFER_TRY(Found found, find(ssm, all));
        ssm.call.resolved = std::make_shared<Found>(std::move(found));
        return all;
      },
      [answer](Ssm& ssm) -> Result<gate::Reply> {
        return answer(ssm, *std::static_pointer_cast<Found>(ssm.call.resolved));
      });
}

// On the one parameter that the member "Name" says.
SsmResolve on_parameter(const SsmRule& rule);

// {"Name", "Type", "Value", "Version", …}
void write_parameter(const Ssm& ssm,
                     formats::JsonWriter& w,
                     const domain::ParameterRow& row,
                     const domain::ParameterVersion& version,
                     std::string_view value,
                     std::string_view selector = {});
// What history and descriptions add: "KeyId", "Description", "Tier", "Policies"…
void write_attributes(formats::JsonWriter& w, const domain::ParameterVersion& version);

// A page that goes on behind `position`.
struct SsmPage {
  std::size_t limit = 0;
  std::string position;
};

// `request`: what must be the same in the next call.
Result<SsmPage> ssm_page(const Ssm& ssm,
                         std::string_view operation,
                         std::string_view request,
                         std::size_t otherwise);
Result<std::string> ssm_next(const Ssm& ssm,
                             std::string_view operation,
                             std::string_view request,
                             std::string_view position);

}  // namespace coffer::dialects::aws
