--
-- PostgreSQL database dump
--

-- Dumped from database version 15.8
-- Dumped by pg_dump version 15.8

SET statement_timeout = 0;
SET lock_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: hstore; Type: EXTENSION; Schema: -; Owner: -
--

CREATE EXTENSION IF NOT EXISTS hstore WITH SCHEMA public;


SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: admin_github_users; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.admin_github_users (
    id bigint,
    avatar_url character varying,
    created_at timestamp(6) without time zone NOT NULL,
    github_id character varying,
    info_data json,
    is_admin boolean,
    login character varying,
    oauth_token character varying,
    updated_at timestamp(6) without time zone NOT NULL
);


--
-- Name: api_key_rubygem_scopes; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.api_key_rubygem_scopes (
    id bigint,
    api_key_id bigint NOT NULL,
    created_at timestamp(6) without time zone NOT NULL,
    ownership_id bigint NOT NULL,
    updated_at timestamp(6) without time zone NOT NULL
);


--
-- Name: api_keys; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.api_keys (
    id bigint,
    created_at timestamp without time zone NOT NULL,
    expires_at timestamp without time zone,
    hashed_key character varying NOT NULL,
    last_accessed_at timestamp without time zone,
    mfa boolean NOT NULL,
    name character varying NOT NULL,
    owner_id bigint,
    owner_type character varying,
    scopes character varying[],
    soft_deleted_at timestamp(6) without time zone,
    soft_deleted_rubygem_name character varying,
    updated_at timestamp without time zone NOT NULL
);


--
-- Name: audits; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.audits (
    id bigint,
    action character varying NOT NULL,
    admin_github_user_id bigint NOT NULL,
    auditable_id bigint NOT NULL,
    auditable_type character varying NOT NULL,
    audited_changes text,
    comment character varying,
    created_at timestamp(6) without time zone NOT NULL,
    updated_at timestamp(6) without time zone NOT NULL
);


--
-- Name: blazer_audits; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.blazer_audits (
    id bigint,
    created_at timestamp(6) without time zone,
    data_source character varying,
    query_id bigint,
    statement text,
    user_id bigint
);


--
-- Name: deletions; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.deletions (
    id integer,
    created_at timestamp without time zone NOT NULL,
    number character varying,
    platform character varying,
    rubygem character varying,
    updated_at timestamp without time zone NOT NULL,
    user_id integer,
    version_id bigint
);


--
-- Name: dependencies; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.dependencies (
    id integer,
    created_at timestamp without time zone,
    requirements character varying,
    rubygem_id integer,
    scope character varying,
    unresolved_name character varying,
    updated_at timestamp without time zone,
    version_id integer
);


--
-- Name: events_organization_events; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.events_organization_events (
    id bigint,
    additional jsonb,
    created_at timestamp(6) without time zone NOT NULL,
    geoip_info_id bigint,
    ip_address_id bigint,
    organization_id bigint NOT NULL,
    tag character varying NOT NULL,
    trace_id character varying,
    updated_at timestamp(6) without time zone NOT NULL
);


--
-- Name: events_rubygem_events; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.events_rubygem_events (
    id bigint,
    additional jsonb,
    created_at timestamp(6) without time zone NOT NULL,
    geoip_info_id bigint,
    ip_address_id bigint,
    rubygem_id bigint NOT NULL,
    tag character varying NOT NULL,
    trace_id character varying,
    updated_at timestamp(6) without time zone NOT NULL
);


--
-- Name: events_user_events; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.events_user_events (
    id bigint,
    additional jsonb,
    created_at timestamp(6) without time zone NOT NULL,
    geoip_info_id bigint,
    ip_address_id bigint,
    tag character varying NOT NULL,
    trace_id character varying,
    updated_at timestamp(6) without time zone NOT NULL,
    user_id bigint NOT NULL
);


--
-- Name: flipper_gates; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.flipper_gates (
    id bigint,
    created_at timestamp(6) without time zone NOT NULL,
    feature_key character varying NOT NULL,
    key character varying NOT NULL,
    updated_at timestamp(6) without time zone NOT NULL,
    value text
);


--
-- Name: gem_downloads; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.gem_downloads (
    id integer,
    count bigint,
    rubygem_id integer NOT NULL,
    version_id integer NOT NULL
);


--
-- Name: geoip_infos; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.geoip_infos (
    id bigint,
    city character varying,
    continent_code character varying,
    country_code character varying,
    country_code3 character varying,
    country_name character varying,
    created_at timestamp(6) without time zone NOT NULL,
    region character varying,
    updated_at timestamp(6) without time zone NOT NULL
);


