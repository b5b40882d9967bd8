// A ggml backend that computes one thing: products of matrices with many columns, of quantised weights (matmul.h) or of floats (floats.h).
//
// To ggml it is an accelerator beside the processor ("ACCEL", as its BLAS backend is): weights stay where they are, memory-mapped in host
// memory; whatever it does not support goes the usual way. The engine loads it with ggml_backend_load before the expert. For the vision
// tower, which llama.cpp runs on the processor or on "a GPU" only, the engine says so for the time of loading (int8_pose_as_gpu).
//
// Interface: ggml/src/ggml-backend-impl.h of the llama.cpp that llama-cpp-python pins; built from that very source by packaging/build_int8.sh.

#include "ggml-backend-impl.h"
#include "ggml-backend.h"
#include "ggml-impl.h"
#include "ggml.h"

#include "floats.h"
#include "matmul.h"

#include <omp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>

#define LARGE_PAGE ((size_t)2 << 20)
#define EXPORT __attribute__((visibility("default")))
#define NAME "INT8"

// Fewer columns are left to llama.cpp: for two or three it is as fast (int8_fewest_columns).
static int fewest_columns = 4;

static bool posing;

typedef struct {
    int threads;
    void *memory;
    size_t bytes;
} state;

// -- what it computes ----------------------------------------------------------------------------------------

static bool kind_of(enum ggml_type type, enum kind *kind) {
    switch (type) {
        case GGML_TYPE_Q4_K: *kind = KIND_Q4_K; return true;
        case GGML_TYPE_Q6_K: *kind = KIND_Q6_K; return true;
        case GGML_TYPE_Q8_0: *kind = KIND_Q8_0; return true;
        default: return false;
    }
}

static bool multiplies_weights(const struct ggml_tensor *node) {
    const struct ggml_tensor *weights = node->src[0], *in = node->src[1];
    enum kind kind;
    return kind_of(weights->type, &kind) && in->type == GGML_TYPE_F32 && node->type == GGML_TYPE_F32 && ggml_is_contiguous(weights) &&
           ggml_is_contiguous(in) && ggml_is_contiguous(node) && weights->ne[2] == 1 && weights->ne[3] == 1 && in->ne[2] == 1 &&
           in->ne[3] == 1 && weights->ne[0] % SUPER == 0 && weights->ne[1] % ROWS == 0 && in->ne[1] >= fewest_columns &&
           ggml_get_op_params_i32(node, 1) != GGML_HINT_SRC0_IS_HADAMARD;
}

static bool multiplies_floats(const struct ggml_tensor *node) {
    const struct ggml_tensor *weights = node->src[0], *in = node->src[1];
    return (weights->type == GGML_TYPE_F32 || weights->type == GGML_TYPE_F16) && in->type == GGML_TYPE_F32 &&
           node->type == GGML_TYPE_F32 && ggml_is_contiguous(node) && weights->nb[0] == ggml_type_size(weights->type) &&
           in->nb[0] == sizeof(float) && weights->ne[2] == in->ne[2] && weights->ne[3] == 1 && in->ne[3] == 1 &&
           weights->ne[0] >= FLOAT_ROWS && weights->ne[1] >= FLOAT_ROWS && in->ne[1] >= FLOAT_ROWS &&
           ggml_get_op_params_i32(node, 1) != GGML_HINT_SRC0_IS_HADAMARD;
}

static bool make_room(state *own, size_t bytes) {
    if (bytes <= own->bytes) {
        return true;
    }
    free(own->memory);
    // In large pages, which lie in one piece, so that what belongs into a cache together does not fall on the same places of it.
    bytes = (bytes + LARGE_PAGE - 1) / LARGE_PAGE * LARGE_PAGE;
    own->memory = aligned_alloc(LARGE_PAGE, bytes);
    own->bytes = own->memory ? bytes : 0;
    if (own->memory) {
        madvise(own->memory, bytes, MADV_HUGEPAGE); // a wish
    }
    return own->memory != NULL;
}

