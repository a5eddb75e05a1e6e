-- PostgreSQL database dump
CREATE TABLE public.journals (
    id integer NOT NULL,
    name text
);
COPY public.journals (id, name, version, action, submitted_date, submitted_by) FROM stdin;
90	p	\N	create	2023-11-22 15:00:00	ana
\.