--
-- Name: good_jobs; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.good_jobs (
    id uuid,
    active_job_id uuid,
    batch_callback_id uuid,
    batch_id uuid,
    concurrency_key text,
    created_at timestamp(6) without time zone NOT NULL,
    cron_at timestamp(6) without time zone,
    cron_key text,
    error text,
    error_event integer,
    executions_count integer,
    finished_at timestamp(6) without time zone,
    is_discrete boolean,
    job_class text,
    labels text[],
    locked_at timestamp(6) without time zone,
    locked_by_id uuid,
    performed_at timestamp(6) without time zone,
    priority integer,
    queue_name text,
    retried_good_job_id uuid,
    scheduled_at timestamp(6) without time zone,
    serialized_params jsonb,
    updated_at timestamp(6) without time zone NOT NULL
);


--
-- Name: ip_addresses; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.ip_addresses (
    id bigint,
    created_at timestamp(6) without time zone NOT NULL,
    geoip_info_id bigint,
    hashed_ip_address text NOT NULL,
    ip_address inet NOT NULL,
    updated_at timestamp(6) without time zone NOT NULL
);


--
-- Name: linksets; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.linksets (
    id integer,
    bugs character varying,
    code character varying,
    created_at timestamp without time zone,
    docs character varying,
    home character varying,
    mail character varying,
    rubygem_id integer,
    updated_at timestamp without time zone,
    wiki character varying
);


--
-- Name: log_tickets; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.log_tickets (
    id integer,
    backend integer,
    created_at timestamp without time zone NOT NULL,
    directory character varying,
    key character varying,
    processed_count integer,
    status character varying,
    updated_at timestamp without time zone NOT NULL
);


--
-- Name: memberships; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.memberships (
    id bigint,
    confirmed_at timestamp without time zone,
    created_at timestamp(6) without time zone NOT NULL,
    invitation_expires_at timestamp(6) without time zone,
    invited_by_id bigint,
    organization_id bigint NOT NULL,
    role integer NOT NULL,
    updated_at timestamp(6) without time zone NOT NULL,
    user_id bigint NOT NULL
);


--
-- Name: oidc_api_key_roles; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.oidc_api_key_roles (
    id bigint,
    access_policy jsonb NOT NULL,
    api_key_permissions jsonb NOT NULL,
    created_at timestamp(6) without time zone NOT NULL,
    deleted_at timestamp(6) without time zone,
    name character varying NOT NULL,
    oidc_provider_id bigint NOT NULL,
    token character varying NOT NULL,
    updated_at timestamp(6) without time zone NOT NULL,
    user_id bigint NOT NULL
);


--
-- Name: oidc_id_tokens; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.oidc_id_tokens (
    id bigint,
    api_key_id bigint,
    created_at timestamp(6) without time zone NOT NULL,
    jwt jsonb NOT NULL,
    oidc_api_key_role_id bigint NOT NULL,
    updated_at timestamp(6) without time zone NOT NULL
);


--
-- Name: oidc_pending_trusted_publishers; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.oidc_pending_trusted_publishers (
    id bigint,
    created_at timestamp(6) without time zone NOT NULL,
    expires_at timestamp without time zone NOT NULL,
    rubygem_name character varying,
    trusted_publisher_id bigint NOT NULL,
    trusted_publisher_type character varying NOT NULL,
    updated_at timestamp(6) without time zone NOT NULL,
    user_id bigint NOT NULL
);


--
-- Name: oidc_providers; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.oidc_providers (
    id bigint,
    configuration jsonb,
    configuration_updated_at timestamp without time zone,
    created_at timestamp(6) without time zone NOT NULL,
    issuer text,
    jwks jsonb,
    updated_at timestamp(6) without time zone NOT NULL
);


--
-- Name: oidc_rubygem_trusted_publishers; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.oidc_rubygem_trusted_publishers (
    id bigint,
    created_at timestamp(6) without time zone NOT NULL,
    rubygem_id bigint NOT NULL,
    trusted_publisher_id bigint NOT NULL,
    trusted_publisher_type character varying NOT NULL,
    updated_at timestamp(6) without time zone NOT NULL
);


--
-- Name: oidc_trusted_publisher_github_actions; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.oidc_trusted_publisher_github_actions (
    id bigint,
    created_at timestamp(6) without time zone NOT NULL,
    environment character varying,
    repository_name character varying NOT NULL,
    repository_owner character varying NOT NULL,
    repository_owner_id character varying NOT NULL,
    updated_at timestamp(6) without time zone NOT NULL,
    workflow_filename character varying NOT NULL,
    workflow_repository_name character varying,
    workflow_repository_owner character varying
);


--
-- Name: organization_invites; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.organization_invites (
    id bigint,
    created_at timestamp(6) without time zone NOT NULL,
    invitable_id bigint NOT NULL,
    invitable_type character varying NOT NULL,
    role character varying,
    updated_at timestamp(6) without time zone NOT NULL,
    user_id bigint NOT NULL
);


--
-- Name: organization_onboarding_invites; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.organization_onboarding_invites (
    id bigint,
    created_at timestamp(6) without time zone NOT NULL,
    organization_onboarding_id bigint NOT NULL,
    role character varying,
    updated_at timestamp(6) without time zone NOT NULL,
    user_id bigint NOT NULL
);


