/* SPDX-License-Identifier: Apache-2.0 */
#include "src/evidence/sqlitevalue.h"

#include "src/base/text.h"
#include "src/evidence/sqlitetree.h"

#include <errno.h>
#include <math.h>

/* ---- records ---- */

int64_t hc_sqlite_record_header(struct hc_str start)
{
    const unsigned char *p = (const unsigned char *)start.p;
    uint64_t n;

    return hc_sqlite_varint(&p, p + start.n, &n) && n <= INT32_MAX ? (int64_t)n : 0;
}

/* Bytes of a value; -1: there is no such type. */
static int64_t field_size(uint64_t type)
{
    static const int8_t fixed[] = {0, 1, 2, 3, 4, 6, 8, 8, 0, 0, -1, -1};

    if (type < G_N_ELEMENTS(fixed))
        return fixed[type];
    return type > (uint64_t)INT32_MAX * 2 ? -1 : (int64_t)((type - 12) / 2);
}

int hc_sqlite_record_fields(struct hc_str record, int64_t size, struct hc_sqlite_field *fields, int max)
{
    const unsigned char *p = (const unsigned char *)record.p, *end;
    uint64_t head;
    int64_t at;
    int n = 0;

    if (!hc_sqlite_varint(&p, p + record.n, &head) || head > record.n ||
        p > (const unsigned char *)record.p + head)
        return -1;
    end = (const unsigned char *)record.p + head;
    for (at = (int64_t)head; p < end; n++) {
        uint64_t type;
        int64_t bytes = hc_sqlite_varint(&p, end, &type) ? field_size(type) : -1;
        if (bytes < 0 || at + bytes > size)
            return -1;
        if (n < max)
            fields[n] = (struct hc_sqlite_field){type, at, bytes};
        at += bytes;
    }
    return n;
}

static int64_t signed_number(const unsigned char *p, int64_t n)
{
    uint64_t v = n && p[0] & 0x80 ? UINT64_MAX : 0;

    for (int64_t i = 0; i < n; i++)
        v = v << 8 | p[i];
    return (int64_t)v;
}

struct hc_sqlite_value hc_sqlite_field_value(struct hc_str record, const struct hc_sqlite_field *field)
{
    struct hc_sqlite_value v = {.type = HC_SQLITE_INTEGER};
    const char *p = record.p + field->at;

    if (field->type >= 12) {
        v.type = field->type & 1 ? HC_SQLITE_TEXT : HC_SQLITE_BLOB;
        v.bytes = hc_str_n(p, (size_t)field->size);
    } else if (field->type == 7) {
        v.integer = signed_number((const unsigned char *)p, 8);
        memcpy(&v.real, &v.integer, sizeof(v.real));
        v.type = isnan(v.real) ? HC_SQLITE_NULL : HC_SQLITE_REAL;
    } else if (field->type >= 8) {
        v.integer = field->type == 9;
    } else {
        v.integer = signed_number((const unsigned char *)p, field->size);
        v.type = field->type ? HC_SQLITE_INTEGER : HC_SQLITE_NULL;
    }
    return v;
}

/* ---- text ---- */

static struct hc_str integer_text(int64_t value, GString *buffer)
{
    char digits[24], *p = digits + sizeof(digits);
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

    do {
        *--p = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest);
    if (value < 0)
        *--p = '-';
    g_string_truncate(buffer, 0);
    g_string_append_len(buffer, p, digits + sizeof(digits) - p);
    return hc_str_n(buffer->str, buffer->len);
}

void hc_sqlite_append_real(GString *out, double real)
{
    static const char *const forms[] = {"%.15g", "%.16g", "%.17g"};
    char text[G_ASCII_DTOSTR_BUF_SIZE];
    size_t exponent;

    if (isinf(real)) {
        g_string_append(out, real < 0 ? "-Inf" : "Inf");
        return;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(forms); i++) {
        g_ascii_formatd(text, sizeof(text), forms[i], real);
        if (g_ascii_strtod(text, NULL) == real)
            break;
    }
    exponent = strcspn(text, "e");
    g_string_append_len(out, text, (gssize)exponent);
    if (!memchr(text, '.', exponent))
        g_string_append(out, ".0");
    g_string_append(out, text + exponent);
}

static struct hc_str hex_text(struct hc_str bytes, GString *buffer)
{
    static const char digits[] = "0123456789abcdef";

    g_string_set_size(buffer, bytes.n * 2);
    for (size_t i = 0; i < bytes.n; i++) {
        buffer->str[2 * i] = digits[(unsigned char)bytes.p[i] >> 4];
        buffer->str[2 * i + 1] = digits[bytes.p[i] & 15];
    }
    return hc_str_n(buffer->str, buffer->len);
}

