--
-- PostgreSQL database dump
--

SET search_path = public, pg_catalog;

CREATE TABLE accounts_user (
);
CREATE TABLE journals (
);
CREATE TABLE packages (
);

COPY journals (id, name, version, action, submitted_date, submitted_by, submitted_from) FROM stdin;
1	Fern	\N	create	2015-04-01 08:00:01.5	eve	192.0.2.10
2	Fern	\N	add Owner eve	2015-04-01 08:00:02.5	eve	192.0.2.10
3	Fern	0.1	new release	2015-04-01 08:00:03.5	eve	192.0.2.10
4	Fern	0.1	add source file fern-0.1.tar.gz	2015-04-01 08:00:04.5	eve	192.0.2.10
5	Fern	0.1	update description, classifiers	2015-04-01 08:00:05.5	eve	192.0.2.10
6	Fern	\N	docupdate	2015-04-01 08:00:06.5	eve	192.0.2.10
7	Fern	\N	docdestroy	2015-04-01 08:00:07.5	eve	\N
8	Fern	\N	rename from fernn	2015-04-01 08:00:08.5	eve	192.0.2.11
9	Fern	0.1	remove file fern-0.1.tar.gz	2015-04-01 08:00:09.5	eve	192.0.2.10
10	Fern	\N	change Owner flo to Maintainer	2015-04-01 08:00:10.5	eve	192.0.2.10
11	Fern	0.1	remove	2015-04-01 08:00:11.5	eve	192.0.2.10
12	Fern	\N	remove	2015-04-01 08:00:12.5	\N	\N
13	user:gus	\N	nuke user	2015-04-01 08:00:13.5	root	192.0.2.1
\.

COPY accounts_user (id, password, last_login, is_superuser, username, name, is_staff, is_active, date_joined) FROM stdin;
1	SECRET-1	2015-04-01 08:00:14.5	f	eve	Eve	f	t	2009-02-03 04:05:06
2	SECRET-2	2015-04-01 08:00:15.5	t	root	Root	t	t	2008-02-03 04:05:06
\.

COPY accounts_email (id, user_id, email, "primary", verified) FROM stdin;
1	1	Eve@X.example	t	t
\.

COPY accounts_gpgkey (id, user_id, key_id, verified) FROM stdin;
1	1	DEADBEEF	f
\.

COPY packages (name, stable_version, normalized_name, autohide, comments, bugtrack_url, hosting_mode, created) FROM stdin;
Fern	\N	fern	t	t	\N	pypi-only	2015-04-01 08:00:16.5
\.

COPY roles (role_name, user_name, package_name) FROM stdin;
Owner	eve	Fern
Maintainer	eve	Fern
\.

COPY releases (name, version, author, author_email, summary, _pypi_ordering, _pypi_hidden, requires_python, created) FROM stdin;
Fern	0.1	Eve	e	s	0	f	\N	2015-04-01 08:00:17.5
\.

COPY release_files (name, version, python_version, packagetype, comment_text, filename, md5_digest, downloads, upload_time) FROM stdin;
Fern	0.1	source	sdist		fern-0.1.tar.gz	00ff	3	2015-04-01 08:00:18.5
\.

COPY openids (id, name) FROM stdin;
https://id.example/eve	eve
\.

COPY sshkeys (id, name, key) FROM stdin;
1	eve	SECRET-ssh
\.

COPY rego_otk (name, otk, date) FROM stdin;
eve	SECRET-otk	2015-04-01 08:00:19.5
\.

COPY cookies (cookie, name, last_seen) FROM stdin;
SECRET-cookie	eve	2015-04-01 08:00:20.5
\.

COPY csrf_tokens (name, token, end_date) FROM stdin;
eve	SECRET-csrf	2015-04-01 08:00:21.5
\.

COPY oauth_access_tokens (token, secret, consumer, date_created, last_modified, user_name) FROM stdin;
SECRET-t	SECRET-s	c	2014-01-01	2014-01-01	eve
\.
--
-- PostgreSQL database dump complete
--