--
-- Name: organization_onboardings; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.organization_onboardings (
    id bigint,
    created_at timestamp(6) without time zone NOT NULL,
    created_by_id integer NOT NULL,
    error text,
    onboarded_at timestamp(6) without time zone,
    onboarded_organization_id integer,
    organization_handle character varying NOT NULL,
    organization_name character varying NOT NULL,
    rubygems integer[],
    status character varying NOT NULL,
    updated_at timestamp(6) without time zone NOT NULL
);


--
-- Name: organizations; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.organizations (
    id bigint,
    created_at timestamp(6) without time zone NOT NULL,
    deleted_at timestamp without time zone,
    handle character varying,
    name character varying,
    updated_at timestamp(6) without time zone NOT NULL
);


--
-- Name: ownership_calls; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.ownership_calls (
    id bigint,
    created_at timestamp(6) without time zone NOT NULL,
    note text,
    rubygem_id bigint,
    status boolean NOT NULL,
    updated_at timestamp(6) without time zone NOT NULL,
    user_id bigint
);


--
-- Name: ownership_requests; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.ownership_requests (
    id bigint,
    approver_id integer,
    created_at timestamp(6) without time zone NOT NULL,
    note text,
    ownership_call_id bigint,
    rubygem_id bigint,
    status integer NOT NULL,
    updated_at timestamp(6) without time zone NOT NULL,
    user_id bigint
);


--
-- Name: ownerships; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.ownerships (
    id integer,
    authorizer_id integer,
    confirmed_at timestamp without time zone,
    created_at timestamp without time zone,
    owner_notifier boolean NOT NULL,
    ownership_request_notifier boolean NOT NULL,
    push_notifier boolean NOT NULL,
    role integer NOT NULL,
    rubygem_id integer,
    token character varying,
    token_expires_at timestamp without time zone,
    updated_at timestamp without time zone,
    user_id integer
);


--
-- Name: rubygem_transfers; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.rubygem_transfers (
    id bigint,
    completed_at timestamp(6) without time zone,
    created_at timestamp(6) without time zone NOT NULL,
    created_by_id bigint NOT NULL,
    error text,
    organization_id bigint,
    rubygems integer[],
    status character varying NOT NULL,
    updated_at timestamp(6) without time zone NOT NULL
);


--
-- Name: rubygems; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.rubygems (
    id integer,
    created_at timestamp without time zone,
    indexed boolean NOT NULL,
    name character varying,
    organization_id bigint,
    updated_at timestamp without time zone
);


--
-- Name: sendgrid_events; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.sendgrid_events (
    id bigint,
    created_at timestamp without time zone NOT NULL,
    email character varying,
    event_type character varying,
    occurred_at timestamp without time zone,
    payload jsonb NOT NULL,
    sendgrid_id character varying NOT NULL,
    status character varying NOT NULL,
    updated_at timestamp without time zone NOT NULL
);


--
-- Name: subscriptions; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.subscriptions (
    id integer,
    created_at timestamp without time zone,
    rubygem_id integer,
    updated_at timestamp without time zone,
    user_id integer
);


--
-- Name: users; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.users (
    id integer,
    api_key character varying,
    blocked_email character varying,
    confirmation_token character varying,
    created_at timestamp without time zone,
    deleted_at timestamp(6) without time zone,
    email character varying,
    email_confirmed boolean NOT NULL,
    email_reset boolean,
    encrypted_password character varying,
    full_name character varying,
    handle character varying,
    hide_email boolean,
    mail_fails integer,
    mfa_hashed_recovery_codes character varying[],
    mfa_level integer,
    password_reset_token_digest character varying,
    password_reset_token_expires_at timestamp(6) without time zone,
    policies_acknowledged_at timestamp(6) without time zone,
    public_email boolean NOT NULL,
    remember_token character varying,
    remember_token_expires_at timestamp without time zone,
    salt character varying,
    token character varying,
    token_expires_at timestamp without time zone,
    totp_seed character varying,
    twitter_username character varying,
    unconfirmed_email character varying,
    updated_at timestamp without time zone,
    webauthn_id character varying
);


--
-- Name: versions; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.versions (
    id integer,
    authors text,
    built_at timestamp without time zone,
    canonical_number character varying,
    cert_chain text,
    created_at timestamp without time zone,
    description text,
    full_name character varying,
    gem_full_name character varying,
    gem_platform character varying,
    indexed boolean,
    info_checksum_v2 character varying,
    latest boolean,
    licenses character varying,
    metadata public.hstore NOT NULL,
    number character varying,
    platform character varying,
    "position" integer,
    prerelease boolean,
    pusher_api_key_id bigint,
    pusher_id bigint,
    required_ruby_version character varying,
    required_rubygems_version character varying,
    requirements text,
    ruby_abi character varying,
    rubygem_id integer,
    sha256 character varying,
    size integer,
    spec_sha256 character varying,
    summary text,
    updated_at timestamp without time zone,
    yanked_at timestamp without time zone,
    yanked_info_checksum_v2 character varying
);


