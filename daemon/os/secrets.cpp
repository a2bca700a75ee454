#include "daemon/os/secrets.hpp"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>

#include "daemon/os/file.hpp"

namespace hubsync {
namespace {

constexpr std::size_t max_secret_bytes = 4096;

/// Takes a variable out of the environment, wiping the bytes that /proc/PID/environ shows.
std::optional<Secret> take_variable(const char* name) {
  char* value = std::getenv(name);
  if (value == nullptr) {
    return std::nullopt;
  }
  const std::size_t size = ::strlen(value);
  std::optional<Secret> secret;
  if (size > 0) {
    secret.emplace(std::string_view{value, size});
  }
  ::explicit_bzero(value, size);
  ::unsetenv(name);
  return secret;
}

/// Empty when the text can be a secret, else what is wrong with it; never the text.
std::string_view problem_of(std::string_view text) {
  if (text.empty()) {
    return "is empty";
  }
  if (text.size() > max_secret_bytes) {
    return "is longer than 4096 bytes";
  }
  // Anything else could end the header that carries it.
  const bool printable = std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
  return printable ? ""
                   : "has spaces, line breaks or characters beyond ASCII inside; allowed: one line of "
                     "printable text";
}

std::string_view without_line_end(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) {
    text.remove_suffix(1);
  }
  return text;
}

Result<std::optional<LoadedSecret>> checked(
    std::string_view text, const SecretPlaces& places, const std::string& source
) {
  text = without_line_end(text);
  const std::size_t line_end = places.may_have_second ? text.find('\n') : std::string_view::npos;
  const std::string_view first = without_line_end(text.substr(0, line_end));
  const bool has_second = line_end != std::string_view::npos;
  const std::string_view second = has_second ? text.substr(line_end + 1) : std::string_view{};
  for (const std::string_view line : {first, has_second ? second : first}) {
    if (const std::string_view problem = problem_of(line); !problem.empty()) {
      return fail(ErrorCode::invalid, "the " + places.what + " in " + source + " " + std::string{problem});
    }
  }
  return LoadedSecret{Secret{first}, source, has_second ? std::optional{Secret{second}} : std::nullopt};
}

/// Reads the descriptor into a buffer that is wiped on every way out.
Result<std::optional<LoadedSecret>> read_secret(
    const FileDescriptor& file, const SecretPlaces& places, const std::string& source
) {
  std::array<char, 2 * (max_secret_bytes + 3)> buffer{};
  std::size_t size = 0;
  while (size < buffer.size()) {
    const ssize_t count = ::read(file.get(), buffer.data() + size, buffer.size() - size);
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count < 0) {
      const int error = errno;
      ::explicit_bzero(buffer.data(), buffer.size());
      return fail_errno(source, error);
    }
    if (count == 0) {
      break;
    }
    size += static_cast<std::size_t>(count);
  }
  Result<std::optional<LoadedSecret>> result = checked({buffer.data(), size}, places, source);
  ::explicit_bzero(buffer.data(), buffer.size());
  return result;
}

/// The directory decides who may replace the file: nobody but its owner, unless it is sticky like /tmp.
Result<void> check_parent(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::string parent =
      slash == std::string::npos ? "." : path.substr(0, std::max<std::size_t>(slash, 1));
  struct stat status{};
  if (::stat(parent.c_str(), &status) != 0) {
    return fail_errno(parent, errno);
  }
  if ((status.st_mode & S_IWOTH) != 0 && (status.st_mode & S_ISVTX) == 0) {
    return fail(
        ErrorCode::forbidden,
        "everybody may replace files in " + parent + ", so " + path + " is not trusted",
        "chmod o-w " + parent
    );
  }
  return {};
}

Result<void> check_owner_and_mode(const FileDescriptor& file, const std::string& path) {
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) {
    return fail_errno(path, errno);
  }
  if (!S_ISREG(status.st_mode)) {
    return fail(ErrorCode::invalid, path + " is not a regular file");
  }
  if (status.st_uid != 0 && status.st_uid != ::geteuid()) {
    return fail(
        ErrorCode::forbidden,
        path + " belongs to user " + std::to_string(status.st_uid) +
            "; allowed: the user hubsyncd runs as, or root",
        "chown it to the user hubsyncd runs as"
    );
  }
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return fail(
        ErrorCode::forbidden,
        path + " is open to its group or to others; allowed: mode 0400 or 0600",
        "chmod 600 " + path
    );
  }
  return {};
}

/// Nothing when there is no such file.
Result<std::optional<LoadedSecret>> from_file(const SecretPlaces& places) {
  const std::string& path = places.file;
  const FileDescriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)};
  if (!file.valid()) {
    if (errno == ENOENT || errno == ENOTDIR) {
      return std::nullopt;
    }
    if (errno == ELOOP) {
      return fail(ErrorCode::forbidden, path + " is a symbolic link; allowed: the file itself");
    }
    return fail_errno(path, errno);
  }
  if (const Result<void> mode = check_owner_and_mode(file, path); !mode) {
    return std::unexpected(mode.error());
  }
  if (const Result<void> parent = check_parent(path); !parent) {
    return std::unexpected(parent.error());
  }
  return read_secret(file, places, "file " + path);
}

