/* A stand-in for a camera: preloaded, it answers the Video4Linux calls on /dev/video0.
 *
 * The folder named by CAMLIVE_STAND_IN holds a file for each mode that the camera offers, such as
 * MJPG-640x480, with the frames that it films again and again: each a 32-bit length and so many
 * bytes. The file `control` holds one word, looked at in each call, that says how it behaves:
 *
 *     ok      it films at the rate that was set
 *     dim     it films at half that rate, as in the dark, and does not say so
 *     stall   no frame comes
 *     short   frames come cut off after a third
 *     empty   frames come with no byte in them
 *     unplug  it is gone: every call fails with ENODEV, opening with ENOENT
 *     busy    another program films with it: EBUSY once buffers or a format are asked for
 *     denied  opening fails with EACCES
 *
 * As in a real camera a frame goes into the buffer queued longest ago, and is lost where none is
 * queued. Each handle is an anonymous file that holds the buffers, so mmap needs no help. Buffers
 * are dequeued without blocking.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define DEVICE "/dev/video0"
#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define LENGTH(array) (sizeof(array) / sizeof *(array))
#define BUFFERS 16                 /* at most so many are given */
#define BUFFER_BYTES (1280 * 720 * 2) /* the largest uncompressed frame; a multiple of the page */
#define HANDLES 1024               /* file descriptors below this can be the camera's */

struct mode {
    const char *file;
    __u32 format, width, height;
    __u32 rates[2]; /* frames per second, the fastest first; 0 is none */
};

static const struct mode MODES[] = {
    {"YUYV-640x480", V4L2_PIX_FMT_YUYV, 640, 480, {30, 15}},
    {"YUYV-1280x720", V4L2_PIX_FMT_YUYV, 1280, 720, {15, 0}},
    {"MJPG-640x480", V4L2_PIX_FMT_MJPEG, 640, 480, {30, 15}},
    {"MJPG-1280x720", V4L2_PIX_FMT_MJPEG, 1280, 720, {30, 15}},
};

enum state { IDLE, QUEUED, DONE };

struct buffer {
    enum state state;
    __u32 order; /* when it came into its state, counted */
    __u32 bytes, sequence;
};

static struct {
    char ours[HANDLES];        /* whether a handle is the camera's */
    int owner;                 /* the handle that has the buffers, 0 for none */
    const struct mode *mode;
    __u32 rate, count, next, order; /* next: frames since the start; order: moves so far */
    int streaming;
    double start_s;
    struct buffer buffers[BUFFERS];
    const char *frames;        /* the mode's file, mapped */
    size_t frames_bytes, position;
} camera;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static int fail(int error) {
    errno = error;
    return -1;
}

static double now_s(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec + now.tv_nsec * 1e-9;
}

/* Opens a file of the folder; gives its handle, or -1. */
static int open_file(const char *name) {
    char path[4096];
    const char *folder = getenv("CAMLIVE_STAND_IN");
    snprintf(path, sizeof path, "%s/%s", folder ? folder : "", name);
    return REAL(open)(path, O_RDONLY | O_CLOEXEC);
}

static int told(const char *word) {
    char text[16] = "";
    int file = open_file("control");
    if (file < 0) return 0;
    ssize_t got = read(file, text, sizeof text - 1);
    REAL(close)(file);
    return got > 0 && !strncmp(text, word, strlen(word));
}

/* ---- modes ---- */

static int offered(const struct mode *mode) {
    int file = open_file(mode->file);
    if (file >= 0) REAL(close)(file);
    return file >= 0;
}

/* The index-th mode that is offered and, unless it is 0, of a format; or NULL. */
static const struct mode *find_mode(__u32 format, __u32 index) {
    for (size_t i = 0; i < LENGTH(MODES); i++)
        if ((!format || MODES[i].format == format) && offered(&MODES[i]) && !index--)
            return &MODES[i];
    return NULL;
}