--
-- Name: web_hooks; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.web_hooks (
    id integer,
    created_at timestamp without time zone,
    disabled_at timestamp without time zone,
    disabled_reason text,
    failure_count integer,
    failures_since_last_success integer,
    last_failure timestamp without time zone,
    last_success timestamp without time zone,
    rubygem_id integer,
    successes_since_last_failure integer,
    updated_at timestamp without time zone,
    url character varying,
    user_id integer
);


--
-- Name: webauthn_credentials; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.webauthn_credentials (
    id bigint,
    created_at timestamp(6) without time zone NOT NULL,
    external_id character varying NOT NULL,
    nickname character varying NOT NULL,
    public_key character varying NOT NULL,
    sign_count bigint NOT NULL,
    updated_at timestamp(6) without time zone NOT NULL,
    user_id bigint NOT NULL
);


--
-- Name: webauthn_verifications; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.webauthn_verifications (
    id bigint,
    created_at timestamp(6) without time zone NOT NULL,
    otp character varying,
    otp_expires_at timestamp(6) without time zone,
    path_token character varying,
    path_token_expires_at timestamp(6) without time zone,
    updated_at timestamp(6) without time zone NOT NULL,
    user_id bigint NOT NULL
);


--
-- Data for Name: admin_github_users; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.admin_github_users (id, avatar_url, created_at, github_id, info_data, is_admin, login, oauth_token, updated_at) FROM stdin;
1	\N	2026-03-02 09:25:25.123541	MDQ6	{"viewer": "SECRET-info"}	t	kit	SECRET-oauth	2026-03-02 09:26:26.123542
\.


--
-- Data for Name: api_key_rubygem_scopes; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.api_key_rubygem_scopes (id, api_key_id, created_at, ownership_id, updated_at) FROM stdin;
111	11	2026-03-02 08:41:41.123497	71	2026-03-02 08:42:42.123498
\.


--
-- Data for Name: api_keys; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.api_keys (id, created_at, expires_at, hashed_key, last_accessed_at, mfa, name, owner_id, owner_type, scopes, soft_deleted_at, soft_deleted_rubygem_name, updated_at) FROM stdin;
11	2026-03-02 08:35:35.123491	\N	SECRET-hash-1	2026-03-02 11:00:00	t	ci "key" <b>	1	User	{push_rubygem,yank_rubygem}	\N	\N	2026-03-02 08:36:36.123492
12	2026-03-02 08:37:37.123493	2026-03-02 10:15:00	SECRET-hash-2	\N	f	GitHub Actions	31	OIDC::TrustedPublisher::GitHubAction	{push_rubygem}	\N	\N	2026-03-02 08:38:38.123494
13	2026-03-02 08:39:39.123495	\N	SECRET-hash-3	\N	f	odd	1	Robot	{}	2026-03-02 10:16:00	spam	2026-03-02 08:40:40.123496
\.


--
-- Data for Name: audits; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.audits (id, action, admin_github_user_id, auditable_id, auditable_type, audited_changes, comment, created_at, updated_at) FROM stdin;
131	Block User	1	2	User	{"records": {"gid://gemcutter/User/2": {"changes": {"encrypted_password": ["SECRET-x", null]}}}}	spam; see ticket	2026-03-02 09:27:27.123543	2026-03-02 09:28:28.123544
\.


--
-- Data for Name: blazer_audits; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.blazer_audits (id, created_at, data_source, query_id, statement, user_id) FROM stdin;
141	2026-03-02 09:29:29.123545	main	2	SELECT * FROM users WHERE handle = 'bo'	1
\.


--
-- Data for Name: deletions; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.deletions (id, created_at, number, platform, rubygem, updated_at, user_id, version_id) FROM stdin;
61	2026-03-02 08:16:00.25	1.0.0	ruby	spam	2026-03-02 08:16:00.25	1	21
62	2013-01-01 00:00:00	0.0.1		Spam_Egg	2013-01-01 00:00:00	\N	\N
\.


--
-- Data for Name: dependencies; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.dependencies (id, created_at, requirements, rubygem_id, scope, unresolved_name, updated_at, version_id) FROM stdin;
153	2026-03-02 09:32:32.123548	>= 0	4	runtime	\N	2026-03-02 09:33:33.123549	20
\.


--
-- Data for Name: events_organization_events; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.events_organization_events (id, additional, created_at, geoip_info_id, ip_address_id, organization_id, tag, trace_id, updated_at) FROM stdin;
124	{"name": "Spam", "actor_gid": "gid://gemcutter/Membership/51"}	2026-03-02 08:24:24.123480	7	5	41	organization:created	trace24	2026-03-02 08:24:24.123480
125	{}	2026-03-02 08:25:25.123481	7	5	41	organization:renamed	trace25	2026-03-02 08:25:25.123481
\.


