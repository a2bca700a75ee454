#include "tests/sim/disk.hpp"

#include <algorithm>
#include <cstring>
#include <new>

#include <sqlite3.h>

namespace hubsync::sim {
namespace {

constexpr std::size_t sector = 512;

/// An open file, as SQLite allocates it.
struct OpenFile {
  sqlite3_file base;
  Disk* disk;
  std::shared_ptr<DiskFile> file;
};

Disk& disk_of(sqlite3_vfs* vfs) {
  return *static_cast<Disk*>(vfs->pAppData);
}

OpenFile& open_file(sqlite3_file* file) {
  return *reinterpret_cast<OpenFile*>(file);
}

int close_file(sqlite3_file* file) {
  open_file(file).~OpenFile();
  return SQLITE_OK;
}

int read_file(sqlite3_file* file, void* into, int size, sqlite3_int64 offset) {
  const std::string& bytes = open_file(file).file->bytes;
  const auto wanted = static_cast<std::size_t>(size);
  const auto from = std::min(static_cast<std::size_t>(offset), bytes.size());
  const std::size_t there = std::min(wanted, bytes.size() - from);
  std::memcpy(into, bytes.data() + from, there);
  std::memset(static_cast<char*>(into) + there, 0, wanted - there);
  return there == wanted ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

int write_file(sqlite3_file* file, const void* from, int size, sqlite3_int64 offset) {
  if (!open_file(file).disk->may_change()) {
    return SQLITE_IOERR_WRITE;
  }
  open_file(file).file->write(offset, static_cast<const char*>(from), static_cast<std::size_t>(size));
  return SQLITE_OK;
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  if (!open_file(file).disk->may_change()) {
    return SQLITE_IOERR_TRUNCATE;
  }
  open_file(file).file->truncate(size);
  return SQLITE_OK;
}

int sync_file(sqlite3_file* file, int) {
  if (!open_file(file).disk->may_change()) {
    return SQLITE_IOERR_FSYNC;
  }
  open_file(file).file->sync();
  return SQLITE_OK;
}

int file_size(sqlite3_file* file, sqlite3_int64* size) {
  *size = static_cast<sqlite3_int64>(open_file(file).file->bytes.size());
  return SQLITE_OK;
}

int lock_file(sqlite3_file*, int) {
  return SQLITE_OK;
}

int check_reserved_lock(sqlite3_file*, int* locked) {
  *locked = 0;
  return SQLITE_OK;
}

int file_control(sqlite3_file*, int, void*) {
  return SQLITE_NOTFOUND;
}
int sector_size(sqlite3_file*) {
  return static_cast<int>(sector);
}
int device_characteristics(sqlite3_file*) {
  return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

const sqlite3_io_methods& methods() {
  static const sqlite3_io_methods table = [] {
    sqlite3_io_methods all{};
    all.iVersion = 1;  // No shared memory: the daemon opens with locking_mode = EXCLUSIVE.
    all.xClose = close_file;
    all.xRead = read_file;
    all.xWrite = write_file;
    all.xTruncate = truncate_file;
    all.xSync = sync_file;
    all.xFileSize = file_size;
    all.xLock = lock_file;
    all.xUnlock = lock_file;
    all.xCheckReservedLock = check_reserved_lock;
    all.xFileControl = file_control;
    all.xSectorSize = sector_size;
    all.xDeviceCharacteristics = device_characteristics;
    return all;
  }();
  return table;
}

int open_on(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  Disk& disk = disk_of(vfs);
  file->pMethods = nullptr;
  std::shared_ptr<DiskFile> found;
  if (name == nullptr) {
    found = disk.make();
  } else if (const auto known = disk.files().find(name); known != disk.files().end()) {
    found = known->second;
  } else if ((flags & SQLITE_OPEN_CREATE) == 0 || !disk.may_change()) {
    return SQLITE_CANTOPEN;
  } else {
    found = disk.files().emplace(name, disk.make()).first->second;
  }
  new (file) OpenFile{{&methods()}, &disk, std::move(found)};
  if (out_flags != nullptr) {
    *out_flags = flags;
  }
  return SQLITE_OK;
}

int delete_on(sqlite3_vfs* vfs, const char* name, int) {
  if (!disk_of(vfs).may_change()) {
    return SQLITE_IOERR_DELETE;
  }
  return disk_of(vfs).files().erase(name) == 0 ? SQLITE_IOERR_DELETE_NOENT : SQLITE_OK;
}

int access_on(sqlite3_vfs* vfs, const char* name, int, int* there) {
  *there = disk_of(vfs).files().contains(name) ? 1 : 0;
  return SQLITE_OK;
}

int full_path(sqlite3_vfs*, const char* name, int size, char* out) {
  sqlite3_snprintf(size, out, "%s", name);
  return SQLITE_OK;
}

int randomness(sqlite3_vfs* vfs, int size, char* out) {
  for (int i = 0; i < size; ++i) {
    out[i] = static_cast<char>(disk_of(vfs).draw().bits());
  }
  return size;
}

int sleep_on(sqlite3_vfs*, int microseconds) {
  return microseconds;
}

int current_time(sqlite3_vfs*, double* days) {
  *days = 2'460'000.5;  // Nothing in the store asks SQLite for the time.
  return SQLITE_OK;
}

int last_error(sqlite3_vfs*, int, char*) {
  return 0;
}

std::unique_ptr<sqlite3_vfs> make_vfs(Disk& disk) {
  auto vfs = std::make_unique<sqlite3_vfs>();
  vfs->iVersion = 1;
  vfs->szOsFile = sizeof(OpenFile);
  vfs->mxPathname = 200;
  vfs->zName = disk.vfs_name().c_str();
  vfs->pAppData = &disk;
  vfs->xOpen = open_on;
  vfs->xDelete = delete_on;
  vfs->xAccess = access_on;
  vfs->xFullPathname = full_path;
  vfs->xRandomness = randomness;
  vfs->xSleep = sleep_on;
  vfs->xCurrentTime = current_time;
  vfs->xGetLastError = last_error;
  return vfs;
}

/// SQLite knows file systems by name, and there may be two disks at a time.
std::string next_name() {
  static int number = 0;
  return "hubsync-sim-disk-" + std::to_string(++number);
}

void put_bytes(std::string& target, std::int64_t offset, const char* data, std::size_t size) {
  const auto at = static_cast<std::size_t>(offset);
  if (target.size() < at + size) {
    target.resize(at + size);
  }
  std::memcpy(target.data() + at, data, size);
}

}  // namespace

void DiskFile::write(std::int64_t offset, const char* data, std::size_t size) {
  put_bytes(bytes, offset, data, size);
  if (keeps_durable) {
    unsynced.push_back({.offset = offset, .bytes = std::string{data, size}});
  }
}

void DiskFile::truncate(std::int64_t size) {
  bytes.resize(static_cast<std::size_t>(size));
  if (keeps_durable) {
    unsynced.push_back({.offset = size, .truncation = true});
  }
}

void DiskFile::sync() {
  for (const Change& change : unsynced) {
    if (change.truncation) {
      durable.resize(static_cast<std::size_t>(change.offset));
    } else {
      put_bytes(durable, change.offset, change.bytes.data(), change.bytes.size());
    }
  }
  unsynced.clear();
}

Disk::Disk(std::uint64_t seed, bool loses_power)
    : draw_(seed, 2), loses_power_(loses_power), name_(next_name()), vfs_(make_vfs(*this)) {
  sqlite3_vfs_register(vfs_.get(), 0);
}

Disk::~Disk() {
  sqlite3_vfs_unregister(vfs_.get());
}

void Disk::stop_after(std::size_t operations) {
  operations_left_ = operations;
  stopped_ = operations == 0;
}

bool Disk::may_change() {
  if (stopped_) {
    return false;
  }
  if (operations_left_ != SIZE_MAX && --operations_left_ == 0) {
    stopped_ = true;
  }
  return true;
}

void Disk::reboot_after_kill() {
  stopped_ = false;
  operations_left_ = SIZE_MAX;
}

void Disk::reboot_after_power_cut() {
  reboot_after_kill();
  for (auto& [path, file] : files_) {
    for (const DiskFile::Change& change : file->unsynced) {
      if (change.truncation) {
        if (draw_.chance(0.5)) {
          file->durable.resize(std::min(file->durable.size(), static_cast<std::size_t>(change.offset)));
        }
        continue;
      }
      for (std::size_t done = 0; done < change.bytes.size();) {
        const std::size_t at = static_cast<std::size_t>(change.offset) + done;
        const std::size_t part = std::min(sector - at % sector, change.bytes.size() - done);
        if (draw_.chance(0.5)) {
          put_bytes(file->durable, static_cast<std::int64_t>(at), change.bytes.data() + done, part);
        }
        done += part;
      }
    }
    file->unsynced.clear();
    file->bytes = file->durable;
  }
}

std::shared_ptr<DiskFile> Disk::make() const {
  auto file = std::make_shared<DiskFile>();
  file->keeps_durable = loses_power_;
  return file;
}

void Disk::put(const std::string& path, std::string bytes) {
  const auto file = make();
  file->bytes = std::move(bytes);
  if (loses_power_) {
    file->durable = file->bytes;
  }
  files_[path] = file;
}

std::string Disk::get(const std::string& path) const {
  const auto found = files_.find(path);
  return found == files_.end() ? std::string{} : found->second->bytes;
}

}  // namespace hubsync::sim
