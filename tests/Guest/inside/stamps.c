/*
 * stamps: write devices so that what was acknowledged is known, and check what is there afterwards.
 *
 * usage: stamps fill DEVICE STATE SECTORS
 *        stamps stale DEVICE FIRST-SECTOR SECTORS ENTRIES
 *        stamps write JOURNAL WRITES SEED FIRST-ID THREADS MOST-SECTORS SYNC-EVERY LOG DEVICE...
 *        stamps check DEVICE STATE JOURNAL NUMBER
 *        stamps differ DEVICE DEVICE BLOCK-BYTES
 *        stamps map DEVICE OFFSET BYTES VALUE
 *
 * fill    every sector gets its stamp: its number and an id, here 1. STATE is a file with the id of each sector.
 * stale   sectors are filled with what looks like entries of a COW store, with chunk numbers below ENTRIES.
 * write   THREADS for each DEVICE do WRITES each, of 1 to MOST-SECTORS, never two to the same sector at a time; one that fails ends its
 *         thread. Ids rise from FIRST-ID. SYNC-EVERY so many writes of a thread (0: never) it does an fdatasync of its device; for a
 *         second device it is ten times as many. With LOG (else -), the name of a log-writes device, nobody writes during the
 *         fdatasync, and a mark "fN" goes into that log after it: two flushes under way at a time could be logged in the wrong order.
 *         N too rises from FIRST-ID, so that the journals of several runs, one behind the other, are one.
 *         JOURNAL can be read meanwhile. It has, for each device NUMBER from 0:
 *             w NUMBER ID SECTOR COUNT    before the write      a ID    when it was acknowledged
 *             s N NUMBER                  before the fdatasync; all that was acknowledged to the device above this line is durable
 *                                         where the log has the mark fN
 * check   every sector holds the id it has in STATE or, where JOURNAL's device NUMBER was written, the last acknowledged id or the one
 *         that was under way. STATE then says what was found. Status 1 and up to ten lines when something else is there.
 * differ  prints how many blocks of two devices or files differ, to the end of the shorter.
 * map     writes bytes through a shared mapping, and ends without msync: they are in the kernel's pages then.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <linux/fs.h>
#include <unistd.h>

enum { SECTOR = 512, BATCH = 1024 };

/* A sector is 16 of these, all the same. */
struct stamp {
    uint64_t magic, sector, id, inverse;
};

static const uint64_t magic = 0x706d617473206f76;