--
-- Data for Name: events_rubygem_events; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.events_rubygem_events (id, additional, created_at, geoip_info_id, ip_address_id, rubygem_id, tag, trace_id, updated_at) FROM stdin;
114	{"number": "1.0.0", "platform": "ruby", "sha256": "abababababababababababababababababababababababababababababababab", "pushed_by": "ana", "version_gid": "gid://gemcutter/Version/21", "actor_gid": "gid://gemcutter/User/1", "user_agent_info": {"installer": "RubyGems", "implementation": "Ruby", "system": "linux"}}	2026-03-02 08:14:14.123470	7	5	3	rubygem:version:pushed	trace14	2026-03-02 08:14:14.123470
115	{"number": "1.1.0", "platform": "java", "sha256": "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd", "pushed_by": "GitHub Actions ana/spam @ .github/workflows/push.yml", "version_gid": "gid://gemcutter/Version/22", "actor_gid": "gid://gemcutter/OIDC::TrustedPublisher::GitHubAction/31"}	2026-03-02 08:15:15.123471	7	5	3	rubygem:version:pushed	trace15	2026-03-02 08:15:15.123471
116	{"number": "1.0.0", "platform": "ruby", "yanked_by": "ana", "version_gid": "gid://gemcutter/Version/21", "actor_gid": "gid://gemcutter/User/1", "force": false}	2026-03-02 08:16:16.123472	7	5	3	rubygem:version:yanked	trace16	2026-03-02 08:16:16.123472
117	{"number": "0.9.0", "platform": "ruby", "yanked_by": "ana", "version_gid": "gid://gemcutter/Version/20", "actor_gid": "gid://gemcutter/User/1", "reason": "Versions published more than 30 days ago cannot be deleted."}	2026-03-02 08:17:17.123473	7	5	3	rubygem:version:yank_forbidden	trace17	2026-03-02 08:17:17.123473
118	{"number": "1.0.0", "platform": "ruby", "version_gid": "gid://gemcutter/Version/21"}	2026-03-02 08:18:18.123474	7	\N	3	rubygem:version:unyanked	trace18	2026-03-02 08:18:18.123474
119	{"owner": "bo", "authorizer": "ana", "owner_gid": "gid://gemcutter/User/2", "actor_gid": "gid://gemcutter/User/1"}	2026-03-02 08:19:19.123475	7	5	3	rubygem:owner:added	trace19	2026-03-02 08:19:19.123475
120	{"owner": "bo", "authorizer": "ana", "owner_gid": "gid://gemcutter/User/2", "actor_gid": "gid://gemcutter/User/2"}	2026-03-02 08:20:20.123476	7	5	3	rubygem:owner:confirmed	trace20	2026-03-02 08:20:20.123476
121	{"owner": "bo", "updated_by": "ana", "owner_gid": "gid://gemcutter/User/2", "actor_gid": "gid://gemcutter/User/1", "previous_role": "owner", "current_role": "maintainer"}	2026-03-02 08:21:21.123477	7	5	3	rubygem:owner:role_updated	trace21	2026-03-02 08:21:21.123477
122	{"owner": "ana", "removed_by": "bo", "owner_gid": "gid://gemcutter/User/1", "actor_gid": "gid://gemcutter/User/2"}	2026-03-02 08:22:22.123478	7	5	3	rubygem:owner:removed	trace22	2026-03-02 08:22:22.123478
123	{"what": "?"}	2026-03-02 08:23:23.123479	7	5	3	rubygem:new:kind	trace23	2026-03-02 08:23:23.123479
\.


