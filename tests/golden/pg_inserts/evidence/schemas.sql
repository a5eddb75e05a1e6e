-- PostgreSQL database dump
CREATE TABLE public.file_events (
);
CREATE TABLE public.project_events (
);
CREATE TABLE public.journals (
);
CREATE TABLE app.journals (
);
COPY app.journals (id, name, version, action, submitted_date, submitted_by) FROM stdin;
40	p	\N	create	2023-11-22 11:00:00	app
\.
COPY app.users (id, username) FROM stdin;
u1	ana
\.
COPY b.users (id, username) FROM stdin;
u2	eve
\.
COPY b.users (id) FROM stdin WITH (FORMAT csv);
u2
\.
COPY public.none  FROM stdin;

\.
--
-- PostgreSQL database dump complete
--