/* The index-th format that is offered, or 0. */
static __u32 find_format(__u32 index) {
    __u32 last = 0;
    for (__u32 i = 0; find_mode(0, i); i++) {
        __u32 format = find_mode(0, i)->format;
        if (format != last && !index--) return format;
        last = format;
    }
    return 0;
}

/* The mode nearest in size, of the format asked for where that is offered. */
static const struct mode *nearest(const struct v4l2_pix_format *wish) {
    __u32 format = find_mode(wish->pixelformat, 0) ? wish->pixelformat : find_format(0);
    const struct mode *best = NULL, *mode;
    for (__u32 i = 0; (mode = find_mode(format, i)); i++)
        if (!best || labs((long)mode->width - wish->width) < labs((long)best->width - wish->width))
            best = mode;
    return best;
}

static void set_mode(const struct mode *mode) {
    struct stat status;
    int file = open_file(mode->file);
    fstat(file, &status);
    if (camera.frames) munmap((void *)camera.frames, camera.frames_bytes);
    camera.frames = mmap(NULL, status.st_size, PROT_READ, MAP_PRIVATE, file, 0);
    camera.frames_bytes = status.st_size;
    camera.position = 0;
    REAL(close)(file);
    camera.mode = mode;
    camera.rate = mode->rates[0];
}

/* ---- filming ---- */

static struct buffer *oldest(enum state state) {
    struct buffer *found = NULL;
    for (__u32 i = 0; i < camera.count; i++) {
        struct buffer *each = &camera.buffers[i];
        if (each->state == state && (!found || each->order < found->order)) found = each;
    }
    return found;
}

static void move(struct buffer *buffer, enum state state) {
    buffer->state = state;
    buffer->order = camera.order++;
}

/* Films one frame into a buffer, or into none. */
static void film_one(struct buffer *buffer) {
    __u32 length;
    memcpy(&length, camera.frames + camera.position, sizeof length);
    const char *frame = camera.frames + camera.position + sizeof length;
    camera.position = (camera.position + sizeof length + length) % camera.frames_bytes;
    camera.next++;
    if (!buffer || told("stall")) return;
    buffer->bytes = told("empty") ? 0 : told("short") ? length / 3 : length;
    buffer->sequence = camera.next;
    ssize_t put = pwrite(camera.owner, frame, buffer->bytes,
                         (off_t)(buffer - camera.buffers) * BUFFER_BYTES);
    if (put >= 0) move(buffer, DONE);
}

/* Films all frames that are due by now. */
static void film(void) {
    double seconds = (told("dim") ? 2.0 : 1.0) / camera.rate; /* from frame to frame */
    while (camera.streaming && now_s() >= camera.start_s + camera.next * seconds)
        film_one(oldest(QUEUED));
}

static void stop(void) {
    camera.streaming = 0;
    for (__u32 i = 0; i < camera.count; i++) camera.buffers[i].state = IDLE;
}

/* ---- the calls that a device answers ---- */

static int query_capability(struct v4l2_capability *out) {
    memset(out, 0, sizeof *out);
    strcpy((char *)out->driver, "standin");
    strcpy((char *)out->card, "Stand-in camera");
    strcpy((char *)out->bus_info, "test");
    out->device_caps = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING;
    out->capabilities = out->device_caps | V4L2_CAP_DEVICE_CAPS;
    return 0;
}

static int enumerate_formats(struct v4l2_fmtdesc *out) {
    out->pixelformat = find_format(out->index);
    if (!out->pixelformat) return fail(EINVAL);
    out->flags = out->pixelformat == V4L2_PIX_FMT_MJPEG ? V4L2_FMT_FLAG_COMPRESSED : 0;
    memcpy(out->description, &out->pixelformat, sizeof out->pixelformat);
    return 0;
}