--
-- Data for Name: events_user_events; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.events_user_events (id, additional, created_at, geoip_info_id, ip_address_id, tag, trace_id, updated_at, user_id) FROM stdin;
101	{"email": "ana@example.org", "user_agent_info": {"installer": "Browser", "device": "Mac", "os": "macOS", "user_agent": "Firefox"}}	2026-03-02 08:01:01.123457	7	5	user:created	trace1	2026-03-02 08:01:01.123457	1
102	{"two_factor_method": "WebAuthn", "two_factor_label": "yubikey", "authentication_method": "password", "user_agent_info": {"installer": "Browser", "device": "Mac", "os": "macOS", "user_agent": "Firefox"}}	2026-03-02 08:02:02.123458	7	5	user:login:success	trace2	2026-03-02 08:02:02.123458	1
103	{"user_agent_info": {"installer": "Browser", "device": "Mac", "os": "macOS", "user_agent": "Firefox"}}	2026-03-02 08:03:03.123459	7	5	user:login:success	trace3	2026-03-02 08:03:03.123459	1
104	{"to": "ana@example.org", "from": "no-reply@mailer.rubygems.org", "subject": "Please confirm your email address with RubyGems.org", "message_id": "67c4.1@app.rubygems.org", "mailer": "mailer", "action": "email_confirmation"}	2026-03-02 08:04:04.123460	\N	\N	user:email:sent	trace4	2026-03-02 08:04:04.123460	1
105	{"email": "ana2@example.org", "user_agent_info": {"installer": "Browser", "device": "Mac", "os": "macOS", "user_agent": "Firefox"}}	2026-03-02 08:05:05.123461	7	5	user:email:added	trace5	2026-03-02 08:05:05.123461	1
106	{"email": "ana2@example.org"}	2026-03-02 08:06:06.123462	7	5	user:email:verified	trace6	2026-03-02 08:06:06.123462	1
107	{"name": "ci \\"key\\" <b>", "scopes": ["push_rubygem", "yank_rubygem"], "gem": "spam", "mfa": true, "api_key_gid": "gid://gemcutter/ApiKey/11", "user_agent_info": {"installer": "RubyGems", "implementation": "Ruby", "system": "linux"}}	2026-03-02 08:07:07.123463	7	5	user:api_key:created	trace7	2026-03-02 08:07:07.123463	1
108	{"name": "old", "api_key_gid": "gid://gemcutter/ApiKey/10"}	2026-03-02 08:08:08.123464	7	5	user:api_key:deleted	trace8	2026-03-02 08:08:08.123464	1
109	{"name": "leak", "api_key_gid": "gid://gemcutter/ApiKey/9"}	2026-03-02 08:09:09.123465	7	\N	user:api_key:cache_exposure_revoked	trace9	2026-03-02 08:09:09.123465	1
110	{}	2026-03-02 08:10:10.123466	7	5	user:password:changed	trace10	2026-03-02 08:10:10.123466	1
111	{"mfa_enabled": false, "action_taken": "email_reset_required"}	2026-03-02 08:11:11.123467	7	5	user:password:compromised	trace11	2026-03-02 08:11:11.123467	1
112	\N	2026-03-02 08:12:12.123468	7	5	user:policies:acknowledged	trace12	2026-03-02 08:12:12.123468	1
113	{"x": 1}	2026-03-02 08:13:13.123469	7	5	user:never:seen	trace13	2026-03-02 08:13:13.123469	1
\.


--
-- Data for Name: gem_downloads; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.gem_downloads (id, count, rubygem_id, version_id) FROM stdin;
152	12	3	20
\.


--
-- Data for Name: geoip_infos; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.geoip_infos (id, city, continent_code, country_code, country_code3, country_name, created_at, region, updated_at) FROM stdin;
7	Lisbon	EU	PT	PRT	Portugal	2026-03-02 08:57:57.123513	LIS	2026-03-02 08:58:58.123514
\.


--
-- Data for Name: ip_addresses; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.ip_addresses (id, created_at, geoip_info_id, hashed_ip_address, ip_address, updated_at) FROM stdin;
5	2026-03-02 08:55:55.123511	7	5f4d	203.0.113.7	2026-03-02 08:56:56.123512
\.


--
-- Data for Name: linksets; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.linksets (id, bugs, code, created_at, docs, home, mail, rubygem_id, updated_at, wiki) FROM stdin;
151	\N	\N	2026-03-02 09:30:30.123546	\N	https://example.org	\N	3	2026-03-02 09:31:31.123547	\N
\.


--
-- Data for Name: memberships; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.memberships (id, confirmed_at, created_at, invitation_expires_at, invited_by_id, organization_id, role, updated_at, user_id) FROM stdin;
51	\N	2026-03-02 09:01:01.123517	2026-03-09 00:00:00	1	41	50	2026-03-02 09:02:02.123518	2
\.


--
-- Data for Name: oidc_api_key_roles; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.oidc_api_key_roles (id, access_policy, api_key_permissions, created_at, deleted_at, name, oidc_provider_id, token, updated_at, user_id) FROM stdin;
35	{"statements": []}	{"scopes": ["push_rubygem"]}	2026-03-02 09:21:21.123537	\N	release	34	SECRET-role	2026-03-02 09:22:22.123538	1
\.


--
-- Data for Name: oidc_id_tokens; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.oidc_id_tokens (id, api_key_id, created_at, jwt, oidc_api_key_role_id, updated_at) FROM stdin;
36	11	2026-03-02 09:23:23.123539	{"raw": "SECRET-jwt"}	35	2026-03-02 09:24:24.123540
\.


--
-- Data for Name: oidc_pending_trusted_publishers; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.oidc_pending_trusted_publishers (id, created_at, expires_at, rubygem_name, trusted_publisher_id, trusted_publisher_type, updated_at, user_id) FROM stdin;
33	2026-03-02 09:17:17.123533	2026-03-03 00:00:00	egg	31	OIDC::TrustedPublisher::GitHubAction	2026-03-02 09:18:18.123534	1
\.


--
-- Data for Name: oidc_providers; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.oidc_providers (id, configuration, configuration_updated_at, created_at, issuer, jwks, updated_at) FROM stdin;
34	{}	\N	2026-03-02 09:19:19.123535	https://token.actions.githubusercontent.com	{}	2026-03-02 09:20:20.123536
\.


--
-- Data for Name: oidc_rubygem_trusted_publishers; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.oidc_rubygem_trusted_publishers (id, created_at, rubygem_id, trusted_publisher_id, trusted_publisher_type, updated_at) FROM stdin;
32	2026-03-02 09:15:15.123531	3	31	OIDC::TrustedPublisher::GitHubAction	2026-03-02 09:16:16.123532
\.


