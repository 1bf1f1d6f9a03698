/* Records what a process does to the files of one folder, and what it sends, in one order.
 *
 * Preloaded (LD_PRELOAD) with RECORD_FOLDER, the folder, and RECORD_TO, the record that is appended
 * to. `recording.py` reads it; the layout of `struct head` is the contract between the two.
 *
 * Operations and their records are made under one lock, so the record's order is the order in which
 * things happened. Only a sync is not: it has a record when it begins and one when it has ended,
 * because what others send while it is under way must be seen to happen before its end.
 * SIGUSR2 kills the process right after its next record, so that nothing happens unrecorded.
 * The -shm file is left out: SQLite makes it anew after a crash.
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
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

struct head {
    uint64_t inode;
    int64_t offset; /* of a write; the size of a truncate; the number of a sync */
    uint32_t name_size;
    uint32_t data_size;
    uint8_t kind; /* see recording.py */
    uint8_t padding[7];
};

enum { CREATE = 'c', WRITE = 'w', TRUNCATE = 't', UNLINK = 'u', RENAME = 'r',
       SYNC_BEGINS = 'b', SYNC_ENDED = 'e', SEND = 's', FOLDER = 'f' };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char folder[PATH_MAX];
static size_t folder_size;
static struct stat folder_state;
static int record_fd = -1;
static int64_t syncs;
static volatile sig_atomic_t dying;

/* What belongs to the folder, by inode. A number too many does no harm: it was ours once. */
enum { MOST_INODES = 4096 };
static ino_t inodes[MOST_INODES];
static size_t inode_count;

#define REAL(name) ((__typeof__(&name))real(#name))

static void *real(const char *name)
{
    void *found = dlsym(RTLD_NEXT, name);
    if (!found)
        abort();
    return found;
}

static void note(uint8_t kind, ino_t inode, int64_t offset, const char *name,
                 const void *data, size_t size)
{
    struct head head = {.inode = inode, .offset = offset, .kind = kind,
                        .name_size = name ? strlen(name) : 0, .data_size = size};
    struct iovec parts[3] = {{&head, sizeof head}, {(void *)name, head.name_size},
                             {(void *)data, size}};
    size_t whole = sizeof head + head.name_size + size;
    if (syscall(SYS_writev, record_fd, parts, 3) != (ssize_t)whole)
        abort(); /* a record with a hole in it proves nothing */
    if (dying)
        kill(getpid(), SIGKILL);
}

static void die_soon(int number)
{
    (void)number;
    dying = 1;
}

__attribute__((constructor)) static void begin(void)
{
    const char *named = getenv("RECORD_FOLDER"), *to = getenv("RECORD_TO");
    if (!named || !to || !realpath(named, folder) || stat(folder, &folder_state))
        return;
    folder_size = strlen(folder);
    record_fd = syscall(SYS_openat, AT_FDCWD, to, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    signal(SIGUSR2, die_soon);
    note(FOLDER, folder_state.st_ino, 0, NULL, NULL, 0);
}

/* The name within the folder, or NULL for what lies elsewhere or is not recorded. */
static const char *name_within(const char *path)
{
    if (record_fd < 0 || strncmp(path, folder, folder_size) || path[folder_size] != '/')
        return NULL;
    const char *name = path + folder_size + 1;
    size_t size = strlen(name);
    return size > 4 && !strcmp(name + size - 4, "-shm") ? NULL : name;
}

static ino_t inode_of(int fd)
{
    struct stat state;
    if (record_fd < 0 || fstat(fd, &state) || state.st_dev != folder_state.st_dev)
        return 0;
    if (state.st_ino == folder_state.st_ino)
        return state.st_ino;
    if (S_ISREG(state.st_mode))
        for (size_t at = 0; at < inode_count; at++)
            if (inodes[at] == state.st_ino)
                return state.st_ino;
    return 0;
}

static void remember(int fd)
{
    struct stat state;
    if (fstat(fd, &state) || inode_of(fd))
        return;
    if (inode_count == MOST_INODES)
        abort();
    inodes[inode_count++] = state.st_ino;
}

/* -- opening ------------------------------------------------------------------------------- */

static int open_recorded(int folder_fd, const char *path, int flags, mode_t mode)
{
    const char *name = name_within(path);
    if (!name)
        return syscall(SYS_openat, folder_fd, path, flags, mode);
    pthread_mutex_lock(&lock);
    struct stat before;
    int existed = !stat(path, &before);
    int fd = syscall(SYS_openat, folder_fd, path, flags, mode);
    int error = errno;
    if (fd >= 0) {
        remember(fd);
        if (!existed)
            note(CREATE, inode_of(fd), 0, name, NULL, 0);
        else if (flags & O_TRUNC)
            note(TRUNCATE, inode_of(fd), 0, NULL, NULL, 0);
    }
    pthread_mutex_unlock(&lock);
    errno = error;
    return fd;
}

#define MODE_AFTER(flags)                                   \
    mode_t mode = 0;                                        \
    if ((flags) & (O_CREAT | O_TMPFILE)) {                  \
        va_list rest;                                       \
        va_start(rest, flags);                              \
        mode = va_arg(rest, mode_t);                        \
        va_end(rest);                                       \
    }

int open(const char *path, int flags, ...) { MODE_AFTER(flags) return open_recorded(AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE_AFTER(flags) return open_recorded(AT_FDCWD, path, flags, mode); }
int openat(int at, const char *path, int flags, ...) { MODE_AFTER(flags) return open_recorded(at, path, flags, mode); }
int openat64(int at, const char *path, int flags, ...) { MODE_AFTER(flags) return open_recorded(at, path, flags, mode); }
/* What a fortified build calls. */
int __open_2(const char *path, int flags) { return open_recorded(AT_FDCWD, path, flags, 0); }
int __open64_2(const char *path, int flags) { return open_recorded(AT_FDCWD, path, flags, 0); }
int __openat_2(int at, const char *path, int flags) { return open_recorded(at, path, flags, 0); }
int __openat64_2(int at, const char *path, int flags) { return open_recorded(at, path, flags, 0); }

/* -- writing ------------------------------------------------------------------------------- */

static ssize_t written(ino_t inode, off_t offset, const void *data, ssize_t size)
{
    int error = errno;
    if (size > 0)
        note(WRITE, inode, offset, NULL, data, size);
    pthread_mutex_unlock(&lock);
    errno = error;
    return size;
}

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t offset)
{
    pthread_mutex_lock(&lock);
    ino_t inode = inode_of(fd);
    if (inode)
        return written(inode, offset, data, REAL(pwrite64)(fd, data, size, offset));
    pthread_mutex_unlock(&lock);
    return REAL(pwrite64)(fd, data, size, offset);
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t offset)
{
    return pwrite64(fd, data, size, offset);
}

ssize_t write(int fd, const void *data, size_t size)
{
    pthread_mutex_lock(&lock);
    ino_t inode = inode_of(fd);
    if (inode) {
        off_t offset = lseek(fd, 0, SEEK_CUR);
        return written(inode, offset, data, REAL(write)(fd, data, size));
    }
    pthread_mutex_unlock(&lock);
    return REAL(write)(fd, data, size);
}

int ftruncate64(int fd, off64_t size)
{
    pthread_mutex_lock(&lock);
    ino_t inode = inode_of(fd);
    int result = REAL(ftruncate64)(fd, size);
    int error = errno;
    if (inode && !result)
        note(TRUNCATE, inode, size, NULL, NULL, 0);
    pthread_mutex_unlock(&lock);
    errno = error;
    return result;
}

int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }

