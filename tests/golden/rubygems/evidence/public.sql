--
-- PostgreSQL database dump
--

SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;

CREATE EXTENSION IF NOT EXISTS hstore WITH SCHEMA public;

CREATE TABLE public.dependencies (
    id integer NOT NULL,
    requirements character varying
);

CREATE TABLE public.gem_downloads (
    id integer NOT NULL,
    count bigint
);

CREATE TABLE public.linksets (
    id integer NOT NULL,
    rubygem_id integer
);

COPY public.rubygems (id, name, created_at, updated_at, indexed, organization_id) FROM stdin;
3	spam	2024-01-05 08:26:26.123482	2024-01-05 08:26:26.123482	t	41
\.

COPY public.versions (id, authors, description, number, rubygem_id, built_at, updated_at, summary, platform, created_at, indexed, prerelease, "position", latest, full_name, size, licenses, requirements, required_ruby_version, sha256, metadata, yanked_at, required_rubygems_version, info_checksum, yanked_info_checksum, pusher_id, canonical_number, cert_chain, pusher_api_key_id) FROM stdin;
20	Ana	a gem	0.9.0	3	2024-01-05 00:00:00	2024-01-05 09:00:00.5	s	ruby	2024-01-05 09:00:00.5	t	f	0	f	spam-0.9.0	5120	MIT		\N	q80=	"changelog_uri"=>"https://example.org/c"	\N	\N	\N	\N	1	0.9.0	\N	10
25	Ana	a gem	2.0.0	3	2026-03-09 00:00:00	2026-03-09 09:00:00	s	ruby	2026-03-09 09:00:00	t	f	0	t	spam-2.0.0	5124	MIT		\N	q84=		\N	\N	\N	\N	1	2	\N	11
\.

COPY public.linksets (id, rubygem_id, home) FROM stdin;
151	3	https://example.org
\.
--
-- PostgreSQL database dump complete
--
