-- PostgreSQL database dump

CREATE TABLE public.journals (
CREATE TABLE public.file_events (
CREATE TABLE public.project_events (

COPY public.projects (name, id) FROM stdin;
First	p1
Second	p2
\.

COPY public.project_events (id, source_id, tag, "time", additional, ip_address_id) FROM stdin;
e1	p1	project:create	2023-11-22 08:00:00	{"submitted_by": "ana"}	\N
e9	p1	project:create	2023-11-22 11:00:00	{"submitted_by": "ana"}	\N
\.
--
-- PostgreSQL database dump complete
--