--
-- Data for Name: oidc_trusted_publisher_github_actions; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.oidc_trusted_publisher_github_actions (id, created_at, environment, repository_name, repository_owner, repository_owner_id, updated_at, workflow_filename, workflow_repository_name, workflow_repository_owner) FROM stdin;
31	2026-03-02 09:13:13.123529	\N	spam	ana	77	2026-03-02 09:14:14.123530	push.yml	\N	\N
\.


--
-- Data for Name: organization_invites; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.organization_invites (id, created_at, invitable_id, invitable_type, role, updated_at, user_id) FROM stdin;
52	2026-03-02 09:03:03.123519	53	OrganizationOnboarding	maintainer	2026-03-02 09:04:04.123520	2
\.


--
-- Data for Name: organization_onboarding_invites; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.organization_onboarding_invites (id, created_at, organization_onboarding_id, role, updated_at, user_id) FROM stdin;
54	2026-03-02 09:08:08.123524	53	maintainer	2026-03-02 09:09:09.123525	2
\.


--
-- Data for Name: organization_onboardings; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.organization_onboardings (id, created_at, created_by_id, error, onboarded_at, onboarded_organization_id, organization_handle, organization_name, rubygems, status, updated_at) FROM stdin;
53	2026-03-02 09:06:06.123522	1	\N	2026-03-02 09:05:05.123521	41	spam-org	Spam	{3}	completed	2026-03-02 09:07:07.123523
\.


--
-- Data for Name: organizations; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.organizations (id, created_at, deleted_at, handle, name, updated_at) FROM stdin;
41	2026-03-02 08:59:59.123515	\N	spam-org	Spam	2026-03-02 09:00:00.123516
\.


--
-- Data for Name: ownership_calls; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.ownership_calls (id, created_at, note, rubygem_id, status, updated_at, user_id) FROM stdin;
81	2026-03-02 08:27:27.123483	who wants it?\nline two	3	t	2026-03-02 08:28:28.123484	1
\.


--
-- Data for Name: ownership_requests; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.ownership_requests (id, approver_id, created_at, note, ownership_call_id, rubygem_id, status, updated_at, user_id) FROM stdin;
91	1	2026-03-02 08:29:29.123485	I do	81	3	1	2026-03-02 08:30:30.123486	2
\.


--
-- Data for Name: ownerships; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.ownerships (id, authorizer_id, confirmed_at, created_at, owner_notifier, ownership_request_notifier, push_notifier, role, rubygem_id, token, token_expires_at, updated_at, user_id) FROM stdin;
71	1	2024-01-05 08:25:00	2024-01-05 08:25:00	t	t	t	70	3	\N	\N	2024-01-05 08:25:00	1
72	1	\N	2026-03-02 08:19:00	f	t	t	70	3	SECRET-ownership	2026-03-04 08:19:00	2026-03-02 08:19:00	2
\.


--
-- Data for Name: rubygem_transfers; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.rubygem_transfers (id, completed_at, created_at, created_by_id, error, organization_id, rubygems, status, updated_at) FROM stdin;
55	2026-03-02 09:10:10.123526	2026-03-02 09:11:11.123527	1	\N	41	{3}	completed	2026-03-02 09:12:12.123528
\.


--
-- Data for Name: rubygems; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.rubygems (id, created_at, indexed, name, organization_id, updated_at) FROM stdin;
3	2024-01-05 08:26:26.123482	t	spam	41	2024-01-05 08:26:26.123482
4	2012-05-01 10:11:12	f	Spam_Egg	\N	2012-05-01 10:11:12
\.


--
-- Data for Name: sendgrid_events; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.sendgrid_events (id, created_at, email, event_type, occurred_at, payload, sendgrid_id, status, updated_at) FROM stdin;
121	2026-03-02 08:44:44.123500	ana@example.org	delivered	2026-03-02 08:43:43	{"event": "delivered", "smtp-id": "<67c4.1@app.rubygems.org>", "response": "250 OK", "ip": "192.0.2.9"}	sg-0	processed	2026-03-02 08:45:45.123501
122	2026-03-02 08:47:47.123503	ana@example.org	dropped	2026-03-02 08:46:46	{"event": "dropped", "reason": "Bounced Address"}	sg-1	processed	2026-03-02 08:48:48.123504
123	2026-03-02 08:50:50.123506	ana@example.org	bounce	2026-03-02 08:49:49	{"event": "bounce", "reason": "550 no such user"}	sg-2	processed	2026-03-02 08:51:51.123507
124	2026-03-02 08:53:53.123509	ana@example.org	open	2026-03-02 08:52:52	{"event": "open"}	sg-3	processed	2026-03-02 08:54:54.123510
\.


