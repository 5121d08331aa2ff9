/* A disk that fails at one call, and that remembers what was written, synced and named, in order.
 *
 * Preloaded into a program. It looks only at files under DISK_ROOT. With DISK_LOG every change of them is appended to that
 * file as it is made (see record.py for the form), by however many processes. `disk_fail` makes one call fail.
 * Reads and memory maps are the kernel's: SQLite and PostgreSQL write by the calls below. What goes through stdio is noted
 * whole when it is closed or synced: PostgreSQL writes only what it can do without by it (relation caches, statistics).
 * `sync_file_range` asks the kernel to begin and promises nothing, so it is none of ours.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { MOST_FILES = 65536 };
enum { PLAIN = 1, SYNCED_BY_EACH_WRITE = 2, STDIO = 4 };
enum how { WELL, KILL, TORN, EIO_ONCE, ENOSPC_ONCE, ENOSPC_ON };

/* How each descriptor is open: see PLAIN and what follows it. */
static char watched[MOST_FILES];
static const char *root;
static int log_fd = -1;
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
static long calls, fail_at;
static enum how fail_how;

#define REAL(name) ((__typeof__(&name))real(#name))
static void *real(const char *name) { return dlsym(RTLD_NEXT, name); }

__attribute__((constructor)) static void begin(void) {
    /* A copy: PostgreSQL writes the titles of its processes over the environment. */
    if (getenv("DISK_ROOT")) root = strdup(getenv("DISK_ROOT"));
    const char *path = getenv("DISK_LOG");
    if (root && path) {
        int fd = REAL(open)(path, O_WRONLY | O_APPEND);
        if (fd < 0) abort();
        log_fd = fcntl(fd, F_DUPFD_CLOEXEC, 900);
        REAL(close)(fd);
    }
}

/* The `at`-th call from now on, counted from 1; 0 never. Answers how many there were since the last time. */
long disk_fail(long at, int how) {
    long before = calls;
    calls = 0, fail_at = at, fail_how = how;
    return before;
}

/* For once the calls of several threads and processes stand in one order. POSIX locks part the processes. */
static void take_turn(void) {
    struct flock all = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    pthread_mutex_lock(&turn);
    if (log_fd >= 0) while (fcntl(log_fd, F_SETLKW, &all) == -1 && errno == EINTR) {}
}

static void end_turn(void) {
    struct flock all = {.l_type = F_UNLCK, .l_whence = SEEK_SET};
    int error = errno;
    if (log_fd >= 0) fcntl(log_fd, F_SETLK, &all);
    pthread_mutex_unlock(&turn);
    errno = error;
}

static void note(char what, uint64_t inode, uint64_t at, const struct iovec *data, int count) {
    struct { char what; char pad[7]; uint64_t inode, at, size; } head = {.what = what, .inode = inode, .at = at};
    int error = errno;
    if (log_fd < 0) return;
    for (int i = 0; i < count; i++) head.size += data[i].iov_len;
    if (REAL(write)(log_fd, &head, sizeof head) != sizeof head) abort();
    for (int i = 0; i < count; i++)
        if (data[i].iov_len && REAL(write)(log_fd, data[i].iov_base, data[i].iov_len) < 0) abort();
    errno = error;
}

static uint64_t inode_of(int fd) {
    struct stat found;
    return fstat(fd, &found) ? 0 : found.st_ino;
}

static int ours(const char *path, char *whole) {
    if (!root || !path) return 0;
    if (path[0] == '/') snprintf(whole, PATH_MAX, "%s", path);
    else {
        char here[PATH_MAX / 2];
        if (!getcwd(here, sizeof here)) return 0;
        snprintf(whole, PATH_MAX, "%s/%s", here, path);
    }
    size_t size = strlen(root) - 1;  /* It ends with a slash: the folder itself is ours too, to be synced. */
    return strncmp(whole, root, size) == 0 && (whole[size] == '/' || whole[size] == 0);
}

static int is_watched(int fd) { return fd >= 0 && fd < MOST_FILES && watched[fd]; }