static int enumerate_sizes(struct v4l2_frmsizeenum *out) {
    const struct mode *mode = find_mode(out->pixel_format, out->index);
    if (!mode) return fail(EINVAL);
    out->type = V4L2_FRMSIZE_TYPE_DISCRETE;
    out->discrete.width = mode->width;
    out->discrete.height = mode->height;
    return 0;
}

static int enumerate_rates(struct v4l2_frmivalenum *out) {
    const struct mode *mode;
    for (__u32 i = 0; (mode = find_mode(out->pixel_format, i)); i++) {
        if (mode->width != out->width || mode->height != out->height) continue;
        if (out->index >= LENGTH(mode->rates) || !mode->rates[out->index]) break;
        out->type = V4L2_FRMIVAL_TYPE_DISCRETE;
        out->discrete = (struct v4l2_fract){1, mode->rates[out->index]};
        return 0;
    }
    return fail(EINVAL);
}

static int format(struct v4l2_format *out, const struct mode *mode) {
    int raw = mode->format == V4L2_PIX_FMT_YUYV;
    out->fmt.pix = (struct v4l2_pix_format){
        .width = mode->width, .height = mode->height, .pixelformat = mode->format,
        .field = V4L2_FIELD_NONE, .bytesperline = raw ? 2 * mode->width : 0,
        .sizeimage = 2 * mode->width * mode->height, .colorspace = V4L2_COLORSPACE_SRGB};
    return 0;
}

static int set_format(struct v4l2_format *out) {
    if (camera.owner || told("busy")) return fail(EBUSY);
    set_mode(nearest(&out->fmt.pix));
    return format(out, camera.mode);
}

static int rate(struct v4l2_streamparm *out) {
    memset(&out->parm, 0, sizeof out->parm);
    out->parm.capture.capability = V4L2_CAP_TIMEPERFRAME;
    out->parm.capture.timeperframe = (struct v4l2_fract){1, camera.rate};
    return 0;
}

static int set_rate(struct v4l2_streamparm *out) {
    const __u32 *rates = camera.mode->rates;
    struct v4l2_fract wish = out->parm.capture.timeperframe;
    if (camera.streaming || told("busy")) return fail(EBUSY);
    int slow = rates[1] && 2 * wish.denominator < wish.numerator * (rates[0] + rates[1]);
    camera.rate = rates[slow];
    return rate(out);
}

static int request_buffers(int handle, struct v4l2_requestbuffers *out) {
    if (told("busy") || (camera.owner && camera.owner != handle)) return fail(EBUSY);
    stop();
    camera.count = out->count = out->count < BUFFERS ? out->count : BUFFERS;
    camera.owner = out->count ? handle : 0;
    memset(camera.buffers, 0, sizeof camera.buffers);
    return out->count ? ftruncate(handle, (off_t)out->count * BUFFER_BYTES) : 0;
}

static int query_buffer(struct v4l2_buffer *out) {
    if (out->index >= camera.count) return fail(EINVAL);
    out->length = BUFFER_BYTES;
    out->m.offset = out->index * BUFFER_BYTES;
    return 0;
}

static int queue(const struct v4l2_buffer *in) {
    film();
    if (in->index >= camera.count || camera.buffers[in->index].state) return fail(EINVAL);
    move(&camera.buffers[in->index], QUEUED);
    return 0;
}

static int dequeue(struct v4l2_buffer *out) {
    film();
    struct buffer *buffer = oldest(DONE);
    if (!camera.streaming) return fail(EINVAL);
    if (!buffer) return fail(EAGAIN);
    move(buffer, IDLE);
    out->index = buffer - camera.buffers;
    out->bytesused = buffer->bytes;
    out->sequence = buffer->sequence;
    out->field = V4L2_FIELD_NONE;
    out->flags = V4L2_BUF_FLAG_DONE | V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC;
    return query_buffer(out);
}

static int start(void) {
    if (told("busy")) return fail(EBUSY);
    camera.streaming = 1;
    camera.start_s = now_s();
    camera.next = 0;
    return 0;
}

