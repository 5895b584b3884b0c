/* Loaded before the C library: while the file named by FAILING_DISK exists, the disk fails. What it holds says how:
   "flush" fails every fsync and fdatasync with EIO, "full" fails every write to a file with ENOSPC. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int fails(const char *how) {
    const char *name = getenv("FAILING_DISK");
    char said[16] = {0};
    if (!name) return 0;
    int file = open(name, O_RDONLY);
    if (file < 0) return 0;
    ssize_t got = read(file, said, sizeof said - 1);
    close(file);
    return got > 0 && strncmp(said, how, strlen(how)) == 0;
}

static int is_file(int descriptor) {
    struct stat about;
    return fstat(descriptor, &about) == 0 && S_ISREG(about.st_mode);
}

int fsync(int descriptor) {
    static int (*real)(int);
    if (fails("flush")) { errno = EIO; return -1; }
    if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    return real(descriptor);
}

int fdatasync(int descriptor) {
    static int (*real)(int);
    if (fails("flush")) { errno = EIO; return -1; }
    if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    return real(descriptor);
}

ssize_t pwrite64(int descriptor, const void *bytes, size_t count, off64_t at) {
    static ssize_t (*real)(int, const void *, size_t, off64_t);
    if (is_file(descriptor) && fails("full")) { errno = ENOSPC; return -1; }
    if (!real) real = (ssize_t (*)(int, const void *, size_t, off64_t))dlsym(RTLD_NEXT, "pwrite64");
    return real(descriptor, bytes, count, at);
}

ssize_t write(int descriptor, const void *bytes, size_t count) {
    static ssize_t (*real)(int, const void *, size_t);
    if (is_file(descriptor) && fails("full")) { errno = ENOSPC; return -1; }
    if (!real) real = (ssize_t (*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");
    return real(descriptor, bytes, count);
}