static enum ggml_status multiply_float_matrices(state *own, struct ggml_tensor *node) {
    const struct ggml_tensor *weights = node->src[0], *in = node->src[1];
    const int inner = (int)weights->ne[0], rows = (int)weights->ne[1], columns = (int)in->ne[1], heads = (int)in->ne[2];
    const int panels = (rows + FLOAT_ROWS - 1) / FLOAT_ROWS;
    const size_t each = float_scratch_bytes(inner);
    if (!make_room(own, each * (size_t)own->threads)) {
        return GGML_STATUS_ALLOC_FAILED;
    }
#pragma omp parallel for num_threads(own->threads) schedule(dynamic)
    for (int task = 0; task < heads * panels; task++) {
        const int head = task / panels, first = task % panels * FLOAT_ROWS, count = rows - first < FLOAT_ROWS ? rows - first : FLOAT_ROWS;
        multiply_float_rows((const char *)weights->data + (size_t)head * weights->nb[2] + (size_t)first * weights->nb[1],
                            weights->type == GGML_TYPE_F16, weights->nb[1], count, (const char *)in->data + (size_t)head * in->nb[2], in->nb[1],
                            columns, inner, (float *)((char *)node->data + (size_t)head * node->nb[2]) + first, node->nb[1] / sizeof(float),
                            (float *)((char *)own->memory + each * (size_t)omp_get_thread_num()));
    }
    return GGML_STATUS_SUCCESS;
}

static enum ggml_status multiply(state *own, struct ggml_tensor *node) {
    const struct ggml_tensor *weights = node->src[0], *in = node->src[1];
    enum kind kind;
    if (!kind_of(weights->type, &kind)) {
        return multiply_float_matrices(own, node);
    }
    const int blocks = (int)(weights->ne[0] / SUPER), columns = (int)in->ne[1], rows = (int)weights->ne[1], at_once = PANELS * ROWS;
    const size_t quantised = (sizeof(activations) * (size_t)blocks * (size_t)columns + 63) / 64 * 64, each = scratch_bytes(columns);
    if (!make_room(own, quantised + each * (size_t)own->threads)) {
        return GGML_STATUS_ALLOC_FAILED;
    }
    activations *all = own->memory;
    char *scratch = (char *)own->memory + quantised;
#pragma omp parallel num_threads(own->threads)
    {
#pragma omp for
        for (int column = 0; column < columns; column++) {
            const float *x = (const float *)((const char *)in->data + (size_t)column * in->nb[1]);
            for (int block = 0; block < blocks; block++) {
                quantise(kind, x + block * SUPER, all + (size_t)block * (size_t)columns + column);
            }
        }
#pragma omp for schedule(dynamic)
        for (int first = 0; first < rows; first += at_once) {
            int last = first + at_once < rows ? first + at_once : rows;
            multiply_rows(kind, weights->data, weights->nb[1], first, last, all, blocks, node->data, node->nb[1] / sizeof(float), columns,
                          scratch + each * (size_t)omp_get_thread_num());
        }
    }
    return GGML_STATUS_SUCCESS;
}

static bool only_names_memory(enum ggml_op op) {
    return op == GGML_OP_NONE || op == GGML_OP_RESHAPE || op == GGML_OP_VIEW || op == GGML_OP_PERMUTE || op == GGML_OP_TRANSPOSE;
}

static enum ggml_status compute(ggml_backend_t backend, struct ggml_cgraph *graph) {
    for (int n = 0; n < graph->n_nodes; n++) {
        struct ggml_tensor *node = graph->nodes[n];
        if (!(node->flags & GGML_TENSOR_FLAG_COMPUTE) || only_names_memory(node->op)) {
            continue;
        }
        enum ggml_status status = node->op == GGML_OP_MUL_MAT ? multiply(backend->context, node) : GGML_STATUS_FAILED;
        if (status != GGML_STATUS_SUCCESS) {
            return status;
        }
    }
    return GGML_STATUS_SUCCESS;
}

// -- what ggml asks ------------------------------------------------------------------------------------------

static ggml_backend_reg_t registration(void);

static const char *backend_name(ggml_backend_t backend) {
    (void)backend;
    return NAME;
}

static void backend_free(ggml_backend_t backend) {
    state *own = backend->context;
    free(own->memory);
    free(own);
    free(backend);
}

static ggml_guid_t guid(void) {
    static ggml_guid id = {0x74, 0x65, 0x6c, 0x6c, 0x74, 0x61, 0x6c, 0x65, 0x2d, 0x69, 0x6e, 0x74, 0x38, 0x2d, 0x30, 0x31};
    return &id;
}

static void set_threads(ggml_backend_t backend, int threads) {
    ((state *)backend->context)->threads = threads > 0 ? threads : 1;
}

