-- PostgreSQL database dump

CREATE TABLE public.journals (
CREATE TABLE public.file_events (
CREATE TABLE public.project_events (

COPY public.journals (id, name, action, submitted_date, submitted_by) FROM stdin;
7	cr\r	create	2023-11-22 09:00:00	ana
\.
--
-- PostgreSQL database dump complete
--