static int answer(int handle, unsigned request, void *in_out) {
    if (told("unplug")) return fail(ENODEV);
    switch (request) {
    case VIDIOC_QUERYCAP: return query_capability(in_out);
    case VIDIOC_ENUM_FMT: return enumerate_formats(in_out);
    case VIDIOC_ENUM_FRAMESIZES: return enumerate_sizes(in_out);
    case VIDIOC_ENUM_FRAMEINTERVALS: return enumerate_rates(in_out);
    case VIDIOC_G_FMT: return format(in_out, camera.mode);
    case VIDIOC_TRY_FMT: return format(in_out, nearest(&((struct v4l2_format *)in_out)->fmt.pix));
    case VIDIOC_S_FMT: return set_format(in_out);
    case VIDIOC_G_PARM: return rate(in_out);
    case VIDIOC_S_PARM: return set_rate(in_out);
    case VIDIOC_REQBUFS: return request_buffers(handle, in_out);
    case VIDIOC_QUERYBUF: return query_buffer(in_out);
    case VIDIOC_QBUF: return queue(in_out);
    case VIDIOC_DQBUF: return dequeue(in_out);
    case VIDIOC_STREAMON: return start();
    case VIDIOC_STREAMOFF: return stop(), 0;
    default: return fail(EINVAL); /* it has no controls and no inputs */
    }
}

/* ---- what is preloaded ---- */

static int is_ours(int handle) {
    return handle >= 0 && handle < HANDLES && camera.ours[handle];
}

static int open_device(void) {
    if (told("unplug")) return fail(ENOENT);
    if (told("denied")) return fail(EACCES);
    int handle = memfd_create("camera", MFD_CLOEXEC);
    pthread_mutex_lock(&lock);
    if (!camera.mode) set_mode(find_mode(0, 0));
    if (handle >= 0 && handle < HANDLES) camera.ours[handle] = 1;
    pthread_mutex_unlock(&lock);
    return handle;
}

#define OPEN(name)                                                                   \
    int name(const char *path, int flags, ...) {                                     \
        va_list more;                                                                \
        va_start(more, flags);                                                       \
        mode_t mode = va_arg(more, mode_t);                                          \
        va_end(more);                                                                \
        return strcmp(path, DEVICE) ? REAL(name)(path, flags, mode) : open_device(); \
    }

OPEN(open)
OPEN(open64)

int close(int handle) {
    if (is_ours(handle)) {
        pthread_mutex_lock(&lock);
        camera.ours[handle] = 0;
        if (camera.owner == handle) stop(), camera.owner = camera.count = 0;
        pthread_mutex_unlock(&lock);
    }
    return REAL(close)(handle);
}

int ioctl(int handle, unsigned long request, ...) {
    va_list more;
    va_start(more, request);
    void *in_out = va_arg(more, void *);
    va_end(more);
    if (!is_ours(handle)) return REAL(ioctl)(handle, request, in_out);
    pthread_mutex_lock(&lock);
    int result = answer(handle, (unsigned)request, in_out);
    pthread_mutex_unlock(&lock);
    return result;
}

/* Whether a frame can be dequeued, or the camera is gone. */
static int is_ready(void) {
    pthread_mutex_lock(&lock);
    film();
    int ready = told("unplug") || !camera.streaming || oldest(DONE);
    pthread_mutex_unlock(&lock);
    return ready;
}

int select(int count, fd_set *in, fd_set *out, fd_set *error, struct timeval *limit) {
    int handle = 0;
    while (handle < count && !(in && FD_ISSET(handle, in) && is_ours(handle))) handle++;
    if (handle >= count) return REAL(select)(count, in, out, error, limit);
    double end_s = now_s() + (limit ? limit->tv_sec + limit->tv_usec * 1e-6 : 1e9);
    FD_ZERO(in);
    while (!is_ready()) {
        if (now_s() >= end_s) return 0;
        if (usleep(2000)) return -1;
    }
    FD_SET(handle, in);
    return 1;
}
