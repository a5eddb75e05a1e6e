--
-- PostgreSQL database dump
--

\restrict abc

SET standard_conforming_strings = on;

CREATE FUNCTION public.f() RETURNS void
    LANGUAGE sql
    AS $_$
INSERT INTO public.journals VALUES (90, 'of a function''s body', '', 'create', '2023-11-22 01:00:00', 'x');
COPY public.journals (id) FROM stdin;
$_$;
CREATE FUNCTION public.g() RETURNS void
    LANGUAGE sql
    BEGIN ATOMIC
 INSERT INTO public.journals (id, name) VALUES (91, CASE WHEN true THEN 'a' ELSE 'b' END);
INSERT INTO public.journals (id, name) VALUES (92, 'c');
END;
/* a comment; /* in a comment */ INSERT INTO public.journals VALUES (93);
*/
CREATE TABLE public.journals (
    id integer NOT NULL,
    name text DEFAULT 'a,(b'::text,
    version text,
    action text,
    submitted_date timestamp without time zone,
    submitted_by public.citext,
    CONSTRAINT one CHECK ((id > 0))
);
CREATE TABLE public.file_events (
);
CREATE TABLE public.project_events (
);
CREATE TABLE old.journals (
    id integer
);
CREATE TABLE public.more (
    extra text
)
INHERITS (public.journals);
COMMENT ON TABLE public.journals IS 'it''s; (open';
SELECT pg_catalog.lo_create('16400');
INSERT INTO public.journals VALUES (1, 'quote''s', NULL, 'create', '2023-11-22 08:00:00', 'ana');
INSERT INTO public.journals VALUES (2, 'p', '1', 'a line
and); INSERT INTO public.journals VALUES (94, ''x'', '''', ''create'', ''2023-11-22 01:00:00'', ''x'');
\connect other', '2023-11-22 08:00:01', E'tab\tquote\'u\u00e4');
INSERT INTO public.journals (submitted_date, action, id, name, "version", submitted_by) OVERRIDING SYSTEM VALUE VALUES
	('2023-11-22 08:00:02', 'create', 3, 'q', DEFAULT, 'back\slash'),
	('2023-11-22 08:00:03', 'create', 4, 'r', NULL, 'cr
lf') ON CONFLICT (id) DO NOTHING;
INSERT INTO public.journals VALUES (5, 'short');
INSERT INTO public.journals VALUES (6, now(), NULL, 'create', '2023-11-22 08:00:03', 'ana');
INSERT INTO old.journals VALUES (7);
INSERT INTO public.more VALUES (8, 'p', NULL, 'create', '2023-11-22 08:00:04', 'ana', 'extra');
INSERT INTO public.users DEFAULT VALUES;
SELECT pg_catalog.lo_open('16400', 131072);
SELECT pg_catalog.lowrite(0, '\x2d2d');
SELECT pg_catalog.lo_close(0);
SET standard_conforming_strings = off;
INSERT INTO public.journals VALUES (9, 'back\\slash\'s', NULL, 'create', '2023-11-22 08:00:05', 'ana');

\unrestrict abc
--
-- PostgreSQL database dump complete
--
