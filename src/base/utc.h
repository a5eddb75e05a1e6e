/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_UTC_H
#define HC_UTC_H

#include "src/base/str.h"

#include <stdint.h>

/*
 * Time as evidence gives it: a closed interval of UTC microseconds since 1970-01-01 with the reason why we
 * believe it. A value read to the second covers .000000 to .999999. Pure: no clock, no environment, no
 * machine zone. Leap seconds: ":60" is read as :59.999999 .. the end of the next second,
 * precision second, and only as the last second of a day of UTC.
 */
enum hc_precision {
    HC_PRECISION_NONE, /* undated */
    HC_PRECISION_US,
    HC_PRECISION_MS,
    HC_PRECISION_S,
    HC_PRECISION_MIN,
    HC_PRECISION_H,
    HC_PRECISION_DAY,
};

/* How an instant was known; bits, printed joined with '+' in this order. */
enum hc_basis {
    HC_BASIS_OFFSET = 1 << 0,        /* the record carries its offset (or says Z) */
    HC_BASIS_EPOCH = 1 << 1,         /* a count since a declared epoch in a declared unit */
    HC_BASIS_SOURCE_ZONE = 1 << 2,   /* zone set for the source, or given by the service's profile */
    HC_BASIS_YEAR_INFERRED = 1 << 3, /* the record has no year */
    HC_BASIS_ASSUMED = 1 << 4,       /* zone or year assumed, nobody said so */
    HC_BASIS_CLOCK = 1 << 5,         /* corrected by a known clock offset */
    HC_BASIS_INFERRED = 1 << 6,      /* interval derived from other records, not read */
};

struct hc_time {
    int64_t earliest; /* microseconds; meaningless when precision is HC_PRECISION_NONE */
    int64_t latest;   /* >= earliest */
    enum hc_precision precision;
    unsigned basis; /* enum hc_basis bits */
};

#define HC_US_PER_S INT64_C(1000000)

/* Names used in JSON ("us", "ms", "s", "min", "h", "day"; NULL for NONE). */
const char *hc_precision_name(enum hc_precision precision);
/* "offset", "source-zone+year-inferred", ...: yours to free. */
char *hc_basis_text(unsigned basis);

/*
 * Order of two times: certain or contradicted whatever instants of the intervals are meant, else possible.
 * Undated: possible. `before` is strictly before; `same` is only certain of exact instants.
 */
enum hc_verdict { HC_CONTRADICTED, HC_POSSIBLE, HC_CERTAIN };
enum hc_verdict hc_time_before(const struct hc_time *a, const struct hc_time *b);
enum hc_verdict hc_time_same(const struct hc_time *a, const struct hc_time *b);

/*
 * A time zone by IANA name (links too) or "UTC" or "+hh:mm". Returns NULL and sets `error` for an unknown
 * name: the system's tzdata is the authority, the machine's own zone is none, nothing is guessed. Free with
 * hc_zone_free.
 */
struct hc_zone;
struct hc_zone *hc_zone_new(const char *name, GError **error);
void hc_zone_free(struct hc_zone *zone);
typedef struct hc_zone hc_zone_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(hc_zone_t, hc_zone_free)

/* Seconds east of Greenwich at an instant (seconds since 1970); the next instant at which the zone's offset
 * or its name changes, or INT64_MAX. */
int32_t hc_zone_east(const struct hc_zone *zone, int64_t utc_s);
int64_t hc_zone_next(const struct hc_zone *zone, int64_t utc_s);
/*
 * What a local second (as if it were UTC) may mean, earliest first: 0: it never was (the clocks were set
 * forward over it); 1; 2: the clocks were set back and showed it twice. A caller that knows the order of
 * records can choose and say why (src/evidence/log/clock.h).
 */
#define HC_READINGS_MAX 4
int hc_zone_readings(const struct hc_zone *zone, int64_t local_s, int64_t utc_s[HC_READINGS_MAX]);

/* Civil fields of a local time; `precision` says which of them were written. */
struct hc_civil {
    int year, month, day, hour, minute, second, us;
};

/* Days since 1970-01-01 of a proleptic Gregorian date; false when there is no such date. */
bool hc_civil_days(int year, int month, int day, int64_t *days);
/* UTC microseconds of civil fields taken as UTC; false when out of range. */
bool hc_civil_utc(const struct hc_civil *civil, int64_t *us);
/* The civil UTC fields of an instant. */
struct hc_civil hc_utc_civil(int64_t us);

/*
 * A local time in `zone`. In the repeated hour of a DST change the result covers both readings
 * [first reading, second reading + its precision]; a time inside the gap is refused (false): it never
 * existed. A day or an hour covers what there was of it: 23 hours, or 25. Sets earliest/latest/precision and
 * HC_BASIS_SOURCE_ZONE.
 */
bool hc_time_local(const struct hc_civil *civil, enum hc_precision precision, const struct hc_zone *zone,
                   struct hc_time *out);

/*
 * The same where the time is written with the name of its offset ("EST"): the reading that has this name in
 * `zone`. False: none has; a name says nothing without a zone, since several offsets bear it.
 */
