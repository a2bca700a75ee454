// Loaded before a daemon under test: its wall clock is wrong by as many nanoseconds as stand in the file that
// HUBSYNC_TEST_CLOCK names, now and whenever they change. The monotonic clock is left alone.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>

namespace {

constexpr std::int64_t ns_per_s = 1'000'000'000;

const volatile std::int64_t* map_error() {
  static const std::int64_t right = 0;
  const char* const path = std::getenv("HUBSYNC_TEST_CLOCK");
  const int file = path == nullptr ? -1 : ::open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    return &right;
  }
  void* const place = ::mmap(nullptr, sizeof(std::int64_t), PROT_READ, MAP_SHARED, file, 0);
  ::close(file);
  return place == MAP_FAILED ? &right : static_cast<const std::int64_t*>(place);
}

std::int64_t error_ns() {
  static const volatile std::int64_t* const error = map_error();
  return *error;
}

int read_clock(clockid_t clock, timespec* out) {
  const auto result = static_cast<int>(::syscall(SYS_clock_gettime, clock, out));
  if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
    const std::int64_t ns = out->tv_nsec + error_ns();
    out->tv_sec += ns / ns_per_s - (ns % ns_per_s < 0 ? 1 : 0);
    out->tv_nsec = (ns % ns_per_s + ns_per_s) % ns_per_s;
  }
  return result;
}

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* out) noexcept {
  return read_clock(clock, out);
}

int gettimeofday(timeval* out, void* /*zone*/) noexcept {
  timespec now{};
  const int result = read_clock(CLOCK_REALTIME, &now);
  *out = {.tv_sec = now.tv_sec, .tv_usec = now.tv_nsec / 1'000};
  return result;
}

time_t time(time_t* out) noexcept {
  timespec now{};
  read_clock(CLOCK_REALTIME, &now);
  if (out != nullptr) {
    *out = now.tv_sec;
  }
  return now.tv_sec;
}

}  // extern "C"