/* What this call is to do. A torn write leaves its first half. */
static enum how now(void) {
    calls++;
    if (fail_how == WELL || !fail_at || calls < fail_at) return WELL;
    if (calls > fail_at && fail_how != ENOSPC_ON) return WELL;
    if (fail_how == KILL) kill(getpid(), SIGKILL);
    return fail_how;
}

static int refused(enum how how) {
    errno = how == EIO_ONCE ? EIO : ENOSPC;
    return how == EIO_ONCE || how == ENOSPC_ONCE || how == ENOSPC_ON;
}

static void named(char what, const char *one, const char *other) {
    struct iovec both[] = {{(void *)one, strlen(one) + 1}, {(void *)other, strlen(other)}};
    struct stat made;
    note(what, what == 'D' && !stat(one, &made) ? made.st_ino : 0, 0, both, 2);
}

static int opened(int fd, const char *whole, int flags) {
    if (fd < 0 || fd >= MOST_FILES) return fd;
    watched[fd] = flags & O_DSYNC ? PLAIN | SYNCED_BY_EACH_WRITE : PLAIN;  /* O_SYNC has the bit of O_DSYNC. */
    struct iovec path = {(void *)whole, strlen(whole)};
    if (flags & O_CREAT) note('C', inode_of(fd), 0, &path, 1);
    if (flags & O_TRUNC) note('T', inode_of(fd), 0, NULL, 0);
    return fd;
}

#define OPEN(name)                                                        \
    int name(const char *path, int flags, ...) {                          \
        char whole[PATH_MAX];                                             \
        va_list rest;                                                     \
        va_start(rest, flags);                                            \
        int mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, int) : 0; \
        va_end(rest);                                                     \
        if (!ours(path, whole)) return REAL(name)(path, flags, mode);     \
        take_turn();                                                      \
        int fd = opened(REAL(name)(path, flags, mode), whole, flags);     \
        end_turn();                                                       \
        return fd;                                                        \
    }
OPEN(open)
OPEN(open64)

FILE *fopen(const char *path, const char *mode) {
    char whole[PATH_MAX];
    if (!ours(path, whole) || !strpbrk(mode, "wa+")) return REAL(fopen)(path, mode);
    take_turn();
    FILE *file = REAL(fopen)(path, mode);
    if (file) {
        int fd = opened(fileno(file), whole, O_CREAT | (*mode == 'w' ? O_TRUNC : 0));
        if (fd < MOST_FILES) watched[fd] |= STDIO;
    }
    end_turn();
    return file;
}

/* Read again by its descriptor, for it may be open only to be written. */
static void note_whole(int fd) {
    char path[64], data[1 << 16];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    int again = REAL(open)(path, O_RDONLY);
    off_t at = 0;
    for (ssize_t got; again >= 0 && (got = pread(again, data, sizeof data, at)) > 0; at += got) {
        struct iovec one = {data, got};
        note('W', inode_of(fd), at, &one, 1);
    }
    if (again >= 0) REAL(close)(again);
}

int fclose(FILE *file) {
    int fd = file ? fileno(file) : -1;
    if (!is_watched(fd)) return REAL(fclose)(file);
    fflush(file);
    take_turn();
    if (watched[fd] & STDIO) note_whole(fd);
    watched[fd] = 0;
    end_turn();
    return REAL(fclose)(file);
}

int close(int fd) {
    if (fd == log_fd && fd >= 0) return 0;
    if (is_watched(fd)) watched[fd] = 0;
    return REAL(close)(fd);
}

static ssize_t written(int fd, const struct iovec *data, int count, off_t at, int placed) {
    ssize_t size = 0, done;
    for (int i = 0; i < count; i++) size += data[i].iov_len;
    take_turn();
    enum how how = now();
    if (refused(how)) done = -1;
    else if (how == TORN) {
        struct iovec half = {data[0].iov_base, (data[0].iov_len + 1) / 2};
        placed ? REAL(pwritev)(fd, &half, 1, at) : REAL(writev)(fd, &half, 1);
        kill(getpid(), SIGKILL);
        done = -1;
    } else done = placed ? REAL(pwritev)(fd, data, count, at) : REAL(writev)(fd, data, count);
    if (!placed && done > 0) at = lseek(fd, 0, SEEK_CUR) - done;
    if (done == size) note('W', inode_of(fd), at, data, count);
    else if (done > 0) abort();
    if (done == size && watched[fd] & SYNCED_BY_EACH_WRITE) note('S', inode_of(fd), 0, NULL, 0);
    end_turn();
    return done;
}

