/* Complex functions that NumPy 2 calls in Windows' C library and that Wine 10's lacks. For the trial under Wine only; never shipped.
 *
 * prepare.sh makes a ucrtbase.dll of this: it has these functions and passes every other one on to Wine's own. The structures are those of
 * Microsoft's complex.h, whose way of passing them differs from a C compiler's own complex types; its long double is a double. */
#include <complex.h>

typedef struct { double part[2]; } wide;
typedef struct { float part[2]; } narrow;

static double complex from_wide(wide z) { return __builtin_complex(z.part[0], z.part[1]); }
static float complex from_narrow(narrow z) { return __builtin_complex(z.part[0], z.part[1]); }
static wide to_wide(double complex z) { wide result = {{creal(z), cimag(z)}}; return result; }
static narrow to_narrow(float complex z) { narrow result = {{crealf(z), cimagf(z)}}; return result; }

#define NUMBER(name) \
    double shim_##name(wide z) { return name(from_wide(z)); } \
    double shim_##name##l(wide z) { return name(from_wide(z)); } \
    float shim_##name##f(narrow z) { return name##f(from_narrow(z)); }
#define FUNCTION(name) \
    wide shim_##name(wide z) { return to_wide(name(from_wide(z))); } \
    wide shim_##name##l(wide z) { return to_wide(name(from_wide(z))); } \
    narrow shim_##name##f(narrow z) { return to_narrow(name##f(from_narrow(z))); }

NUMBER(cabs) NUMBER(carg) NUMBER(creal) NUMBER(cimag)
FUNCTION(cacos) FUNCTION(cacosh) FUNCTION(casin) FUNCTION(casinh) FUNCTION(catan) FUNCTION(catanh) FUNCTION(ccos) FUNCTION(ccosh)
FUNCTION(cexp) FUNCTION(clog) FUNCTION(conj) FUNCTION(csin) FUNCTION(csinh) FUNCTION(csqrt) FUNCTION(ctan) FUNCTION(ctanh)

wide shim_cpow(wide x, wide y) { return to_wide(cpow(from_wide(x), from_wide(y))); }
wide shim_cpowl(wide x, wide y) { return to_wide(cpow(from_wide(x), from_wide(y))); }
narrow shim_cpowf(narrow x, narrow y) { return to_narrow(cpowf(from_narrow(x), from_narrow(y))); }
