/* Stands in for icuuc.dll, which Windows has since 10 (1703) and Wine 10 lacks; every converter is refused, and Qt then uses its own.
 * For the trial under Wine only; never shipped. */
#define EXPORT __declspec(dllexport)
enum { ILLEGAL_ARGUMENT = 1 };

EXPORT void *ucnv_open(const char *name, int *error) { (void)name; *error = ILLEGAL_ARGUMENT; return 0; }
EXPORT const char *ucnv_getName(void *converter, int *error) { (void)converter; *error = ILLEGAL_ARGUMENT; return ""; }
EXPORT signed char ucnv_getMaxCharSize(void *converter) { (void)converter; return 1; }

#define NOTHING(name) EXPORT void *name(void) { return 0; }
NOTHING(ucnv_close) NOTHING(ucnv_reset) NOTHING(ucnv_toUnicode) NOTHING(ucnv_fromUnicode) NOTHING(ucnv_cbToUWriteUChars)
NOTHING(ucnv_cbFromUWriteUChars) NOTHING(ucnv_getToUCallBack) NOTHING(ucnv_getFromUCallBack) NOTHING(ucnv_setToUCallBack)
NOTHING(ucnv_setFromUCallBack) NOTHING(UCNV_FROM_U_CALLBACK_SUBSTITUTE) NOTHING(UCNV_TO_U_CALLBACK_SUBSTITUTE)
NOTHING(ucnv_getStandardName) NOTHING(ucnv_getAvailableName) NOTHING(ucnv_countAvailable) NOTHING(ucnv_toUCountPending)
NOTHING(ucnv_fromUCountPending) NOTHING(ucnv_getInvalidChars) NOTHING(ucnv_getSubstChars)
