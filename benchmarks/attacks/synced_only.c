/* Keeps, in a second folder, only those bytes that a process has synced: the files that a power cut leaves.
 *
 * Loaded with LD_PRELOAD. SYNCED_FROM is the watched folder, SYNCED_TO the second one. A synced file is copied there
 * under its name. A file that was renamed or linked gets its new name there only when its folder is synced; a file
 * that was never synced never gets there. No disk is synced in truth.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MOST 4096
static char *olds[MOST], *news[MOST];
static int waiting;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

/* Write the path in the second folder to `out`; return 0 for a path outside of the watched folder. */
static int translate(const char *path, char *out) {
    const char *from = getenv("SYNCED_FROM"), *to = getenv("SYNCED_TO");
    size_t length = from ? strlen(from) : 0;
    if (!length || !to || strncmp(path, from, length) || (path[length] && path[length] != '/')) return 0;
    return snprintf(out, PATH_MAX, "%s%s", to, path + length) < PATH_MAX;
}

static void make_folders(char *path) {
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        mkdir(path, 0700);
        *slash = '/';
    }
}

static void copy(const char *source, char *target) {
    char part[PATH_MAX + 8], block[65536];
    ssize_t count;
    make_folders(target);
    snprintf(part, sizeof part, "%s.copy", target);
    int in = open(source, O_RDONLY), out = open(part, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (in < 0 || out < 0) abort();
    while ((count = read(in, block, sizeof block)) > 0)
        if (write(out, block, count) != count) abort();
    close(in);
    close(out);
    int (*real)(const char *, const char *) = dlsym(RTLD_NEXT, "rename");
    if (real(part, target)) abort();
}

static int lies_in(const char *path, const char *folder) {
    size_t length = strlen(folder);
    return !strncmp(path, folder, length) && path[length] == '/' && !strchr(path + length + 1, '/');
}

static void apply_names(const char *folder) {
    int kept = 0;
    for (int i = 0; i < waiting; i++) {
        char source[PATH_MAX], target[PATH_MAX];
        if (!lies_in(news[i], folder)) {
            olds[kept] = olds[i], news[kept++] = news[i];
            continue;
        }
        if (translate(olds[i], source) && translate(news[i], target) && !access(source, F_OK)) copy(source, target);
        free(olds[i]), free(news[i]);
    }
    waiting = kept;
}

static int note_sync(int fd) {
    char link[64], path[PATH_MAX], target[PATH_MAX];
    struct stat state;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0 || fstat(fd, &state)) return -1;
    path[length] = 0;
    pthread_mutex_lock(&mutex);
    if (S_ISDIR(state.st_mode)) apply_names(path);
    else if (translate(path, target)) copy(path, target);
    pthread_mutex_unlock(&mutex);
    return 0;
}

int fsync(int fd) { return note_sync(fd); }
int fdatasync(int fd) { return note_sync(fd); }

static int note_name(const char *name, const char *old, const char *new) {
    int (*real)(const char *, const char *) = dlsym(RTLD_NEXT, name);
    int result = real(old, new);
    char path[PATH_MAX];
    pthread_mutex_lock(&mutex);
    if (!result && translate(new, path)) {
        if (waiting == MOST) abort();
        olds[waiting] = strdup(old), news[waiting++] = strdup(new);
    }
    pthread_mutex_unlock(&mutex);
    return result;
}

int rename(const char *old, const char *new) { return note_name("rename", old, new); }
int link(const char *old, const char *new) { return note_name("link", old, new); }