struct hc_str hc_sqlite_value_text(const struct hc_sqlite_value *value, enum hc_sqlite_encoding encoding,
                                   GString *buffer)
{
    switch (value->type) {
    case HC_SQLITE_INTEGER:
        return integer_text(value->integer, buffer);
    case HC_SQLITE_REAL:
        g_string_truncate(buffer, 0);
        hc_sqlite_append_real(buffer, value->real);
        break;
    case HC_SQLITE_BLOB:
        return hex_text(value->bytes, buffer);
    case HC_SQLITE_TEXT:
        if (encoding == HC_SQLITE_UTF8 || value->of_sql)
            return value->bytes;
        g_string_truncate(buffer, 0);
        hc_text_utf16(buffer, value->bytes, encoding == HC_SQLITE_UTF16BE);
        break;
    default:
        return HC_STR_NONE;
    }
    return hc_str_n(buffer->str, buffer->len);
}

/* ---- values of SQL text ---- */

enum hc_sqlite_affinity hc_sqlite_affinity_of(struct hc_str type)
{
    static const struct {
        const char *part;
        enum hc_sqlite_affinity affinity;
    } parts[] = {{"INT", HC_SQLITE_AS_INTEGER}, {"CHAR", HC_SQLITE_AS_TEXT}, {"CLOB", HC_SQLITE_AS_TEXT},
                 {"TEXT", HC_SQLITE_AS_TEXT},   {"BLOB", HC_SQLITE_AS_BLOB}, {"REAL", HC_SQLITE_AS_REAL},
                 {"FLOA", HC_SQLITE_AS_REAL},   {"DOUB", HC_SQLITE_AS_REAL}};
    g_autofree char *upper = g_ascii_strup(type.n ? type.p : "", (gssize)type.n);

    if (!*upper)
        return HC_SQLITE_AS_BLOB;
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++)
        if (strstr(upper, parts[i].part))
            return parts[i].affinity;
    return HC_SQLITE_AS_NUMERIC;
}

static bool integer_of(const char *text, struct hc_sqlite_value *value)
{
    const char *digits = text + strspn(text, "+-");
    bool hex = g_ascii_strncasecmp(digits, "0x", 2) == 0;
    char *end;

    if (hex && !g_ascii_isxdigit(digits[2]))
        return false;
    errno = 0;
    value->integer = hex ? (int64_t)g_ascii_strtoull(digits + 2, &end, 16) : g_ascii_strtoll(text, &end, 10);
    if (hex && *text == '-')
        value->integer = (int64_t)(0 - (uint64_t)value->integer);
    value->type = HC_SQLITE_INTEGER;
    return end != text && *end == '\0' && errno == 0;
}

bool hc_sqlite_number(struct hc_str text, struct hc_sqlite_value *value)
{
    g_autofree char *copy = g_strndup(text.n ? text.p : "", text.n);
    char *end;

    /* not the names of infinity and the like, which strtod takes too */
    if (!text.n || strspn(copy, "+-.0123456789eExXabcdfABCDF") != text.n ||
        !(g_ascii_isdigit(copy[0]) || strchr("+-.", copy[0])))
        return false;
    if (integer_of(copy, value))
        return true;
    value->real = g_ascii_strtod(copy, &end);
    value->type = HC_SQLITE_REAL;
    return end != copy && *end == '\0' && !strpbrk(copy, "xX");
}

/* A real that is a whole number is kept as that. */
static void whole_number(struct hc_sqlite_value *value)
{
    if (value->type != HC_SQLITE_REAL || fabs(value->real) >= 4503599627370496.0 ||
        value->real != floor(value->real))
        return;
    value->integer = (int64_t)value->real;
    value->type = HC_SQLITE_INTEGER;
}

void hc_sqlite_apply_affinity(struct hc_sqlite_value *value, enum hc_sqlite_affinity affinity,
                              GStringChunk *chunk)
{
    g_autoptr(GString) buffer = g_string_new(NULL);
    bool number = value->type == HC_SQLITE_INTEGER || value->type == HC_SQLITE_REAL;

    if (affinity == HC_SQLITE_AS_TEXT && number) {
        hc_sqlite_value_text(value, HC_SQLITE_UTF8, buffer);
        value->bytes =
            hc_str_n(g_string_chunk_insert_len(chunk, buffer->str, (gssize)buffer->len), buffer->len);
        value->type = HC_SQLITE_TEXT;
        value->of_sql = true;
    }
    if (affinity == HC_SQLITE_AS_TEXT || affinity == HC_SQLITE_AS_BLOB)
        return;
    if (value->type == HC_SQLITE_TEXT) {
        struct hc_sqlite_value read;
        if (!g_strstr_len(value->bytes.p, (gssize)value->bytes.n, "x") &&
            hc_sqlite_number(hc_str_trim(value->bytes), &read))
            *value = read;
    }
    if (affinity != HC_SQLITE_AS_REAL)
        whole_number(value);
    else if (value->type == HC_SQLITE_INTEGER) {
        value->real = (double)value->integer;
        value->type = HC_SQLITE_REAL;
    }
}
