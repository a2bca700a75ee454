// What jemalloc reads at the start of hubsyncd; MALLOC_CONF in the environment overrides it, see jemalloc(3).

/// Two threads allocate. What they free goes back to the kernel within a second or so, and the memory that a
/// full pull takes does not grow with the number of records.
extern "C" {
extern const char* malloc_conf;
const char* malloc_conf = "narenas:2,dirty_decay_ms:1000,muzzy_decay_ms:0";
}