/* -- syncing ------------------------------------------------------------------------------- */

static int sync_recorded(int fd, int (*sync)(int))
{
    pthread_mutex_lock(&lock);
    ino_t inode = inode_of(fd);
    int64_t number = ++syncs;
    if (inode)
        note(SYNC_BEGINS, inode, number, NULL, NULL, 0);
    pthread_mutex_unlock(&lock);
    int result = sync(fd);
    int error = errno;
    if (inode && !result) {
        pthread_mutex_lock(&lock);
        note(SYNC_ENDED, inode, number, NULL, NULL, 0);
        pthread_mutex_unlock(&lock);
    }
    errno = error;
    return result;
}

int fsync(int fd) { return sync_recorded(fd, REAL(fsync)); }
int fdatasync(int fd) { return sync_recorded(fd, REAL(fdatasync)); }

/* -- names --------------------------------------------------------------------------------- */

static int unlink_recorded(int at, const char *path, int flags)
{
    const char *name = name_within(path);
    pthread_mutex_lock(&lock);
    int result = syscall(SYS_unlinkat, at, path, flags);
    int error = errno;
    if (name && !result)
        note(UNLINK, 0, 0, name, NULL, 0);
    pthread_mutex_unlock(&lock);
    errno = error;
    return result;
}

int unlink(const char *path) { return unlink_recorded(AT_FDCWD, path, 0); }
int unlinkat(int at, const char *path, int flags) { return unlink_recorded(at, path, flags); }

static int rename_recorded(const char *from, const char *to)
{
    const char *old = name_within(from), *new = name_within(to);
    pthread_mutex_lock(&lock);
    int result = syscall(SYS_renameat, AT_FDCWD, from, AT_FDCWD, to);
    int error = errno;
    if (!result && (old || new)) {
        if (!old || !new)
            abort(); /* in or out of the folder: the reader knows no such thing */
        note(RENAME, 0, 0, old, new, strlen(new));
    }
    pthread_mutex_unlock(&lock);
    errno = error;
    return result;
}

int rename(const char *from, const char *to) { return rename_recorded(from, to); }

/* -- sending ------------------------------------------------------------------------------- */

ssize_t send(int fd, const void *data, size_t size, int flags)
{
    if (record_fd < 0)
        return REAL(send)(fd, data, size, flags);
    pthread_mutex_lock(&lock);
    ssize_t sent = REAL(send)(fd, data, size, flags);
    int error = errno;
    if (sent > 0)
        note(SEND, 0, fd, NULL, data, sent);
    pthread_mutex_unlock(&lock);
    errno = error;
    return sent;
}
