/* The part of NVIDIA's driver that FFmpeg calls, for a card that there is not: it takes every picture and gives grey
   ones. PRETENDED_PICTURES=n: the card is lost after so many. Functions that are not named here say yes to anything. */
#include <stdlib.h>
#include <string.h>

#define TRY(done) return (done) ? 0 : 999

int cuDeviceGetCount(int *count) { *count = 1; return 0; }
int cuDeviceGet(int *device, int number) { *device = 0; return 0; }
int cuDeviceGetAttribute(int *value, int which, int device) { *value = 1; return 0; }
int cuCtxCreate_v2(void **context, unsigned flags, int device) { *context = (void *)1; return 0; }
int cuCtxPopCurrent_v2(void **context) { *context = (void *)1; return 0; }
int cuMemAlloc_v2(char **memory, size_t size) { TRY(*memory = calloc(1, size)); }
int cuMemFree_v2(char *memory) { free(memory); return 0; }
int cuGetErrorName(int error, const char **said) { *said = "LOST"; return 0; }
int cuGetErrorString(int error, const char **said) { *said = "the card is lost"; return 0; }

struct place { size_t x, y; int kind; char *host, *device; void *array; size_t pitch; };
struct copy { struct place from, to; size_t width, height; };

static char *line(const struct place *of, size_t number) {
	return (of->kind == 1 ? of->host : of->device) + (of->y + number) * of->pitch + of->x;
}

int cuMemcpy2DAsync_v2(const struct copy *copy, void *stream) {
	for (size_t y = 0; y < copy->height; y++) memcpy(line(&copy->to, y), line(&copy->from, y), copy->width);
	return 0;
}

/* Of H.264, as on most cards, 8 bits and 4:2:0 alone. */
struct caps { int codec, chroma; unsigned depth, r[3]; unsigned char able, engines; unsigned short formats;
              unsigned width, height, blocks; unsigned short least_width, least_height; };
int cuvidGetDecoderCaps(struct caps *of) {
	of->able = of->chroma == 1 && !(of->codec == 4 && of->depth);
	of->formats = 3, of->width = of->height = 8192, of->blocks = 1 << 18, of->least_width = of->least_height = 16;
	return 0;
}

struct wish { unsigned long width, height, surfaces; int codec, chroma; unsigned long flags, depth, r[4]; short area[4];
              int format, deinterlacing; unsigned long target_width, target_height; };
struct decoder { size_t pitch, size; char *grey; };
int cuvidCreateDecoder(struct decoder **made, const struct wish *wish) {
	struct decoder *decoder = *made = malloc(sizeof *decoder);
	decoder->pitch = wish->target_width * (wish->depth ? 2 : 1);
	decoder->size = decoder->pitch * wish->target_height * 2;
	TRY(decoder->grey = memset(malloc(decoder->size), 128, decoder->size));
}
int cuvidDestroyDecoder(struct decoder *decoder) { free(decoder->grey); free(decoder); return 0; }

int cuvidDecodePicture(struct decoder *decoder, const int *picture) {
	static int taken;
	const char *most = getenv("PRETENDED_PICTURES");
	TRY(!most || taken++ < atoi(most));
}
int cuvidMapVideoFrame64(struct decoder *decoder, int number, char **at, unsigned *pitch, void *how) {
	*at = decoder->grey, *pitch = decoder->pitch;
	return 0;
}
