-- PostgreSQL database dump

CREATE TABLE public.journals (
CREATE TABLE public.file_events (
CREATE TABLE public.project_events (

COPY public.project_events (ip_address_id, additional, "time", tag, source_id, id) FROM stdin;
\N	{"submitted_by": "ana"}	2023-11-22 08:00:00	project:create	p1	e1
\N	{"submitted_by": "a\\tb\\u00e4\\"c\\\\"}	2023-11-22 08:00:01	project:release:add	p2	e2
\N	no json at all	2023-11-22 08:00:02	project:release:add	p1	e3
\N	too	few
\N	{}	2023-11-22 08:00:03	project:create	p1	e4	one too many
\.

COPY public.journals (submitted_by, action, id, submitted_date, name, version) FROM stdin;
a\tb	tab\ttab\nline\\back\x41\101\q\b	5	2023-11-22 08:00:04	\N	
\\N	create	6	2023-11-22 08:00:05.1234567	n	\N

\.

COPY public.users (id, username, "extra ""column""") FROM stdin;
u1	ana	x
\.

COPY public.empty FROM stdin;
\.

COPY public.roles (user_id, project_id, id) FROM stdin;
u1	p1	r1
\.

COPY public.projects (id, name) FROM stdin;
p1	First
p2	Second
\.
INSERT INTO public.journals VALUES (1, 'x');
--
-- PostgreSQL database dump complete
--
