/* Makes the disk under one folder fail, for one process, at the turn of a switch.
 *
 * Preloaded (LD_PRELOAD) with FAIL_FOLDER, the folder, and FAIL_SWITCH, a file of one byte that is
 * mapped, so that a test turns the disk's mood by writing it: see `enum mood` and `failing.py`.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum mood { WORKS = 'w', READ_ONLY = 'r', BROKEN = 'b', STUCK = 's' };

static volatile const char works = WORKS;
static volatile const char *mood = &works;
static char folder[PATH_MAX];
static size_t folder_size;

static void *real(const char *name)
{
    void *found = dlsym(RTLD_NEXT, name);
    if (!found)
        abort();
    return found;
}

#define REAL(name) ((__typeof__(&name))real(#name))

__attribute__((constructor)) static void begin(void)
{
    const char *named = getenv("FAIL_FOLDER"), *with = getenv("FAIL_SWITCH");
    if (!named || !with || !realpath(named, folder))
        return;
    int fd = syscall(SYS_openat, AT_FDCWD, with, O_RDONLY | O_CLOEXEC, 0);
    void *mapped = fd < 0 ? MAP_FAILED : mmap(NULL, 1, PROT_READ, MAP_SHARED, fd, 0);
    if (mapped == MAP_FAILED)
        abort();
    close(fd);
    mood = mapped;
    folder_size = strlen(folder);
}

static int is_within(const char *path)
{
    return folder_size && !strncmp(path, folder, folder_size) && path[folder_size] == '/';
}

static int is_ours(int fd)
{
    char link[64] = "/proc/self/fd/", path[PATH_MAX];
    char digits[16], *digit = digits + sizeof digits - 1;
    *digit = 0;
    do
        *--digit = '0' + fd % 10;
    while (fd /= 10);
    ssize_t size = readlink(strcat(link, digit), path, sizeof path - 1);
    if (size < 0)
        return 0;
    path[size] = 0;
    return is_within(path);
}

/* 0 when the disk takes a change now, else -1 with errno as a real one gives it. */
static int refused(void)
{
    switch (*mood) {
    case READ_ONLY:
        errno = EROFS;
        return -1;
    case BROKEN:
        errno = EIO;
        return -1;
    default:
        return 0;
    }
}

static int open_failing(int at, const char *path, int flags, mode_t mode)
{
    int changes = (flags & O_ACCMODE) != O_RDONLY || flags & (O_CREAT | O_TRUNC);
    if (changes && is_within(path) && *mood == READ_ONLY)
        return refused();
    return syscall(SYS_openat, at, path, flags, mode);
}

#define MODE_AFTER(flags)                                   \
    mode_t mode = 0;                                        \
    if ((flags) & (O_CREAT | O_TMPFILE)) {                  \
        va_list rest;                                       \
        va_start(rest, flags);                              \
        mode = va_arg(rest, mode_t);                        \
        va_end(rest);                                       \
    }

int open(const char *path, int flags, ...) { MODE_AFTER(flags) return open_failing(AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE_AFTER(flags) return open_failing(AT_FDCWD, path, flags, mode); }
int openat(int at, const char *path, int flags, ...) { MODE_AFTER(flags) return open_failing(at, path, flags, mode); }
int openat64(int at, const char *path, int flags, ...) { MODE_AFTER(flags) return open_failing(at, path, flags, mode); }

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t offset)
{
    if (*mood != WORKS && is_ours(fd) && refused())
        return -1;
    return REAL(pwrite64)(fd, data, size, offset);
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t offset)
{
    return pwrite64(fd, data, size, offset);
}

int ftruncate64(int fd, off64_t size)
{
    return *mood != WORKS && is_ours(fd) && refused() ? -1 : REAL(ftruncate64)(fd, size);
}

int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }

int unlink(const char *path)
{
    if (is_within(path) && refused())
        return -1;
    return syscall(SYS_unlinkat, AT_FDCWD, path, 0);
}

static int sync_failing(int fd, int (*sync)(int))
{
    if (*mood != WORKS && is_ours(fd)) {
        const struct timespec while_stuck = {.tv_nsec = 1000 * 1000};
        while (*mood == STUCK)
            nanosleep(&while_stuck, NULL);
        if (refused())
            return -1;
    }
    return sync(fd);
}

int fsync(int fd) { return sync_failing(fd, REAL(fsync)); }
int fdatasync(int fd) { return sync_failing(fd, REAL(fdatasync)); }