static ggml_backend_t make_backend(ggml_backend_dev_t device, const char *parameters) {
    (void)parameters;
    ggml_backend_t backend = calloc(1, sizeof *backend);
    state *own = calloc(1, sizeof *own);
    if (!backend || !own) {
        free(backend);
        free(own);
        return NULL;
    }
    own->threads = omp_get_max_threads();
    backend->guid = guid();
    backend->iface.get_name = backend_name;
    backend->iface.free = backend_free;
    backend->iface.graph_compute = compute;
    backend->device = device;
    backend->context = own;
    return backend;
}

static const char *device_name(ggml_backend_dev_t device) {
    (void)device;
    return NAME;
}

static const char *device_description(ggml_backend_dev_t device) {
    (void)device;
    return "8-bit products with AVX-512 VNNI";
}

static void device_memory(ggml_backend_dev_t device, size_t *unused, size_t *total) {
    (void)device;
    *unused = *total = 0;
}

static enum ggml_backend_dev_type device_type(ggml_backend_dev_t device) {
    (void)device;
    return posing ? GGML_BACKEND_DEVICE_TYPE_IGPU : GGML_BACKEND_DEVICE_TYPE_ACCEL;
}

static void device_properties(ggml_backend_dev_t device, struct ggml_backend_dev_props *out) {
    memset(out, 0, sizeof *out);
    out->name = NAME;
    out->description = device_description(device);
    out->type = device_type(device);
    out->caps.buffer_from_host_ptr = out->caps.mmap_support = true;
}

static ggml_backend_buffer_type_t device_buffers(ggml_backend_dev_t device) {
    (void)device;
    return ggml_backend_dev_buffer_type(ggml_backend_dev_by_type(GGML_BACKEND_DEVICE_TYPE_CPU));
}

static ggml_backend_buffer_t device_maps(ggml_backend_dev_t device, void *memory, size_t size, size_t largest) {
    (void)device;
    return ggml_backend_dev_buffer_from_host_ptr(ggml_backend_dev_by_type(GGML_BACKEND_DEVICE_TYPE_CPU), memory, size, largest);
}

static bool device_supports(ggml_backend_dev_t device, const struct ggml_tensor *node) {
    (void)device;
    return only_names_memory(node->op) || (node->op == GGML_OP_MUL_MAT && (multiplies_weights(node) || multiplies_floats(node)));
}

static bool device_reads(ggml_backend_dev_t device, ggml_backend_buffer_type_t buffers) {
    (void)device;
    return ggml_backend_buft_is_host(buffers);
}

static const char *registration_name(ggml_backend_reg_t of) {
    (void)of;
    return NAME;
}

static size_t device_count(ggml_backend_reg_t of) {
    (void)of;
    return 1;
}

static ggml_backend_dev_t device(ggml_backend_reg_t of, size_t number) {
    static struct ggml_backend_device only;
    (void)number;
    only.iface.get_name = device_name;
    only.iface.get_description = device_description;
    only.iface.get_memory = device_memory;
    only.iface.get_type = device_type;
    only.iface.get_props = device_properties;
    only.iface.init_backend = make_backend;
    only.iface.get_buffer_type = device_buffers;
    only.iface.buffer_from_host_ptr = device_maps;
    only.iface.supports_op = device_supports;
    only.iface.supports_buft = device_reads;
    only.reg = of;
    return &only;
}

static void *function(ggml_backend_reg_t of, const char *name) {
    (void)of;
    return strcmp(name, "ggml_backend_set_n_threads") == 0 ? (void *)set_threads : NULL;
}

static ggml_backend_reg_t registration(void) {
    static struct ggml_backend_reg only = {
        .api_version = GGML_BACKEND_API_VERSION,
        .iface = {.get_name = registration_name, .get_device_count = device_count, .get_device = device, .get_proc_address = function},
    };
    return &only;
}

// -- what the engine calls -----------------------------------------------------------------------------------

EXPORT int ggml_backend_score(void) {
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vnni");
}

EXPORT ggml_backend_reg_t ggml_backend_init(void) {
    return registration();
}

// For all products from now on; before the first expert is loaded.
EXPORT void int8_fewest_columns(int count) {
    fewest_columns = count;
}

// While true, the device says that it is a GPU that shares the processor's memory: llama.cpp gives a vision tower to nothing else.
EXPORT void int8_pose_as_gpu(int yes) {
    posing = yes;
}
