-- PostgreSQL database dump
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
INSERT INTO public.journals VALUES (60, 'p', (NULL, 'create', '2023-11-22 13:00:00', 'ana');
INSERT INTO public.journals VALUES (61, 'p', NULL, 'create', '2023-11-22 10:00:01', 'ana');
INSERT INTO public.journals VALUES (62, ((
COPY public.journals (id, name, version, action, submitted_date, submitted_by) FROM stdin;
63	p	\N	create	2023-11-22 13:00:03	ana
\.
--
-- PostgreSQL database dump complete
--
