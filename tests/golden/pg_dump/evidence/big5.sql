--
-- PostgreSQL database dump
--

SET client_encoding = 'BIG5';
SET standard_conforming_strings = on;

COPY public.journals (id, name, version, action, submitted_date, submitted_by) FROM stdin;
71	≥\	\N	create	2023-11-22 09:00:00	•\
72	≥\\\	\N	create	2023-11-22 09:00:01	•\
\.

SET client_encoding = 'WIN1252';
INSERT INTO public.journals (id, name, version, action, submitted_date, submitted_by) VALUES (73, 'cafÈ Ä Å', NULL, 'create', '2023-11-22 09:00:02', 'ana');
SET client_encoding = 'KLINGON';
INSERT INTO public.journals (id, name, version, action, submitted_date, submitted_by) VALUES (74, 'cafÈ', NULL, 'create', '2023-11-22 09:00:03', 'ana');
--
-- PostgreSQL database dump complete
--