static void die(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("stamps: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    exit(2);
}

static uint64_t number(const char *text)
{
    char *end;
    errno = 0;
    uint64_t value = strtoull(text, &end, 10);
    if (errno || *end || end == text) die("'%s' is not a number", text);
    return value;
}

static void *memory(size_t bytes)
{
    void *at = aligned_alloc(4096, (bytes + 4095) / 4096 * 4096);
    if (!at) die("no memory for %zu bytes", bytes);
    return memset(at, 0, bytes);
}

static int opened(const char *path, int flags)
{
    int fd = open(path, flags | O_DIRECT);
    if (fd < 0) die("%s: %s", path, strerror(errno));
    return fd;
}

static uint64_t length(int fd, const char *path)
{
    uint64_t bytes;
    if (ioctl(fd, BLKGETSIZE64, &bytes)) die("%s: %s", path, strerror(errno));
    return bytes / SECTOR;
}

static void put(char *sectors, uint64_t first, uint64_t count, uint64_t id)
{
    struct stamp *stamp = (struct stamp *)sectors;
    for (uint64_t i = 0; i < count * SECTOR / sizeof *stamp; i++)
        stamp[i] = (struct stamp){ magic, first + i * sizeof *stamp / SECTOR, id, ~id };
}

/* The id of a sector; 0 when it holds something else. */
static uint64_t id_of(const char *sector, uint64_t number)
{
    const struct stamp *stamp = (const struct stamp *)sector;
    if (stamp->magic != magic || stamp->sector != number || stamp->inverse != ~stamp->id) return 0;
    return memcmp(sector, sector + sizeof *stamp, SECTOR - sizeof *stamp) ? 0 : stamp->id;
}

static void write_all(int fd, const char *path, const char *from, uint64_t first, uint64_t count)
{
    if (pwrite(fd, from, count * SECTOR, first * SECTOR) != (ssize_t)(count * SECTOR)) die("%s: sector %lu: %s", path, first, strerror(errno));
}

static void save(const char *path, const uint64_t *ids, uint64_t count)
{
    FILE *file = fopen(path, "w");
    if (!file || fwrite(ids, sizeof *ids, count, file) != count || fclose(file)) die("%s: %s", path, strerror(errno));
}

static int fill(char **words)
{
    uint64_t sectors = number(words[2]);
    uint64_t *ids = memory(sectors * sizeof *ids);
    char *data = memory(BATCH * SECTOR);
    int fd = opened(words[0], O_WRONLY);
    for (uint64_t at = 0, count; at < sectors; at += count) {
        count = sectors - at < BATCH ? sectors - at : BATCH;
        put(data, at, count, 1);
        write_all(fd, words[0], data, at, count);
    }
    for (uint64_t i = 0; i < sectors; i++) ids[i] = 1;
    save(words[1], ids, sectors);
    return 0;
}

static int stale(char **words)
{
    uint64_t first = number(words[1]), sectors = number(words[2]), entries = number(words[3]);
    char *data = memory(sectors * SECTOR);
    uint64_t *words64 = (uint64_t *)data;
    for (uint64_t i = 0; i < sectors * SECTOR / 16; i++) {
        words64[2 * i] = i * 7 % entries;
        words64[2 * i + 1] = 2 + i * 11 % (entries - 2);
    }
    write_all(opened(words[0], O_WRONLY), words[0], data, first, sectors);
    return 0;
}

/* One device that is written. */
struct device {
    const char *path;
    int fd, number;
    uint64_t sync_every, sectors, issued, acknowledged, failed;
    char *busy;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t quiet;
static FILE *journal;
static const char *log_name;
static uint64_t next_id, seed, most, writes_each;
static int syncs;

static uint64_t next(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    return *state ^= *state << 17;
}

/* Some sectors that nobody writes; busy from now on. Half of the writes are a power of two long, and aligned: whole chunks. */
static uint64_t take(struct device *device, uint64_t *random, uint64_t *first)
{
    while (1) {
        uint64_t count = 1 + next(random) % most, room = device->sectors;
        if (next(random) % 2) {
            while (count & (count - 1)) count &= count - 1;
            *first = next(random) % (room / count) * count;
        } else {
            *first = next(random) % (room - count + 1);
        }
        if (memchr(device->busy + *first, 1, count)) continue;
        memset(device->busy + *first, 1, count);
        return count;
    }
}

static void sync_device(struct device *device)
{
    if (log_name) pthread_rwlock_wrlock(&quiet);
    pthread_mutex_lock(&lock);
    int this = ++syncs;
    fprintf(journal, "s %d %d\n", this, device->number);
    pthread_mutex_unlock(&lock);
    int error = fdatasync(device->fd);
    if (!log_name) return;
    pthread_rwlock_unlock(&quiet);
    char command[200];
    snprintf(command, sizeof command, "dmsetup message %s 0 mark f%d", log_name, this);
    if (error || system(command)) die("%s", error ? "fdatasync failed" : command);
}

static void *write_device(void *argument)
{
    struct device *device = argument;
    char *data = memory(most * SECTOR);
    pthread_mutex_lock(&lock);
    uint64_t random = (seed = seed * 6364136223846793005 + 1442695040888963407) | 1;
    pthread_mutex_unlock(&lock);
    for (uint64_t turn = 1; turn <= writes_each; turn++) {
        uint64_t first;
        if (log_name) pthread_rwlock_rdlock(&quiet);
        pthread_mutex_lock(&lock);
        uint64_t count = take(device, &random, &first), id = next_id++;
        device->issued++;
        fprintf(journal, "w %d %lu %lu %lu\n", device->number, id, first, count);
        pthread_mutex_unlock(&lock);
        put(data, first, count, id);
        ssize_t written = pwrite(device->fd, data, count * SECTOR, first * SECTOR);
        int done = written == (ssize_t)(count * SECTOR);
        pthread_mutex_lock(&lock);
        if (done) {
            fprintf(journal, "a %lu\n", id);
            memset(device->busy + first, 0, count);     /* a write that failed keeps its sectors: it may still be in the store, or not */
        }
        *(done ? &device->acknowledged : &device->failed) += 1;
        pthread_mutex_unlock(&lock);
        if (log_name) pthread_rwlock_unlock(&quiet);
        if (!done) break;
        if (device->sync_every && turn % device->sync_every == 0) sync_device(device);
    }
    return 0;
}

static int write_devices(char **words, int devices)
{
    uint64_t threads = number(words[4]);
    writes_each = number(words[1]);
    seed = number(words[2]);
    next_id = number(words[3]);
    syncs = (int)next_id;
    most = number(words[5]);
    uint64_t sync_every = number(words[6]);
    log_name = strcmp(words[7], "-") ? words[7] : 0;
    journal = fopen(words[0], "w");
    if (!journal) die("%s: %s", words[0], strerror(errno));
    setvbuf(journal, 0, _IOLBF, 0);
    pthread_rwlockattr_t writers_first;
    pthread_rwlockattr_init(&writers_first);
    pthread_rwlockattr_setkind_np(&writers_first, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    pthread_rwlock_init(&quiet, &writers_first);

    struct device *all = memory(devices * sizeof *all);
    pthread_t *running = memory(devices * threads * sizeof *running);
    for (int i = 0; i < devices; i++, sync_every *= 10) {
        all[i] = (struct device){ .path = words[8 + i], .number = i, .sync_every = sync_every, .fd = opened(words[8 + i], O_RDWR) };
        all[i].sectors = length(all[i].fd, all[i].path);
        all[i].busy = memory(all[i].sectors);
        if (all[i].sectors < most) die("%s has fewer than %lu sectors", all[i].path, most);
    }
    for (uint64_t i = 0; i < devices * threads; i++)
        if (pthread_create(&running[i], 0, write_device, &all[i / threads])) die("no thread");
    for (uint64_t i = 0; i < devices * threads; i++) pthread_join(running[i], 0);
    if (fclose(journal)) die("%s: %s", words[0], strerror(errno));
    for (int i = 0; i < devices; i++)
        printf("%s: %lu writes, %lu acknowledged, %lu failed\n", all[i].path, all[i].issued, all[i].acknowledged, all[i].failed);
    printf("next id %lu\n", next_id);
    return 0;
}

/* A write of the journal. */
struct written {
    uint64_t id, first, count;
    int is_acknowledged;
};

static int by_id(const void *left, const void *right)
{
    uint64_t a = ((const struct written *)left)->id, b = ((const struct written *)right)->id;
    return a < b ? -1 : a > b;
}

/* The writes to a device, in the order of their ids. */
static struct written *read_journal(const char *path, int number, uint64_t *count)
{
    FILE *file = fopen(path, "r");
    if (!file) die("%s: %s", path, strerror(errno));
    struct written *all = 0;
    char line[200];
    int device;
    *count = 0;
    while (fgets(line, sizeof line, file)) {
        struct written one = { 0 };
        if (sscanf(line, "w %d %lu %lu %lu", &device, &one.id, &one.first, &one.count) == 4) {
            if (device != number) continue;
            if (*count % BATCH == 0 && !(all = realloc(all, (*count + BATCH) * sizeof *all))) die("no memory");
            all[(*count)++] = one;
        } else if (*count > 0 && sscanf(line, "a %lu", &one.id) == 1) {
            struct written *which = bsearch(&one, all, *count, sizeof *all, by_id);     /* the other device's are not here */
            if (which) which->is_acknowledged = 1;
        }
    }
    fclose(file);
    return all;
}

static int check(char **words)
{
    int fd = opened(words[0], O_RDONLY), wrong = 0;
    uint64_t sectors = length(fd, words[0]), count;
    FILE *file = fopen(words[1], "r");
    uint64_t *ids = memory(sectors * sizeof *ids), *pending = memory(sectors * sizeof *ids);
    if (!file) die("%s: %s", words[1], strerror(errno));
    uint64_t known = fread(ids, sizeof *ids, sectors, file);
    fclose(file);
    struct written *writes = read_journal(words[2], (int)number(words[3]), &count);
    for (uint64_t i = 0; i < count; i++)
        for (uint64_t at = writes[i].first; at < writes[i].first + writes[i].count && at < known; at++)
            *(writes[i].is_acknowledged ? &ids[at] : &pending[at]) = writes[i].id;
    char *data = memory(BATCH * SECTOR);
    for (uint64_t at = 0, length; at < known; at += length) {
        length = known - at < BATCH ? known - at : BATCH;
        if (pread(fd, data, length * SECTOR, at * SECTOR) != (ssize_t)(length * SECTOR)) die("%s: sector %lu: %s", words[0], at, strerror(errno));
        for (uint64_t i = 0; i < length; i++) {
            uint64_t found = id_of(data + i * SECTOR, at + i);
            if (found != ids[at + i] && (found == 0 || found != pending[at + i]) && wrong++ < 10)
                fprintf(stderr, "%s: sector %lu holds id %lu (0: no stamp), not %lu%s\n", words[0], at + i, found, ids[at + i],
                    pending[at + i] ? " or the one that was under way" : "");
            ids[at + i] = found;
        }
    }
    save(words[1], ids, known);
    if (wrong) fprintf(stderr, "%s: %d sectors of %lu are wrong\n", words[0], wrong, known);
    return wrong ? 1 : 0;
}

/* What is on the device now. Mapped, because 4 KiB at a time an emulated disk is slow, and so is an emulated processor's copying. */
static const char *mapped_whole(const char *path, uint64_t *bytes)
{
    int fd = open(path, O_RDONLY);
    if (fd < 0) die("%s: %s", path, strerror(errno));
    *bytes = lseek(fd, 0, SEEK_END);
    if (!*bytes) die("%s: is empty", path);
    posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
    const char *mapped = mmap(0, *bytes, PROT_READ, MAP_SHARED | MAP_POPULATE, fd, 0);
    if (mapped == MAP_FAILED) die("%s: %s", path, strerror(errno));
    close(fd);
    return mapped;
}

static int differ(char **words)
{
    uint64_t block = number(words[2]), one_bytes, other_bytes, differing = 0;
    const char *one = mapped_whole(words[0], &one_bytes), *other = mapped_whole(words[1], &other_bytes);
    uint64_t end = one_bytes < other_bytes ? one_bytes : other_bytes;
    for (uint64_t at = 0; at < end; at += block)
        differing += memcmp(one + at, other + at, end - at < block ? end - at : block) != 0;
    printf("%lu\n", differing);
    return 0;
}

static int map(char **words)
{
    int fd = open(words[0], O_RDWR);
    if (fd < 0) die("%s: %s", words[0], strerror(errno));
    uint64_t offset = number(words[1]), bytes = number(words[2]);
    char *mapped = mmap(0, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, offset);
    if (mapped == MAP_FAILED) die("%s: %s", words[0], strerror(errno));
    memset(mapped, number(words[3]), bytes);
    munmap(mapped, bytes);
    close(fd);
    return 0;
}

int main(int count, char **words)
{
    const char *verb = count > 1 ? words[1] : "";
    setvbuf(stdout, 0, _IOLBF, 0);
    if (count == 5 && !strcmp(verb, "fill")) return fill(words + 2);
    if (count == 6 && !strcmp(verb, "stale")) return stale(words + 2);
    if (count > 10 && !strcmp(verb, "write")) return write_devices(words + 2, count - 10);
    if (count == 6 && !strcmp(verb, "check")) return check(words + 2);
    if (count == 5 && !strcmp(verb, "differ")) return differ(words + 2);
    if (count == 6 && !strcmp(verb, "map")) return map(words + 2);
    die("usage: fill, stale, write, check, differ or map; see stamps.c");
}
