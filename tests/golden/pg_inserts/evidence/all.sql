--
-- PostgreSQL database cluster dump
--
\connect template1
-- PostgreSQL database dump
\connect one
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
INSERT INTO public.journals VALUES (30, 'p', NULL, 'create', '2023-11-22 10:00:00', 'first');
\connect two
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
INSERT INTO public.journals VALUES (31, 'p', NULL, 'create', '2023-11-22 10:00:01', 'second');
INSERT INTO public.journals VALUES (32, 'p', NULL, 'create', '2023-11-22 10:00:02', 'second');
COPY public.journals (id, name, version, action, submitted_date, submitted_by) FROM stdin;
33	p	\N	create	2023-11-22 10:00:03	second
\.
--
-- PostgreSQL database dump complete
--
--
-- PostgreSQL database cluster dump complete
--