bool hc_time_local_named(const struct hc_civil *civil, enum hc_precision precision,
                         const struct hc_zone *zone, struct hc_str name, struct hc_time *out);

/* Written fields with their offset, in seconds east; false: no such time, or outside of 1700..2249. */
bool hc_time_offset(const struct hc_civil *civil, enum hc_precision precision, int east, unsigned basis,
                    struct hc_time *out);

/*
 * Readers. Each takes the exact text of a time field and returns false when it is not of that form
 * (nothing else is tried). `out` is only set on success.
 */

/*
 * ISO 8601, of which RFC 3339 is the case with an offset: "2023-11-22 08:44:55.184203", optional "+00"
 * offsets, 'T' or space, comma or point; the basic form "20231122T084455"; weeks "2023-W47-3", days of the
 * year "2023-326"; "2023-11-22T08" is an hour, "2023-11-22" a day; 24:00 is the end of the day. An offset may
 * also be " UTC". Without one in `zone` (UTC when the profile says so); NULL: refused. The digits of the
 * fraction give the precision (1-3 ms, 4-6 us; none = s) unless `assume_us`, which is for columns of a fixed
 * microsecond type whose dumps drop trailing zeros. "-00:00" is an instant whose local time is unknown.
 * Refused: a fraction of an hour or minute, "infinity", years outside 1700..2249, what is only a year or a
 * month.
 */
bool hc_time_iso(struct hc_str text, const struct hc_zone *zone, bool assume_us, struct hc_time *out);

/*
 * RFC 5322 date-time with the obsolete forms of section 4.3: comments and folding anywhere, years of two and
 * three digits, zone names of North America. A military letter is a zone whose sign its writers disagreed
 * about: the result covers both, basis offset+assumed ("Z" is UTC). Any other name ("CET", "IST", "EST5EDT")
 * says no certain offset and is refused. "-0000" is UTC of a host that does not tell its zone. Precision s or
 * min. Basis offset.
 */
bool hc_time_rfc5322(struct hc_str text, struct hc_time *out);

/*
 * A decimal count since 1970: unit "s" ("1700664252.190389" keeps its digits), "ms", "us", "ns"; NULL: the
 * unit is guessed by the number of digits (up to 11, 14, 17, more), basis epoch+assumed. A negative fraction
 * covers both ways to cut it. No exponents.
 */
bool hc_time_epoch(struct hc_str text, const char *unit, struct hc_time *out);

/* Windows FILETIME: a decimal count of 100 ns since 1601. 0 and the largest value mean never, and are
 * refused. */
bool hc_time_filetime(struct hc_str text, struct hc_time *out);
/* .NET's JSON: "/Date(1700664252190)/", "/Date(1700664252190+0100)/": milliseconds since 1970; the offset is
 * where it was shown, no part of the instant. */
bool hc_time_dotnet(struct hc_str text, struct hc_time *out);
/* Apple's count since 2001 in UTC: unit "s", with fraction, or "ns". */
bool hc_time_cocoa(struct hc_str text, const char *unit, struct hc_time *out);

/*
 * TAI64N of 24 hexadecimal digits, TAI64 of 16, with or without '@', as daemontools and what came after it
 * write them: the clock of the machine and 10 s. By the letter of the format leap seconds would be added
 * instead, so the basis is epoch+assumed.
 */
bool hc_time_tai64n(struct hc_str text, struct hc_time *out);
/*
 * The same by the letter: leap seconds are taken off by the table of the International Earth Rotation
 * Service. Basis epoch; behind the table's end (HC_LEAP_EXPIRES) epoch+assumed.
 */
bool hc_time_tai64n_leap(struct hc_str text, struct hc_time *out);
#define HC_LEAP_EXPIRES INT64_C(1814140800) /* 2027-06-28, seconds since 1970 */

/* Moves both ends back by `ahead_us` (a clock known to run ahead) and adds HC_BASIS_CLOCK; 0 does nothing. */
void hc_time_correct(struct hc_time *time, int64_t ahead_us);

/* "+47s", "-3m", "1h", "250ms" -> microseconds. */
bool hc_duration_parse(struct hc_str text, int64_t *us);

/*
 * Texts that say nothing but the instant `us`, in UTC: what was written is known by its form, and view
 * `event` of src/sql/schema.sql writes it again. HC_RAW_TEXT: it is none of these and has to be kept.
 */
enum hc_raw_form {
    HC_RAW_TEXT,
    HC_RAW_S,        /* seconds since 1970 */
    HC_RAW_MS,       /* milliseconds */
    HC_RAW_SYSLOG,   /* "Nov  9 14:02:11" */
    HC_RAW_ISO = 16, /* "2023-11-22 14:02:11": + 1 for a 'T'; + 2 for "Z", 4 for "+00", 6 for "+00:00" at its
                        end; + 8 for each digit of the fraction */
    HC_RAW_END = HC_RAW_ISO + 8 * 7
};
int hc_raw_form(struct hc_str text, int64_t us);

/* RFC 3339 with six digits and Z, into a buffer of HC_UTC_TEXT bytes; returns the buffer. */
#define HC_UTC_TEXT 32
char *hc_utc_format(int64_t us, char buffer[HC_UTC_TEXT]);

#endif
