/* A library for LD_PRELOAD that breaks a program's calls to its store: the N-th one ends the process group, fails, or
 * does half of what it should; or all of them are written down, to play a power cut later. What is to happen stands in
 * a small mapped file (FAULT_CONTROL) that the test changes while the program runs; what counts as the store is the
 * directory FAULT_ROOT. Seen are the calls that go through libc: those of the kernel on a mount's behalf are not. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { OFF, COUNT, KILL, NO_SPACE, IO_ERROR, SHORT_WRITE, INTERRUPTED, LOG };
enum kind { CREATE, WRITE, SYNC, RENAME, REMOVE, OTHER };

struct control {
    volatile int64_t mode;
    volatile int64_t at;     /* the number of the call, from 1 */
    volatile int64_t sticky; /* and all that follow */
    volatile int64_t seen;
    volatile int64_t fired;
};

static struct control* control;
static char root[PATH_MAX];
static size_t root_length;
static int journal = -1;
static pthread_mutex_t journal_mutex = PTHREAD_MUTEX_INITIALIZER;

__attribute__((constructor)) static void begin(void)
{
    char const* const path = getenv("FAULT_CONTROL");
    char const* const where = getenv("FAULT_ROOT");
    if (!path || !where)
        return;
    snprintf(root, sizeof root, "%s", where);
    root_length = strlen(root);
    int const fd = syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC, 0);
    if (fd < 0)
        return;
    void* const mapped = mmap(NULL, sizeof(struct control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    syscall(SYS_close, fd);
    if (mapped == MAP_FAILED)
        return;
    char const* const log = getenv("FAULT_JOURNAL");
    if (log)
        journal = syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    control = mapped;
}

/* The path inside the root, or NULL. */
static char const* inside(int directory, char const* path, char* buffer)
{
    char whole[PATH_MAX];
    if (path && path[0] == '/') {
        snprintf(whole, sizeof whole, "%s", path);
    } else {
        char link[64];
        if (directory == AT_FDCWD)
            snprintf(link, sizeof link, "/proc/self/cwd");
        else
            snprintf(link, sizeof link, "/proc/self/fd/%d", directory);
        ssize_t const length = syscall(SYS_readlinkat, AT_FDCWD, link, whole, sizeof whole - 1);
        if (length < 0)
            return NULL;
        whole[length] = 0;
        if (path && path[0] && strcmp(path, ".") != 0 && (size_t)length + strlen(path) + 2 < sizeof whole) {
            strcat(whole, "/");
            strcat(whole, path);
        }
    }
    if (strncmp(whole, root, root_length) != 0 || (whole[root_length] != '/' && whole[root_length] != 0))
        return NULL;
    memmove(buffer, whole + root_length, strlen(whole + root_length) + 1);
    return buffer;
}

/* Whether this call is to fail, with which errno; -1: it does only half. Does not return where the process is to die.
 */
static int fault(enum kind kind)
{
    int64_t const mode = control->mode;
    /* Only calls that the fault can hit have a number. To count for a mode, `at` names it. */
    int64_t const meant = mode == COUNT ? control->at : mode;
    bool const is_hit = meant == SHORT_WRITE || meant == INTERRUPTED ? kind == WRITE
        : meant == NO_SPACE                                          ? kind != REMOVE && kind != OTHER
                                                                     : true;
    if (!is_hit)
        return 0;
    int64_t const number = __atomic_add_fetch(&control->seen, 1, __ATOMIC_SEQ_CST);
    if (mode == COUNT || mode == LOG || number < control->at || (number > control->at && !control->sticky))
        return 0;
    switch (mode) {
    case KILL:
        control->fired = 1;
        kill(0, SIGKILL);
        for (;;)
            pause();
    case NO_SPACE: control->fired = 1; return ENOSPC;
    case IO_ERROR: control->fired = 1; return EIO;
    case SHORT_WRITE: control->fired = 1; return -1;
    case INTERRUPTED: /* a signal comes, it does not come for ever */
        if ((number - control->at) % 2 != 0)
            return 0;
        control->fired = 1;
        return EINTR;
    default: return 0;
    }
}

/* "<op> <offset> <length> <path bytes> <second path bytes>\n" and then those bytes. */
static void note(char const* op, char const* path, char const* second, int64_t offset, void const* data, size_t length)
{
    char head[128];
    int const size = snprintf(head, sizeof head, "%s %lld %zu %zu %zu\n", op, (long long)offset, length, strlen(path),
        second ? strlen(second) : 0);
    struct iovec const parts[] = { { head, size }, { (void*)path, strlen(path) },
        { (void*)second, second ? strlen(second) : 0 }, { (void*)data, data ? length : 0 } };
    syscall(SYS_writev, journal, parts, 4);
}
#define LOGGED (control->mode == LOG && journal >= 0)
#define ARMED (control && control->mode != OFF)

static int opened(int directory, char const* path, int flags, mode_t mode)
{
    char buffer[PATH_MAX];
    char const* const name = ARMED && (flags & (O_CREAT | O_TRUNC)) ? inside(directory, path, buffer) : NULL;
    if (!name)
        return syscall(SYS_openat, directory, path, flags, mode);
    int const error = fault(CREATE);
    if (error > 0) {
        errno = error;
        return -1;
    }
    if (!LOGGED)
        return syscall(SYS_openat, directory, path, flags, mode);
    pthread_mutex_lock(&journal_mutex);
    int const fd = syscall(SYS_openat, directory, path, flags, mode);
    int const saved = errno;
    if (fd >= 0)
        note(flags & O_TRUNC ? "truncate-create" : "create", name, NULL, 0, NULL, 0);
    pthread_mutex_unlock(&journal_mutex);
    errno = saved;
    return fd;
}

#define MODE_OF(flags)                                                                                                 \
    ({                                                                                                                 \
        mode_t mode = 0;                                                                                               \
        if ((flags) & (O_CREAT | O_TMPFILE)) {                                                                         \
            va_list rest;                                                                                              \
            va_start(rest, flags);                                                                                     \
            mode = va_arg(rest, mode_t);                                                                               \
            va_end(rest);                                                                                              \
        }                                                                                                              \
        mode;                                                                                                          \
    })
int openat(int directory, char const* path, int flags, ...)
{
    return opened(directory, path, flags, MODE_OF(flags));
}
int openat64(int directory, char const* path, int flags, ...)
{
    return opened(directory, path, flags | O_LARGEFILE, MODE_OF(flags));
}
int open(char const* path, int flags, ...)
{
    return opened(AT_FDCWD, path, flags, MODE_OF(flags));
}
int open64(char const* path, int flags, ...)
{
    return opened(AT_FDCWD, path, flags | O_LARGEFILE, MODE_OF(flags));
}

static ssize_t wrote(int fd, void const* data, size_t length, off_t offset, int has_offset)
{
    char buffer[PATH_MAX];
    char const* const name = ARMED ? inside(fd, NULL, buffer) : NULL;
    int const error = name ? fault(WRITE) : 0;
    if (error > 0) {
        errno = error;
        return -1;
    }
    if (error < 0 && length > 1)
        length /= 2;
    int const logged = name && LOGGED;
    if (logged)
        pthread_mutex_lock(&journal_mutex);
    if (logged && !has_offset)
        offset = syscall(SYS_lseek, fd, 0, SEEK_CUR);
    ssize_t const done
        = has_offset ? syscall(SYS_pwrite64, fd, data, length, offset) : syscall(SYS_write, fd, data, length);
    int const saved = errno;
    if (logged && done > 0)
        note("write", name, NULL, offset, data, done);
    if (logged)
        pthread_mutex_unlock(&journal_mutex);
    errno = saved;
    return done;
}
ssize_t write(int fd, void const* data, size_t length)
{
    return wrote(fd, data, length, 0, 0);
}
ssize_t pwrite(int fd, void const* data, size_t length, off_t offset)
{
    return wrote(fd, data, length, offset, 1);
}
ssize_t pwrite64(int fd, void const* data, size_t length, off64_t offset)
{
    return wrote(fd, data, length, offset, 1);
}

/* One shape for the rest: count, perhaps fail, do it, write it down. */
#define CALL(KIND, OP, DIRECTORY, PATH, SECOND_DIRECTORY, SECOND, OFFSET, CALLED)                                      \
    char first_buffer[PATH_MAX];                                                                                       \
    char second_buffer[PATH_MAX];                                                                                      \
    char const* const name = ARMED ? inside(DIRECTORY, PATH, first_buffer) : NULL;                                     \
    int const error = name ? fault(KIND) : 0;                                                                          \
    if (error > 0) {                                                                                                   \
        errno = error;                                                                                                 \
        return -1;                                                                                                     \
    }                                                                                                                  \
    char const* const second = name && (SECOND) ? inside(SECOND_DIRECTORY, SECOND, second_buffer) : NULL;              \
    int const logged = name && LOGGED;                                                                                 \
    if (logged)                                                                                                        \
        pthread_mutex_lock(&journal_mutex);                                                                            \
    int const result = CALLED;                                                                                         \
    int const saved = errno;                                                                                           \
    if (logged && result == 0)                                                                                         \
        note(OP, name, second, OFFSET, NULL, 0);                                                                       \
    if (logged)                                                                                                        \
        pthread_mutex_unlock(&journal_mutex);                                                                          \
    errno = saved;                                                                                                     \
    return result

int fsync(int fd)
{
    CALL(SYNC, "sync", fd, NULL, 0, (char const*)NULL, 0, syscall(SYS_fsync, fd));
}
int fdatasync(int fd)
{
    CALL(SYNC, "sync", fd, NULL, 0, (char const*)NULL, 0, syscall(SYS_fdatasync, fd));
}
int syncfs(int fd)
{
    CALL(SYNC, "syncfs", fd, NULL, 0, (char const*)NULL, 0, syscall(SYS_syncfs, fd));
}
int ftruncate(int fd, off_t size)
{
    CALL(OTHER, "truncate", fd, NULL, 0, (char const*)NULL, size, syscall(SYS_ftruncate, fd, size));
}
int ftruncate64(int fd, off64_t size)
{
    CALL(OTHER, "truncate", fd, NULL, 0, (char const*)NULL, size, syscall(SYS_ftruncate, fd, size));
}
int renameat(int from_directory, char const* from, int to_directory, char const* to)
{
    CALL(RENAME, "rename", from_directory, from, to_directory, to, 0,
        syscall(SYS_renameat, from_directory, from, to_directory, to));
}
int rename(char const* from, char const* to)
{
    CALL(RENAME, "rename", AT_FDCWD, from, AT_FDCWD, to, 0, syscall(SYS_renameat, AT_FDCWD, from, AT_FDCWD, to));
}
int renameat2(int from_directory, char const* from, int to_directory, char const* to, unsigned flags)
{
    CALL(RENAME, "rename", from_directory, from, to_directory, to, 0,
        syscall(SYS_renameat2, from_directory, from, to_directory, to, flags));
}
int unlinkat(int directory, char const* path, int flags)
{
    CALL(REMOVE, "remove", directory, path, 0, (char const*)NULL, 0, syscall(SYS_unlinkat, directory, path, flags));
}
int unlink(char const* path)
{
    CALL(REMOVE, "remove", AT_FDCWD, path, 0, (char const*)NULL, 0, syscall(SYS_unlinkat, AT_FDCWD, path, 0));
}
int rmdir(char const* path)
{
    CALL(
        REMOVE, "remove", AT_FDCWD, path, 0, (char const*)NULL, 0, syscall(SYS_unlinkat, AT_FDCWD, path, AT_REMOVEDIR));
}
int mkdirat(int directory, char const* path, mode_t mode)
{
    CALL(CREATE, "mkdir", directory, path, 0, (char const*)NULL, 0, syscall(SYS_mkdirat, directory, path, mode));
}
int mkdir(char const* path, mode_t mode)
{
    CALL(CREATE, "mkdir", AT_FDCWD, path, 0, (char const*)NULL, 0, syscall(SYS_mkdirat, AT_FDCWD, path, mode));
}