--
-- Data for Name: users; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.users (id, api_key, blocked_email, confirmation_token, created_at, deleted_at, email, email_confirmed, email_reset, encrypted_password, full_name, handle, hide_email, mail_fails, mfa_hashed_recovery_codes, mfa_level, password_reset_token_digest, password_reset_token_expires_at, policies_acknowledged_at, public_email, remember_token, remember_token_expires_at, salt, token, token_expires_at, totp_seed, twitter_username, unconfirmed_email, updated_at, webauthn_id) FROM stdin;
1	SECRET-api-key	\N	SECRET-confirmation	2024-01-05 08:01:01.123457	\N	ana@example.org	t	\N	SECRET-$2a$12$abc	Ana A.	ana	t	0	{SECRET-code-1,SECRET-code-2}	3	SECRET-digest	\N	\N	f	SECRET-remember	\N	SECRET-salt	SECRET-token	\N	SECRET-SEED	\N	\N	2026-03-02 09:00:00	SECRET-handle
2	\N	bo@example.net	\N	2025-01-05 08:01:01	\N	security+locked-0a1b-bo@rubygems.org	t	\N	\N	\N	bo	\N	1	{}	0	\N	\N	\N	f	\N	\N	\N	\N	\N	\N	\N	bo2@example.net	2026-03-02 09:00:00	\N
9	\N	\N	\N	2020-01-05 08:01:01	2026-02-01 00:00:00.75	deleted+9@rubygems.org	f	\N	\N	\N	\N	\N	\N	\N	0	\N	\N	\N	f	\N	\N	\N	\N	\N	\N	\N	\N	2026-02-01 00:00:00.75	\N
\.


--
-- Data for Name: versions; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.versions (id, authors, built_at, canonical_number, cert_chain, created_at, description, full_name, gem_full_name, gem_platform, indexed, info_checksum_v2, latest, licenses, metadata, number, platform, "position", prerelease, pusher_api_key_id, pusher_id, required_ruby_version, required_rubygems_version, requirements, ruby_abi, rubygem_id, sha256, size, spec_sha256, summary, updated_at, yanked_at, yanked_info_checksum_v2) FROM stdin;
20	Ana	2024-01-05 00:00:00	0.9.0	\N	2024-01-05 09:00:00.5	a gem	spam-0.9.0	spam-0.9.0	ruby	t	\N	f	MIT	"changelog_uri"=>"https://example.org/c"	0.9.0	ruby	0	f	10	1	\N	\N		\N	3	q80=	5120	\N	s	2024-01-05 09:00:00.5	\N	\N
21	Ana	\N	1	\N	2026-03-02 08:14:13.9	a gem	spam-1.0.0	\N	ruby	f	\N	f	MIT	"changelog_uri"=>"https://example.org/c"	1.0.0	ruby	0	f	11	1	\N	\N		\N	3	q81=	5121	\N	s	2026-03-02 09:00:00	2026-03-02 08:16:00	\N
22	Ana	\N	1.1	\N	2026-03-02 08:15:13.9	a gem	spam-1.1.0-java	\N	ruby	t	\N	f	MIT	"changelog_uri"=>"https://example.org/c"	1.1.0	java	0	f	12	\N	\N	\N		\N	3	q82=	5122	\N	s	2026-03-02 09:00:00	\N	\N
23	Ana	\N	\N	\N	\N	a gem	Spam_Egg-0.0.1	\N	ruby	f	\N	f	MIT	"changelog_uri"=>"https://example.org/c"	0.0.1	ruby	0	f	\N	\N	\N	\N		\N	4	\N	\N	\N	s	\N	\N	\N
24	Ana	\N	\N	\N	yesterday	a gem	Spam_Egg-0.0.2	\N	ruby	f	\N	f	MIT	"changelog_uri"=>"https://example.org/c"	0.0.2	ruby	0	f	\N	\N	\N	\N		\N	4	\N	\N	\N	s	\N	\N	\N
\.


--
-- Data for Name: web_hooks; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.web_hooks (id, created_at, disabled_at, disabled_reason, failure_count, failures_since_last_success, last_failure, last_success, rubygem_id, successes_since_last_failure, updated_at, url, user_id) FROM stdin;
154	2026-03-02 09:34:34.123550	\N	\N	0	\N	\N	\N	3	\N	2026-03-02 09:35:35.123551	https://hook:SECRET-pw@example.org/	1
\.


--
-- Data for Name: webauthn_credentials; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.webauthn_credentials (id, created_at, external_id, nickname, public_key, sign_count, updated_at, user_id) FROM stdin;
101	2026-03-02 08:31:31.123487	SECRET-external	yubikey	SECRET-public	4	2026-03-02 08:32:32.123488	1
\.


--
-- Data for Name: webauthn_verifications; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.webauthn_verifications (id, created_at, otp, otp_expires_at, path_token, path_token_expires_at, updated_at, user_id) FROM stdin;
102	2026-03-02 08:33:33.123489	SECRET-otp	\N	SECRET-path	\N	2026-03-02 08:34:34.123490	1
\.


--
-- PostgreSQL database dump complete
--
