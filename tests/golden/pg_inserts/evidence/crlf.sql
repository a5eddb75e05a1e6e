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
INSERT INTO public.journals VALUES (20, 'two
lines', NULL, 'create', '2023-11-22 09:00:00', 'ana');
--
-- PostgreSQL database dump complete
--