/// systemd's directory is private by construction; owner and group bits there are an access list's mask.
Result<std::optional<LoadedSecret>> from_credential(const SecretPlaces& places) {
  const std::string& name = places.credential;
  const char* directory = std::getenv("CREDENTIALS_DIRECTORY");
  if (name.empty() || directory == nullptr || *directory == '\0') {
    return std::nullopt;
  }
  const std::string path = std::string{directory} + "/" + name;
  const FileDescriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)};
  if (!file.valid()) {
    if (errno == ENOENT) {
      return std::nullopt;
    }
    return fail_errno("credential " + name, errno);
  }
  return read_secret(file, places, "credential " + name);
}

std::string looked_for(const SecretPlaces& places) {
  std::string text;
  const auto add = [&text](const std::string& kind, const std::string& name) {
    if (!name.empty()) {
      text.append(text.empty() ? "" : ", ").append(kind).append(name);
    }
  };
  add("the systemd credential ", places.credential);
  add("the environment variable ", places.variable);
  add("the file ", places.file);
  return text;
}

}  // namespace

class Secret::Buffer {
 public:
  explicit Buffer(std::string_view text)
      : size_(text.size()), bytes_(std::make_unique<char[]>(text.size() + 1)) {
    // Best effort: the limit on locked memory may be zero.
    locked_ = ::mlock(bytes_.get(), size_ + 1) == 0;
    std::ranges::copy(text, bytes_.get());
  }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  ~Buffer() {
    ::explicit_bzero(bytes_.get(), size_ + 1);
    if (locked_) {
      ::munlock(bytes_.get(), size_ + 1);
    }
  }

  [[nodiscard]] std::string_view text() const { return {bytes_.get(), size_}; }

 private:
  std::size_t size_;
  std::unique_ptr<char[]> bytes_;
  bool locked_ = false;
};

Secret::Secret(std::string_view text) : buffer_(std::make_shared<const Buffer>(text)) {}

std::string_view Secret::reveal() const {
  return buffer_->text();
}

EnvironmentSecrets take_environment_secrets() {
  return {
      .access_token = take_variable("HUBSPOT_ACCESS_TOKEN"),
      .webhook_secret = take_variable("HUBSPOT_WEBHOOK_SECRET"),
      .client_secret = take_variable("HUBSPOT_CLIENT_SECRET"),
      .refresh_token = take_variable("HUBSPOT_REFRESH_TOKEN")
  };
}

SecretPlaces access_token_places(const EnvironmentSecrets& environment, std::string file) {
  return {
      "HubSpot access token",
      "hubspot-access-token",
      "HUBSPOT_ACCESS_TOKEN",
      environment.access_token,
      std::move(file)
  };
}

SecretPlaces webhook_secret_places(const EnvironmentSecrets& environment, std::string file) {
  return {
      "webhook secret",
      "hubspot-webhook-secret",
      "HUBSPOT_WEBHOOK_SECRET",
      environment.webhook_secret,
      std::move(file),
      true
  };
}

SecretPlaces client_secret_places(const EnvironmentSecrets& environment, std::string file) {
  return {
      "client secret of the HubSpot app",
      "hubspot-client-secret",
      "HUBSPOT_CLIENT_SECRET",
      environment.client_secret,
      std::move(file)
  };
}

SecretPlaces refresh_token_places(const EnvironmentSecrets& environment, std::string file) {
  return {
      "HubSpot refresh token",
      "hubspot-refresh-token",
      "HUBSPOT_REFRESH_TOKEN",
      environment.refresh_token,
      std::move(file)
  };
}

SecretPlaces control_token_places(std::string file) {
  return {"control API token", {}, {}, std::nullopt, std::move(file)};
}

Result<std::optional<LoadedSecret>> find_secret(const SecretPlaces& places) {
  Result<std::optional<LoadedSecret>> found = from_credential(places);
  if (found && !*found && places.from_environment) {
    found = checked(places.from_environment->reveal(), places, "environment " + places.variable);
  }
  if (found && !*found && !places.file.empty()) {
    found = from_file(places);
    if (found && *found) {
      (*found)->file = places.file;
    }
  }
  return found;
}

Result<LoadedSecret> load_secret(const SecretPlaces& places) {
  Result<std::optional<LoadedSecret>> found = find_secret(places);
  if (!found) {
    return std::unexpected(found.error());
  }
  if (std::optional<LoadedSecret>& secret = *found; secret.has_value()) {
    return std::move(*secret);
  }
  return fail(
      ErrorCode::not_found,
      "no " + places.what + " found; looked for " + looked_for(places),
      places.variable.empty() ? "put it into " + places.file + " with mode 0600" : "set " + places.variable
  );
}

}  // namespace hubsync
