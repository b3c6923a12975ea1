/*
 * Lets one compiler judge many samples, each as if it were alone.
 *
 * This is preloaded into gcc's cc1 or cc1plus, which compiles a file with two lines: an include
 * of the headers, and an include of a sample that does not exist. When the compiler opens the
 * sample, it has read the headers; here it is stopped. For each request on stdin it is forked,
 * and the copy goes on with the request's text as its sample. So headers are parsed once, and
 * no sample can change what its neighbour gets: it has a process of its own, thrown away after.
 *
 * Request: `LENGTH\n` and the text. Answer: `STATUS LENGTH\n` and what the copy wrote to stderr;
 * STATUS is its exit code, or 128 + the signal that ended it. It ends at stdin's end of file.
 *
 * Environment: SAMPLE_NAME, the file to wait for; SAMPLE_SECONDS, the CPU time of one copy;
 * SAMPLE_ROOTS, the folders that a copy may read, each as an absolute path, joined by `:`.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST_TEXT = 1 << 20, MOST_OUTPUT = 1 << 20, EXIT_BROKEN = 70 };

static bool in_copy = false;

static void read_all(char *data, size_t count) {
    while (count > 0) {
        ssize_t got = read(STDIN_FILENO, data, count);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) _exit(0);
        data += got;
        count -= (size_t)got;
    }
}

static void write_all(int file, const char *data, size_t count) {
    while (count > 0) {
        ssize_t put = write(file, data, count);
        if (put < 0 && errno == EINTR) continue;
        if (put <= 0) _exit(EXIT_BROKEN);
        data += put;
        count -= (size_t)put;
    }
}

static size_t read_length(void) {
    size_t length = 0;
    for (char digit; read_all(&digit, 1), digit != '\n';) {
        if (digit < '0' || digit > '9' || length > MOST_TEXT) _exit(EXIT_BROKEN);
        length = length * 10 + (size_t)(digit - '0');
    }
    return length;
}

/* The copy: it sees the text as a file, and nothing of its parent's pipes. */
static int become_copy(const char *text, size_t length, int errors) {
    int sample = memfd_create("sample", MFD_CLOEXEC);
    int nothing = open("/dev/null", O_RDWR);
    const char *said = getenv("SAMPLE_SECONDS");
    rlim_t seconds = said ? strtoul(said, NULL, 10) : 20;
    if (sample < 0 || nothing < 0) _exit(EXIT_BROKEN);
    dup2(nothing, STDIN_FILENO);
    dup2(nothing, STDOUT_FILENO);
    dup2(errors, STDERR_FILENO);
    close(nothing);
    close(errors);
    setrlimit(RLIMIT_CPU, &(struct rlimit){seconds, seconds + 1});
    write_all(sample, text, length);
    lseek(sample, 0, SEEK_SET);
    in_copy = true;
    return sample;
}

/* All that a copy says, up to the most; one that says more is ended. */
static size_t read_output(int errors, char *output, pid_t copy) {
    size_t length = 0;
    ssize_t got;
    while ((got = read(errors, output + length, MOST_OUTPUT - length)) != 0) {
        if (got < 0 && errno != EINTR) break;
        if (got > 0) length += (size_t)got;
        if (length == MOST_OUTPUT) {
            kill(copy, SIGKILL);
            break;
        }
    }
    close(errors);
    return length;
}

static void answer(pid_t copy, int errors) {
    static char output[MOST_OUTPUT];
    char head[64];
    int status = 0;
    size_t length = read_output(errors, output, copy);
    while (waitpid(copy, &status, 0) < 0 && errno == EINTR) {}
    int code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    write_all(STDOUT_FILENO, head, (size_t)snprintf(head, sizeof head, "%d %zu\n", code, length));
    write_all(STDOUT_FILENO, output, length);
}

/* What the headers' inline functions need would be instantiated at the end of every sample again;
 * cc1plus exports the function which does that. Where it does not, samples only take longer. */
static void instantiate_early(void) {
    void (*instantiate)(int) = NULL;
    *(void **)&instantiate = dlsym(RTLD_DEFAULT, "_Z29instantiate_pending_templatesi");
    if (instantiate) instantiate(0);
}

/* Returns in each copy, with its sample; never in the compiler that is copied. */
static int serve(void) {
    static char text[MOST_TEXT + 10];
    instantiate_early();
    unlink("headers.h.gch"); /* it is read, and large; a killed parent could not remove it */
    for (;;) {
        int pipes[2];
        size_t length = read_length();
        if (length > MOST_TEXT) _exit(EXIT_BROKEN);
        read_all(text, length);
        if (pipe2(pipes, O_CLOEXEC) != 0) _exit(EXIT_BROKEN);
        pid_t copy = fork();
        if (copy < 0) _exit(EXIT_BROKEN);
        if (copy == 0) {
            close(pipes[0]);
            return become_copy(text, length, pipes[1]);
        }
        close(pipes[1]);
        answer(copy, pipes[0]);
    }
}

/* Whether a copy may read a file. No sample gets so far: its includes were looked at before. */
static bool is_allowed(const char *path) {
    char real[PATH_MAX];
    const char *roots = getenv("SAMPLE_ROOTS");
    if (!roots || !realpath(path, real)) return true; /* opening it tells what is wrong */
    for (const char *root = roots; *root;) {
        size_t length = strcspn(root, ":");
        if (length && strncmp(real, root, length) == 0) return true;
        root += length + (root[length] == ':');
    }
    return false;
}

static int opened(const char *function, const char *path, int flags, mode_t mode) {
    int (*real)(const char *, int, ...) = NULL;
    const char *sample = getenv("SAMPLE_NAME");
    if (sample && !in_copy && strcmp(path, sample) == 0) return serve();
    if (in_copy && (flags & O_ACCMODE) == O_RDONLY && !is_allowed(path)) {
        errno = ENOENT;
        return -1;
    }
    *(void **)&real = dlsym(RTLD_NEXT, function);
    return real(path, flags, mode);
}

#define OPEN(name)                              \
    int name(const char *path, int flags, ...) { \
        va_list more;                           \
        va_start(more, flags);                  \
        mode_t mode = va_arg(more, mode_t);     \
        va_end(more);                           \
        return opened(#name, path, flags, mode); \
    }

OPEN(open)
OPEN(open64)
