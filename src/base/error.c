/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/error.h"

#include <stdarg.h>

G_DEFINE_QUARK(hc - error - quark, hc_error)

bool hc_fail(GError **error, enum hc_error_code code, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    if (error) {
        g_autofree char *text = g_strdup_vprintf(format, args);
        g_set_error_literal(error, HC_ERROR, (int)code, text);
    }
    va_end(args);
    return false;
}

enum hc_exit hc_error_exit(const GError *error)
{
    if (!error)
        return HC_EXIT_OK;
    if (error->domain == HC_ERROR && (error->code == HC_ERROR_USAGE || error->code == HC_ERROR_CONFIG))
        return HC_EXIT_USAGE;
    return HC_EXIT_FAILED;
}
