#include "crypto/pem_text.h"

#include "crypto/openssl_ptr.h"

#include <climits>

#include <algorithm>

namespace coffer::crypto {
namespace {

constexpr std::size_t kLine = 64;

void append_boundary(secure::SecureText& out, std::string_view word, std::string_view label) {
  for (const std::string_view part : {std::string_view("-----"),
                                      word,
                                      std::string_view(" "),
                                      label,
                                      std::string_view("-----\n")}) {
    out.append(part);
  }
}

}  // namespace

Result<secure::SecureBytes> pem_read(std::string_view label, std::string_view text) {
  const QuietErrors quiet;
  const BioPtr bio(
      BIO_new_mem_buf(text.data(), static_cast<int>(std::min<std::size_t>(text.size(), INT_MAX))));
  must(bio != nullptr, "OpenSSL made no buffer");
  char* name = nullptr;
  char* header = nullptr;
  unsigned char* data = nullptr;
  long size = 0;
  const bool read = PEM_read_bio(bio.get(), &name, &header, &data, &size) == 1;
  const TextPtr name_owner(name);
  const TextPtr header_owner(header);
  const MemoryPtr data_owner(data);
  if (!read || name != label || *header != '\0') {
    if (read) secure::wipe(data, static_cast<std::size_t>(size));
    return fail(Code::invalid_argument, "no PEM block of the expected label");
  }
  secure::SecureBytes der(ByteView(data, static_cast<std::size_t>(size)));
  secure::wipe(data, static_cast<std::size_t>(size));
  return der;
}

secure::SecureText pem_write(std::string_view label, ByteView der) {
  const secure::SecureText body = secure::base64_text(der);
  secure::SecureText out;
  out.reserve(body.size() + body.size() / kLine + 2 * (label.size() + 20));
  append_boundary(out, "BEGIN", label);
  for (std::string_view left = body.text(); !left.empty();) {
    const std::size_t size = std::min(left.size(), kLine);
    out.append(left.substr(0, size));
    out.push_back('\n');
    left.remove_prefix(size);
  }
  append_boundary(out, "END", label);
  return out;
}

}  // namespace coffer::crypto
