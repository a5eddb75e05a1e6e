/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HC_PGARCHIVE_H
#define HC_PGARCHIVE_H

#include "src/base/input.h"

/*
 * A PostgreSQL archive (pg_dump -Fc, -Ft, -Fd; src/evidence/pgtoc.h and pgdata.h describe them) as one text,
 * which importers/pg_dump.c reads like any other dump. Offsets, lines and lengths of what is cited count
 * bytes of this text, which the same archive always gives:
 *
 *   --
 *   -- PostgreSQL database dump
 *   --
 *
 *   -- Dumped from database version 15.18        as the archive says; both are left out where it does not
 *   -- Dumped by pg_dump version 15.18
 *   -- Started on 2023-11-22 10:05:00            by the clock of the machine that dumped; left out where it
 * cannot be
 *
 *   SET standard_conforming_strings = off;       and the archive's own SET where it has one
 *
 *   CREATE TABLE public.users (...);             every table's, in the order of the contents
 *
 *   COPY public.users (id, name) FROM stdin;     every table with data, in the order in which the data lie in
 * the archive 1<TAB>ana
 *   \.
 *
 *   SET search_path = public, pg_catalog;        before data that are INSERT statements, which follow as they
 * are SELECT pg_catalog.lo_open('16401', 131072);  every large object; what is in it is not read
 *   --
 *   -- PostgreSQL database dump complete
 *   --
 *
 * Statements are those of the archive; where they name a table without its schema (before 1.13) the schema is
 * added. Two lines at least are between parts. What cannot be read is a line that is marked (HC_MARK_BROKEN)
 * with the reason; parts are marked where they begin and end. Order of the data: of a custom archive its
 * blocks, of a tar or a directory inside of an archive the members, of a directory the contents. So a stream
 * needs no way back.
 */
#define HC_PG_KEPT_MAX (INT64_C(256) << 20) /* what is remembered of all entries */

enum hc_pgarchive { HC_PGARCHIVE_NONE, HC_PGARCHIVE_PRESENTED, HC_PGARCHIVE_REFUSED };

/*
 * Presents the current member of `in`, of which nothing was consumed, if it is an archive. `path`: where the
 * file lies, when the member is all of it or the first of a tar for which hc_pgarchive_is_tar holds; NULL for
 * a member of some other archive, in which the data of a directory archive lie beside its contents: that
 * archive is then read once more from its start. Unless it is none, `*what` is yours: "PostgreSQL custom
 * archive 1.14, gzip", or why it is refused.
 */
enum hc_pgarchive hc_pgarchive_present(struct hc_input *in, const char *path, char **what);

/* The current member, the first of its archive, is the contents of a dump of which the other members are the
 * data. */
bool hc_pgarchive_is_tar(struct hc_input *in);

/*
 * The files beside `path` that hold the data of a directory archive whose contents it is, as far as they are
 * there (char *, names without folder). NULL: it is none.
 */
GPtrArray *hc_pgarchive_parts(const char *path);
/*
 * The same where the current member of `in`, of which nothing was consumed, is the contents: all names that
 * members with its data may have (char *). Consumes what it likes.
 */
GPtrArray *hc_pgarchive_members(struct hc_input *in);

#endif
