-- PostgreSQL database dump

CREATE TABLE public.journals (
CREATE TABLE public.file_events (
CREATE TABLE public.project_events (

COPY public.journals (id, name, action, submitted_date, submitted_by) FROM stdin;
8	n	create	2023-11-22 10:00:00	ana
9	n	remove project	2023-11-22 10:00:01	dv