ssize_t write(int fd, const void *data, size_t size) {
    struct iovec one = {(void *)data, size};
    return is_watched(fd) ? written(fd, &one, 1, 0, 0) : REAL(write)(fd, data, size);
}

#define PWRITE(name)                                                                     \
    ssize_t name(int fd, const void *data, size_t size, off_t at) {                      \
        struct iovec one = {(void *)data, size};                                         \
        return is_watched(fd) ? written(fd, &one, 1, at, 1) : REAL(name)(fd, data, size, at); \
    }
PWRITE(pwrite)
PWRITE(pwrite64)

ssize_t pwritev(int fd, const struct iovec *data, int count, off_t at) {
    return is_watched(fd) ? written(fd, data, count, at, 1) : REAL(pwritev)(fd, data, count, at);
}

#define CHANGE(name, what, size)                                  \
    {                                                             \
        take_turn();                                              \
        enum how how = now();                                     \
        int done = -1;                                            \
        if (how == TORN) kill(getpid(), SIGKILL);                 \
        else if (!refused(how)) done = name;                      \
        if (done == 0 && watched[fd] & STDIO) note_whole(fd);     \
        if (done == 0) note(what, inode_of(fd), size, NULL, 0);   \
        end_turn();                                               \
        return done;                                              \
    }
int fsync(int fd) { if (!is_watched(fd)) return REAL(fsync)(fd); CHANGE(REAL(fsync)(fd), 'S', 0) }
int fdatasync(int fd) { if (!is_watched(fd)) return REAL(fdatasync)(fd); CHANGE(REAL(fdatasync)(fd), 'S', 0) }
int ftruncate(int fd, off_t to) { if (!is_watched(fd)) return REAL(ftruncate)(fd, to); CHANGE(REAL(ftruncate)(fd, to), 'T', to) }
int ftruncate64(int fd, off_t to) { if (!is_watched(fd)) return REAL(ftruncate64)(fd, to); CHANGE(REAL(ftruncate64)(fd, to), 'T', to) }

int posix_fallocate(int fd, off_t at, off_t size) {
    if (!is_watched(fd)) return REAL(posix_fallocate)(fd, at, size);
    take_turn();
    struct stat found;
    int error = REAL(posix_fallocate)(fd, at, size);
    if (!error && !fstat(fd, &found)) note('T', found.st_ino, found.st_size, NULL, 0);
    end_turn();
    return error;
}

#define TRUNCATE(name)                                                              \
    int name(const char *path, off_t to) {                                          \
        char whole[PATH_MAX];                                                       \
        if (!ours(path, whole)) return REAL(name)(path, to);                        \
        take_turn();                                                                \
        struct stat found;                                                          \
        int done = REAL(name)(path, to);                                            \
        if (done == 0 && !stat(path, &found)) note('T', found.st_ino, to, NULL, 0); \
        end_turn();                                                                 \
        return done;                                                                \
    }
TRUNCATE(truncate)
TRUNCATE(truncate64)

/* Which of them a cut leaves is said in cuts.py. */
#define NAMED(signature, call, what, one, other)                   \
    signature {                                                    \
        char first[PATH_MAX], second[PATH_MAX] = "";               \
        if (!ours(one, first)) return call;                        \
        ours(other, second);                                       \
        take_turn();                                               \
        int done = call;                                           \
        if (done == 0) named(what, first, second);                 \
        end_turn();                                                \
        return done;                                               \
    }
NAMED(int unlink(const char *path), REAL(unlink)(path), 'U', path, NULL)
NAMED(int rename(const char *from, const char *to), REAL(rename)(from, to), 'R', from, to)
NAMED(int link(const char *from, const char *to), REAL(link)(from, to), 'L', from, to)
NAMED(int mkdir(const char *path, mode_t mode), REAL(mkdir)(path, mode), 'D', path, NULL)
NAMED(int rmdir(const char *path), REAL(rmdir)(path), 'U', path, NULL)
