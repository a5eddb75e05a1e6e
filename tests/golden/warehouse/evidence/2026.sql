--
-- PostgreSQL database dump
--

CREATE TABLE public.account_associations (
);
CREATE TABLE public.file_events (
);
CREATE TABLE public.journals (
);

COPY public.journals (id, name, version, action, submitted_date, submitted_by) FROM stdin;
9001	Dune.kit	\N	project quarantined	2026-08-20 08:00:01.5	adm
9002	Dune.kit	\N	project quarantine cleared	2026-08-20 08:00:02.5	adm
9003	Dune.kit	2.0	release quarantined	2026-08-20 08:00:03.5	adm
9004	Dune.kit	2.0	release quarantine cleared	2026-08-20 08:00:04.5	adm
9005	Dune.kit	\N	add Owner Red Team	2026-08-20 08:00:05.5	cyd
9006	Dune.kit	\N	add Owner red	2026-08-20 08:00:06.5	cyd
9007	Dune.kit	\N	remove Maintainer Go to Market	2026-08-20 08:00:07.5	cyd
9008	Dune.kit	\N	change Owner Red Team to Maintainer	2026-08-20 08:00:08.5	cyd
9009	Dune.kit	\N	change Maintainer Go to Market to Owner	2026-08-20 08:00:09.5	cyd
9010	Dune.kit	\N	change Maintainer Red go to it to Owner	2026-08-20 08:00:10.5	cyd
9011	Dune.kit	\N	change Owner dia to Maintainer	2026-08-20 08:00:11.5	cyd
9012	Dune.kit	2.0	new release	2026-08-20 08:00:12.5	\N
9013	Dune.kit	2.0	add py3 file dune_kit-2.0-py3-none-any.whl	2026-08-20 08:00:13.5	\N
9014	Dune.kit	\N	release unheard of	2026-08-20 08:00:14.5	cyd
\.

COPY public.user_events (id, source_id, tag, "time", additional, ip_address_id) FROM stdin;
00000000-0000-4000-8000-000002026000	00000000-0000-4000-8000-000000000101	account:login:new_device	2026-08-20 08:00:15.5	{"two_factor_method": "totp", "user_agent_info": {"installer": "Browser", "user_agent": "UA/2"}, "geoip_info": {"country_code": "fr"}}	00000000-0000-4000-8000-000000000120
00000000-0000-4000-8000-000002026001	00000000-0000-4000-8000-000000000101	account:email:reverify	2026-08-20 08:00:16.5	{"email": "cyd@x.example", "user_agent_info": {"installer": "Browser", "user_agent": "UA/2"}, "geoip_info": {"country_code": "fr"}}	00000000-0000-4000-8000-000000000120
00000000-0000-4000-8000-000002026002	00000000-0000-4000-8000-000000000101	account:two_factor:device_remembered	2026-08-20 08:00:17.5	{"two_factor_method": "webauthn", "user_agent_info": {"installer": "Browser", "user_agent": "UA/2"}, "geoip_info": {"country_code": "fr"}}	00000000-0000-4000-8000-000000000120
00000000-0000-4000-8000-000002026003	00000000-0000-4000-8000-000000000101	account:association:add	2026-08-20 08:00:18.5	{"service": "github", "external_username": "cyd-gh", "user_agent_info": {"installer": "Browser", "user_agent": "UA/2"}, "geoip_info": {"country_code": "fr"}}	00000000-0000-4000-8000-000000000120
00000000-0000-4000-8000-000002026004	00000000-0000-4000-8000-000000000101	account:association:remove	2026-08-20 08:00:19.5	{"service": "github", "external_username": "cyd-gh", "user_agent_info": {"installer": "Browser", "user_agent": "UA/2"}, "geoip_info": {"country_code": "fr"}}	00000000-0000-4000-8000-000000000120
00000000-0000-4000-8000-000002026005	00000000-0000-4000-8000-000000000101	account:email:sent	2026-08-20 08:00:20.5	{"from_": "noreply@pypi.example", "to": "cyd@x.example", "subject": "Hi", "redact_ip": true}	00000000-0000-4000-8000-000000000121
00000000-0000-4000-8000-000002026006	00000000-0000-4000-8000-000000000101	account:api_token:added	2026-08-20 08:00:21.5	{"description": "upload", "caveats": [{"permissions": "user"}], "user_agent_info": {"installer": "Browser", "user_agent": "UA/2"}, "geoip_info": {"country_code": "fr"}}	00000000-0000-4000-8000-000000000120
00000000-0000-4000-8000-000002026007	00000000-0000-4000-8000-000000000101	account:api_token:removed	2026-08-20 08:00:22.5	{"macaroon_id": "00000000-0000-4000-8000-000000000171", "user_agent_info": {"installer": "Browser", "user_agent": "UA/2"}, "geoip_info": {"country_code": "fr"}}	00000000-0000-4000-8000-000000000120
00000000-0000-4000-8000-000002026008	00000000-0000-4000-8000-000000000101	account:api_token:removed	2026-08-20 08:00:23.5	{"macaroon_id": "00000000-0000-4000-8000-000000000171", "description": "upload", "removed_by": "adm", "user_agent_info": {"installer": "Browser", "user_agent": "UA/2"}, "geoip_info": {"country_code": "fr"}}	00000000-0000-4000-8000-000000000120
00000000-0000-4000-8000-000002026009	00000000-0000-4000-8000-000000000101	account:api_token:removed_leak	2026-08-20 08:00:24.5	{"macaroon_id": "00000000-0000-4000-8000-000000000171", "description": "upload", "public_url": "https://paste.example/1", "permissions": "user", "caveats": [], "origin": "github", "user_agent_info": {"installer": "Browser", "user_agent": "UA/2"}, "geoip_info": {"country_code": "fr"}}	00000000-0000-4000-8000-000000000120
00000000-0000-4000-8000-000002026010	00000000-0000-4000-8000-000000000101	account:oidc:pending-publisher-added	2026-08-20 08:00:25.5	{"project": "dune-next", "publisher": "GitHub", "id": "00000000-0000-4000-8000-000000000170", "specifier": "publish.yml", "url": "https://github.example/cyd/dune", "submitted_by": "cyd", "user_agent_info": {"installer": "Browser", "user_agent": "UA/2"}, "geoip_info": {"country_code": "fr"}}	00000000-0000-4000-8000-000000000120
00000000-0000-4000-8000-000002026011	00000000-0000-4000-8000-000000000101	account:oidc:pending-publisher-removed	2026-08-20 08:00:26.5	{"project": "dune-next", "publisher": "GitHub", "id": "00000000-0000-4000-8000-000000000170", "specifier": "publish.yml", "url": "https://github.example/cyd/dune", "submitted_by": "cyd", "user_agent_info": {"installer": "Browser", "user_agent": "UA/2"}, "geoip_info": {"country_code": "fr"}}	00000000-0000-4000-8000-000000000120
00000000-0000-4000-8000-000002026012	00000000-0000-4000-8000-000000000101	account:organization_role:invite	2026-08-20 08:00:27.5	{"submitted_by_user_id": "00000000-0000-4000-8000-000000000102", "organization_name": "acme-labs", "role_name": "Manager", "user_agent_info": {"installer": "Browser", "user_agent": "UA/2"}, "geoip_info": {"country_code": "fr"}}	00000000-0000-4000-8000-000000000120
00000000-0000-4000-8000-000002026013	00000000-0000-4000-8000-000000000101	account:organization_role:add	2026-08-20 08:00:28.5	{"submitted_by_user_id": "00000000-0000-4000-8000-000000000102", "organization_name": "acme-labs", "role_name": "Manager", "user_agent_info": {"installer": "Browser", "user_agent": "UA/2"}, "geoip_info": {"country_code": "fr"}}	00000000-0000-4000-8000-000000000120
00000000-0000-4000-8000-000002026014	00000000-0000-4000-8000-000000000101	account:organization_role:change	2026-08-20 08:00:29.5	{"submitted_by_user_id": "00000000-0000-4000-8000-000000000102", "organization_name": "acme-labs", "role_name": "Manager", "user_agent_info": {"installer": "Browser", "user_agent": "UA/2"}, "geoip_info": {"country_code": "fr"}}	00000000-0000-4000-8000-000000000120
00000000-0000-4000-8000-000002026015	00000000-0000-4000-8000-000000000101	account:organization_role:remove	2026-08-20 08:00:30.5	{"submitted_by_user_id": "00000000-0000-4000-8000-000000000102", "organization_name": "acme-labs", "role_name": "Manager", "user_agent_info": {"installer": "Browser", "user_agent": "UA/2"}, "geoip_info": {"country_code": "fr"}}	00000000-0000-4000-8000-000000000120
00000000-0000-4000-8000-000002026016	00000000-0000-4000-8000-000000000101	account:organization_role:revoke_invite	2026-08-20 08:00:31.5	{"submitted_by_user_id": "00000000-0000-4000-8000-000000000102", "organization_name": "acme-labs", "role_name": "Manager", "user_agent_info": {"installer": "Browser", "user_agent": "UA/2"}, "geoip_info": {"country_code": "fr"}}	00000000-0000-4000-8000-000000000120
00000000-0000-4000-8000-000002026017	00000000-0000-4000-8000-000000000101	account:organization_role:decline_invite	2026-08-20 08:00:32.5	{"submitted_by_user_id": "00000000-0000-4000-8000-000000000102", "organization_name": "acme-labs", "role_name": "Manager", "user_agent_info": {"installer": "Browser", "user_agent": "UA/2"}, "geoip_info": {"country_code": "fr"}}	00000000-0000-4000-8000-000000000120
00000000-0000-4000-8000-000002026018	00000000-0000-4000-8000-000000000101	account:organization_role:expire_invite	2026-08-20 08:00:33.5	{"organization_name": "acme-labs"}	00000000-0000-4000-8000-000000000121
00000000-0000-4000-8000-000002026019	00000000-0000-4000-8000-000000000101	account:team_role:add	2026-08-20 08:00:34.5	{"submitted_by_user_id": "00000000-0000-4000-8000-000000000102", "organization_name": "acme-labs", "role_name": "Member", "team_name": "Red Team", "user_agent_info": {"installer": "Browser", "user_agent": "UA/2"}, "geoip_info": {"country_code": "fr"}}	00000000-0000-4000-8000-000000000120
00000000-0000-4000-8000-000002026020	00000000-0000-4000-8000-000000000101	account:team_role:remove	2026-08-20 08:00:35.5	{"submitted_by_user_id": "00000000-0000-4000-8000-000000000102", "organization_name": "acme-labs", "role_name": "Member", "team_name": "Red Team", "user_agent_info": {"installer": "Browser", "user_agent": "UA/2"}, "geoip_info": {"country_code": "fr"}}	00000000-0000-4000-8000-000000000120
00000000-0000-4000-8000-000002026021	00000000-0000-4000-8000-000000000101	account:role:accepted	2026-08-20 08:00:36.5	{"submitted_by": "cyd", "project_name": "Dune.kit", "role_name": "Owner", "user_agent_info": {"installer": "Browser", "user_agent": "UA/2"}, "geoip_info": {"country_code": "fr"}}	00000000-0000-4000-8000-000000000120
00000000-0000-4000-8000-000002026022	00000000-0000-4000-8000-000000000101	account:alternate_repository:add	2026-08-20 08:00:37.5	{"user_agent_info": {"installer": "Browser", "user_agent": "UA/2"}, "geoip_info": {"country_code": "fr"}}	00000000-0000-4000-8000-000000000120
\.

COPY public.project_events (id, source_id, tag, "time", additional, ip_address_id) FROM stdin;
00000000-0000-4000-8000-000002026023	00000000-0000-4000-8000-000000000110	project:quarantine:enter	2026-08-20 08:00:38.5	{"submitted_by": "adm", "user_agent_info": {"installer": "Browser", "user_agent": "UA/2"}, "geoip_info": {"country_code": "fr"}}	00000000-0000-4000-8000-000000000120
00000000-0000-4000-8000-000002026024	00000000-0000-4000-8000-000000000110	project:quarantine:exit	2026-08-20 08:00:39.5	{"submitted_by": "adm", "user_agent_info": {"installer": "Browser", "user_agent": "UA/2"}, "geoip_info": {"country_code": "fr"}}	00000000-0000-4000-8000-000000000120
00000000-0000-4000-8000-000002026025	00000000-0000-4000-8000-000000000110	project:release:quarantine:enter	2026-08-20 08:00:40.5	{"submitted_by": "adm", "canonical_version": "2", "version": "2.0", "user_agent_info": {"installer": "Browser", "user_agent": "UA/2"}, "geoip_info": {"country_code": "fr"}}	00000000-0000-4000-8000-000000000120
00000000-0000-4000-8000-000002026026	00000000-0000-4000-8000-000000000110	project:release:quarantine:exit	2026-08-20 08:00:41.5	{"submitted_by": "adm", "canonical_version": "2", "version": "2.0", "user_agent_info": {"installer": "Browser", "user_agent": "UA/2"}, "geoip_info": {"country_code": "fr"}}	00000000-0000-4000-8000-000000000120
00000000-0000-4000-8000-000002026027	00000000-0000-4000-8000-000000000110	project:archive:enter	2026-08-20 08:00:42.5	{"submitted_by": "cyd", "user_agent_info": {"installer": "Browser", "user_agent": "UA/2"}, "geoip_info": {"country_code": "fr"}}	00000000-0000-4000-8000-000000000120
00000000-0000-4000-8000-000002026028	00000000-0000-4000-8000-000000000110	project:archive:exit	2026-08-20 08:00:43.5	{"submitted_by": "cyd", "user_agent_info": {"installer": "Browser", "user_agent": "UA/2"}, "geoip_info": {"country_code": "fr"}}	00000000-0000-4000-8000-000000000120
00000000-0000-4000-8000-000002026029	00000000-0000-4000-8000-000000000110	admin:project:set_upload_limit	2026-08-20 08:00:44.5	{"old_upload_limit": null, "new_upload_limit": 209715200, "actor": "adm", "user_agent_info": {"installer": "Browser", "user_agent": "UA/2"}, "geoip_info": {"country_code": "fr"}}	00000000-0000-4000-8000-000000000120
00000000-0000-4000-8000-000002026030	00000000-0000-4000-8000-000000000110	admin:project:set_total_size_limit	2026-08-20 08:00:45.5	{"old_total_size_limit": null, "new_total_size_limit": 10737418240, "actor": "adm", "user_agent_info": {"installer": "Browser", "user_agent": "UA/2"}, "geoip_info": {"country_code": "fr"}}	00000000-0000-4000-8000-000000000120
00000000-0000-4000-8000-000002026031	00000000-0000-4000-8000-000000000110	admin:project:something_new	2026-08-20 08:00:46.5	{"actor": "adm", "user_agent_info": {"installer": "Browser", "user_agent": "UA/2"}, "geoip_info": {"country_code": "fr"}}	00000000-0000-4000-8000-000000000120
00000000-0000-4000-8000-000002026032	00000000-0000-4000-8000-000000000110	project:owners_require_2fa:enabled	2026-08-20 08:00:47.5	{"modified_by": "cyd", "user_agent_info": {"installer": "Browser", "user_agent": "UA/2"}, "geoip_info": {"country_code": "fr"}}	00000000-0000-4000-8000-000000000120
00000000-0000-4000-8000-000002026033	00000000-0000-4000-8000-000000000110	project:owners_require_2fa:disabled	2026-08-20 08:00:48.5	{"modified_by": "cyd", "user_agent_info": {"installer": "Browser", "user_agent": "UA/2"}, "geoip_info": {"country_code": "fr"}}	00000000-0000-4000-8000-000000000120
00000000-0000-4000-8000-000002026034	00000000-0000-4000-8000-000000000110	project:team_project_role:add	2026-08-20 08:00:49.5	{"submitted_by_user_id": "00000000-0000-4000-8000-000000000101", "role_name": "Owner", "target_team": "Red Team", "user_agent_info": {"installer": "Browser", "user_agent": "UA/2"}, "geoip_info": {"country_code": "fr"}}	00000000-0000-4000-8000-000000000120
00000000-0000-4000-8000-000002026035	00000000-0000-4000-8000-000000000110	project:team_project_role:change	2026-08-20 08:00:50.5	{"submitted_by_user_id": "00000000-0000-4000-8000-000000000101", "role_name": "Owner", "target_team": "Red Team", "user_agent_info": {"installer": "Browser", "user_agent": "UA/2"}, "geoip_info": {"country_code": "fr"}}	00000000-0000-4000-8000-000000000120
00000000-0000-4000-8000-000002026036	00000000-0000-4000-8000-000000000110	project:team_project_role:remove	2026-08-20 08:00:51.5	{"submitted_by_user_id": "00000000-0000-4000-8000-000000000101", "role_name": "Owner", "target_team": "Red Team", "user_agent_info": {"installer": "Browser", "user_agent": "UA/2"}, "geoip_info": {"country_code": "fr"}}	00000000-0000-4000-8000-000000000120
00000000-0000-4000-8000-000002026037	00000000-0000-4000-8000-000000000110	project:organization_project:add	2026-08-20 08:00:52.5	{"submitted_by_user_id": "00000000-0000-4000-8000-000000000101", "organization_name": "acme-labs", "user_agent_info": {"installer": "Browser", "user_agent": "UA/2"}, "geoip_info": {"country_code": "fr"}}	00000000-0000-4000-8000-000000000120
00000000-0000-4000-8000-000002026038	00000000-0000-4000-8000-000000000110	project:organization_project:remove	2026-08-20 08:00:53.5	{"submitted_by_user_id": "00000000-0000-4000-8000-000000000101", "organization_name": "acme-labs", "user_agent_info": {"installer": "Browser", "user_agent": "UA/2"}, "geoip_info": {"country_code": "fr"}}	00000000-0000-4000-8000-000000000120
00000000-0000-4000-8000-000002026039	00000000-0000-4000-8000-000000000110	project:role:accepted	2026-08-20 08:00:54.5	{"submitted_by": "dia", "role_name": "Owner", "target_user": "dia", "user_agent_info": {"installer": "Browser", "user_agent": "UA/2"}, "geoip_info": {"country_code": "fr"}}	00000000-0000-4000-8000-000000000120
00000000-0000-4000-8000-000002026040	00000000-0000-4000-8000-000000000110	project:role:delete	2026-08-20 08:00:55.5	{"submitted_by": "cyd", "role_name": "Owner", "target_user": "dia", "user_agent_info": {"installer": "Browser", "user_agent": "UA/2"}, "geoip_info": {"country_code": "fr"}}	00000000-0000-4000-8000-000000000120
00000000-0000-4000-8000-000002026041	00000000-0000-4000-8000-000000000110	project:release:add	2026-08-20 08:00:56.5	{"submitted_by": "OpenID created token", "canonical_version": "2", "publisher_url": "https://github.example/cyd/dune", "uploaded_via_trusted_publisher": true, "user_agent_info": {"installer": "Browser", "user_agent": "UA/2"}, "geoip_info": {"country_code": "fr"}}	00000000-0000-4000-8000-000000000120
00000000-0000-4000-8000-000002026042	00000000-0000-4000-8000-000000000110	project:release:remove	2026-08-20 08:00:57.5	{"submitted_by": "cyd", "canonical_version": "2", "reason": "broken", "user_agent_info": {"installer": "Browser", "user_agent": "UA/2"}, "geoip_info": {"country_code": "fr"}}	00000000-0000-4000-8000-000000000120
00000000-0000-4000-8000-000002026043	00000000-0000-4000-8000-000000000110	project:release:file:add	2026-08-20 08:00:58.5	{"filename": "dune_kit-1.0.tar.gz", "canonical_version": "1", "submitted_by": "cyd", "project_id": "00000000-0000-4000-8000-000000000110", "user_agent_info": {"installer": "Browser", "user_agent": "UA/2"}, "geoip_info": {"country_code": "fr"}}	00000000-0000-4000-8000-000000000120
00000000-0000-4000-8000-000002026044	00000000-0000-4000-8000-000000000110	project:release:file:remove	2026-08-20 08:00:59.5	{"filename": "dune_kit-1.0.tar.gz", "canonical_version": "1", "submitted_by": "cyd", "project_id": "00000000-0000-4000-8000-000000000110", "user_agent_info": {"installer": "Browser", "user_agent": "UA/2"}, "geoip_info": {"country_code": "fr"}}	00000000-0000-4000-8000-000000000120
00000000-0000-4000-8000-000002026045	00000000-0000-4000-8000-000000000110	account:short_lived_api_token:added	2026-08-20 08:01:00.5	{"expires": 1787212800, "publisher_name": "GitHub", "publisher_url": "https://github.example/cyd/dune", "reusable_workflow_used": false, "user_agent_info": {"installer": "Browser", "user_agent": "UA/2"}, "geoip_info": {"country_code": "fr"}}	00000000-0000-4000-8000-000000000120
\.

COPY public.file_events (id, tag, "time", additional, ip_address_id, source_id) FROM stdin;
00000000-0000-4000-8000-000002026046	file:add	2026-08-20 08:01:01.5	{"submitted_by": "OpenID created token", "canonical_version": "2", "publisher_url": "https://github.example/cyd/dune", "uploaded_via_trusted_publisher": true, "filename": "dune_kit-2.0-py3-none-any.whl", "project_id": "00000000-0000-4000-8000-000000000110", "user_agent_info": {"installer": "Browser", "user_agent": "UA/2"}, "geoip_info": {"country_code": "fr"}}	00000000-0000-4000-8000-000000000120	00000000-0000-4000-8000-000000000180
00000000-0000-4000-8000-000002026047	file:remove	2026-08-20 08:01:02.5	{"filename": "dune_kit-1.0.tar.gz", "canonical_version": "1", "submitted_by": "cyd", "project_id": "00000000-0000-4000-8000-000000000110", "reason": "broken", "user_agent_info": {"installer": "Browser", "user_agent": "UA/2"}, "geoip_info": {"country_code": "fr"}}	00000000-0000-4000-8000-000000000120	00000000-0000-4000-8000-000000000180
\.

COPY public.organization_events (id, source_id, tag, "time", additional, ip_address_id) FROM stdin;
00000000-0000-4000-8000-000002026048	00000000-0000-4000-8000-000000000140	organization:application_submit	2026-08-20 08:01:03.5	{"organization_name": "acme-labs", "submitted_by_user_id": "00000000-0000-4000-8000-000000000101", "user_agent_info": {"installer": "Browser", "user_agent": "UA/2"}, "geoip_info": {"country_code": "fr"}}	00000000-0000-4000-8000-000000000120
00000000-0000-4000-8000-000002026049	00000000-0000-4000-8000-000000000140	organization:catalog_entry:add	2026-08-20 08:01:04.5	{"organization_name": "acme-labs", "submitted_by_user_id": "00000000-0000-4000-8000-000000000101", "user_agent_info": {"installer": "Browser", "user_agent": "UA/2"}, "geoip_info": {"country_code": "fr"}}	00000000-0000-4000-8000-000000000120
00000000-0000-4000-8000-000002026050	00000000-0000-4000-8000-000000000140	organization:approve	2026-08-20 08:01:05.5	{"organization_name": "acme-labs", "approved_by_user_id": "00000000-0000-4000-8000-000000000103", "user_agent_info": {"installer": "Browser", "user_agent": "UA/2"}, "geoip_info": {"country_code": "fr"}}	00000000-0000-4000-8000-000000000120
00000000-0000-4000-8000-000002026051	00000000-0000-4000-8000-000000000140	organization:decline	2026-08-20 08:01:06.5	{"organization_name": "acme-labs", "declined_by_user_id": "00000000-0000-4000-8000-000000000103", "user_agent_info": {"installer": "Browser", "user_agent": "UA/2"}, "geoip_info": {"country_code": "fr"}}	00000000-0000-4000-8000-000000000120
00000000-0000-4000-8000-000002026052	00000000-0000-4000-8000-000000000140	organization:delete	2026-08-20 08:01:07.5	{"organization_name": "acme-labs", "deleted_by_user_id": "00000000-0000-4000-8000-000000000101", "user_agent_info": {"installer": "Browser", "user_agent": "UA/2"}, "geoip_info": {"country_code": "fr"}}	00000000-0000-4000-8000-000000000120
00000000-0000-4000-8000-000002026053	00000000-0000-4000-8000-000000000140	organization:delete	2026-08-20 08:01:08.5	{"organization_name": "acme-labs", "deleted_by": "CRON"}	00000000-0000-4000-8000-000000000121
00000000-0000-4000-8000-000002026054	00000000-0000-4000-8000-000000000140	organization:rename	2026-08-20 08:01:09.5	{"organization_name": "acme-labs", "previous_organization_name": "acme", "renamed_by_user_id": "00000000-0000-4000-8000-000000000101", "user_agent_info": {"installer": "Browser", "user_agent": "UA/2"}, "geoip_info": {"country_code": "fr"}}	00000000-0000-4000-8000-000000000120
00000000-0000-4000-8000-000002026055	00000000-0000-4000-8000-000000000140	organization:organization_role:revoke_invite	2026-08-20 08:01:10.5	{"submitted_by_user_id": "00000000-0000-4000-8000-000000000101", "organization_name": "acme-labs", "role_name": "Member", "target_user_id": "00000000-0000-4000-8000-000000000102", "user_agent_info": {"installer": "Browser", "user_agent": "UA/2"}, "geoip_info": {"country_code": "fr"}}	00000000-0000-4000-8000-000000000120
00000000-0000-4000-8000-000002026056	00000000-0000-4000-8000-000000000140	organization:organization_role:decline_invite	2026-08-20 08:01:11.5	{"submitted_by_user_id": "00000000-0000-4000-8000-000000000101", "organization_name": "acme-labs", "role_name": "Member", "target_user_id": "00000000-0000-4000-8000-000000000102", "user_agent_info": {"installer": "Browser", "user_agent": "UA/2"}, "geoip_info": {"country_code": "fr"}}	00000000-0000-4000-8000-000000000120
00000000-0000-4000-8000-000002026057	00000000-0000-4000-8000-000000000140	organization:organization_role:expire_invite	2026-08-20 08:01:12.5	{"organization_name": "acme-labs", "target_user_id": "00000000-0000-4000-8000-000000000102"}	00000000-0000-4000-8000-000000000121
00000000-0000-4000-8000-000002026058	00000000-0000-4000-8000-000000000140	organization:organization_project:add	2026-08-20 08:01:13.5	{"submitted_by_user_id": "00000000-0000-4000-8000-000000000101", "organization_name": "acme-labs", "project_name": "Dune.kit", "user_agent_info": {"installer": "Browser", "user_agent": "UA/2"}, "geoip_info": {"country_code": "fr"}}	00000000-0000-4000-8000-000000000120
00000000-0000-4000-8000-000002026059	00000000-0000-4000-8000-000000000140	organization:team:create	2026-08-20 08:01:14.5	{"organization_name": "acme-labs", "team_name": "Red Team", "created_by_user_id": "00000000-0000-4000-8000-000000000101", "user_agent_info": {"installer": "Browser", "user_agent": "UA/2"}, "geoip_info": {"country_code": "fr"}}	00000000-0000-4000-8000-000000000120
00000000-0000-4000-8000-000002026060	00000000-0000-4000-8000-000000000140	organization:team:delete	2026-08-20 08:01:15.5	{"organization_name": "acme-labs", "team_name": "Red Team", "deleted_by_user_id": "00000000-0000-4000-8000-000000000101", "user_agent_info": {"installer": "Browser", "user_agent": "UA/2"}, "geoip_info": {"country_code": "fr"}}	00000000-0000-4000-8000-000000000120
00000000-0000-4000-8000-000002026061	00000000-0000-4000-8000-000000000140	organization:team:rename	2026-08-20 08:01:16.5	{"organization_name": "acme-labs", "team_name": "Red Team", "previous_team_name": "Crew", "renamed_by_user_id": "00000000-0000-4000-8000-000000000101", "user_agent_info": {"installer": "Browser", "user_agent": "UA/2"}, "geoip_info": {"country_code": "fr"}}	00000000-0000-4000-8000-000000000120
00000000-0000-4000-8000-000002026062	00000000-0000-4000-8000-000000000140	organization:team_role:add	2026-08-20 08:01:17.5	{"submitted_by_user_id": "00000000-0000-4000-8000-000000000101", "organization_name": "acme-labs", "role_name": "Member", "target_user_id": "00000000-0000-4000-8000-000000000102", "team_name": "Red Team", "user_agent_info": {"installer": "Browser", "user_agent": "UA/2"}, "geoip_info": {"country_code": "fr"}}	00000000-0000-4000-8000-000000000120
00000000-0000-4000-8000-000002026063	00000000-0000-4000-8000-000000000140	organization:team_role:remove	2026-08-20 08:01:18.5	{"submitted_by_user_id": "00000000-0000-4000-8000-000000000101", "organization_name": "acme-labs", "role_name": "Member", "target_user_id": "00000000-0000-4000-8000-000000000102", "team_name": "Red Team", "user_agent_info": {"installer": "Browser", "user_agent": "UA/2"}, "geoip_info": {"country_code": "fr"}}	00000000-0000-4000-8000-000000000120
00000000-0000-4000-8000-000002026064	00000000-0000-4000-8000-000000000140	organization:team_project_role:add	2026-08-20 08:01:19.5	{"submitted_by_user_id": "00000000-0000-4000-8000-000000000101", "organization_name": "acme-labs", "project_name": "Dune.kit", "role_name": "Owner", "target_team": "Red Team", "user_agent_info": {"installer": "Browser", "user_agent": "UA/2"}, "geoip_info": {"country_code": "fr"}}	00000000-0000-4000-8000-000000000120
00000000-0000-4000-8000-000002026065	00000000-0000-4000-8000-000000000140	organization:team_project_role:change	2026-08-20 08:01:20.5	{"submitted_by_user_id": "00000000-0000-4000-8000-000000000101", "organization_name": "acme-labs", "project_name": "Dune.kit", "role_name": "Owner", "target_team": "Red Team", "user_agent_info": {"installer": "Browser", "user_agent": "UA/2"}, "geoip_info": {"country_code": "fr"}}	00000000-0000-4000-8000-000000000120
00000000-0000-4000-8000-000002026066	00000000-0000-4000-8000-000000000140	organization:team_project_role:remove	2026-08-20 08:01:21.5	{"submitted_by_user_id": "00000000-0000-4000-8000-000000000101", "organization_name": "acme-labs", "project_name": "Dune.kit", "role_name": "Owner", "target_team": "Red Team", "user_agent_info": {"installer": "Browser", "user_agent": "UA/2"}, "geoip_info": {"country_code": "fr"}}	00000000-0000-4000-8000-000000000120
00000000-0000-4000-8000-000002026067	00000000-0000-4000-8000-000000000140	organization:oidc:publisher-added	2026-08-20 08:01:22.5	{"organization_name": "acme-labs", "submitted_by_user_id": "00000000-0000-4000-8000-000000000101", "user_agent_info": {"installer": "Browser", "user_agent": "UA/2"}, "geoip_info": {"country_code": "fr"}}	00000000-0000-4000-8000-000000000120
00000000-0000-4000-8000-000002026068	00000000-0000-4000-8000-000000000140	organization:subscription:create	2026-08-20 08:01:23.5	{"organization_name": "acme-labs", "user_agent_info": {"installer": "Browser", "user_agent": "UA/2"}, "geoip_info": {"country_code": "fr"}}	00000000-0000-4000-8000-000000000120
00000000-0000-4000-8000-000002026069	00000000-0000-4000-8000-000000000140	admin:organization:set_upload_limit	2026-08-20 08:01:24.5	{"organization_name": "acme-labs", "actor": "adm", "user_agent_info": {"installer": "Browser", "user_agent": "UA/2"}, "geoip_info": {"country_code": "fr"}}	00000000-0000-4000-8000-000000000120
00000000-0000-4000-8000-000002026070	00000000-0000-4000-8000-000000000140	admin:organization:manual_activation:add	2026-08-20 08:01:25.5	{"organization_name": "acme-labs", "user_agent_info": {"installer": "Browser", "user_agent": "UA/2"}, "geoip_info": {"country_code": "fr"}}	00000000-0000-4000-8000-000000000120
00000000-0000-4000-8000-000002026071	00000000-0000-4000-8000-000000000140	admin:organization:role:add	2026-08-20 08:01:26.5	{"organization_name": "acme-labs", "action": "add Owner dia", "user_id": "00000000-0000-4000-8000-000000000102", "role_name": "Owner", "user_agent_info": {"installer": "Browser", "user_agent": "UA/2"}, "geoip_info": {"country_code": "fr"}}	00000000-0000-4000-8000-000000000120
\.

COPY public.team_events (id, tag, "time", additional, source_id, ip_address_id) FROM stdin;
00000000-0000-4000-8000-000002026072	team:rename	2026-08-20 08:01:27.5	{"organization_name": "acme-labs", "team_name": "Red Team", "previous_team_name": "Crew", "renamed_by_user_id": "00000000-0000-4000-8000-000000000101", "user_agent_info": {"installer": "Browser", "user_agent": "UA/2"}, "geoip_info": {"country_code": "fr"}}	00000000-0000-4000-8000-000000000150	00000000-0000-4000-8000-000000000120
00000000-0000-4000-8000-000002026073	team:team_project_role:add	2026-08-20 08:01:28.5	{"submitted_by_user_id": "00000000-0000-4000-8000-000000000101", "organization_name": "acme-labs", "project_name": "Dune.kit", "role_name": "Owner", "team_name": "Red Team", "user_agent_info": {"installer": "Browser", "user_agent": "UA/2"}, "geoip_info": {"country_code": "fr"}}	00000000-0000-4000-8000-000000000150	00000000-0000-4000-8000-000000000120
00000000-0000-4000-8000-000002026074	team:team_project_role:change	2026-08-20 08:01:29.5	{"submitted_by_user_id": "00000000-0000-4000-8000-000000000101", "organization_name": "acme-labs", "project_name": "Dune.kit", "role_name": "Owner", "team_name": "Red Team", "user_agent_info": {"installer": "Browser", "user_agent": "UA/2"}, "geoip_info": {"country_code": "fr"}}	00000000-0000-4000-8000-000000000150	00000000-0000-4000-8000-000000000120
00000000-0000-4000-8000-000002026075	team:team_project_role:remove	2026-08-20 08:01:30.5	{"submitted_by_user_id": "00000000-0000-4000-8000-000000000101", "organization_name": "acme-labs", "project_name": "Dune.kit", "role_name": "Owner", "team_name": "Red Team", "user_agent_info": {"installer": "Browser", "user_agent": "UA/2"}, "geoip_info": {"country_code": "fr"}}	00000000-0000-4000-8000-000000000150	00000000-0000-4000-8000-000000000120
\.

COPY public.user_unique_logins (id, user_id, ip_address_id, created, last_used, device_information, status, expires) FROM stdin;
00000000-0000-4000-8000-000002026076	00000000-0000-4000-8000-000000000101	00000000-0000-4000-8000-000000000120	2026-08-20 08:01:31.5	2026-08-20 08:01:32.5	{"os": "SECRET-device"}	pending	2026-08-20 08:01:33.5
\.

COPY public.account_associations (id, association_type, created, updated, user_id, metadata) FROM stdin;
00000000-0000-4000-8000-000002026077	oauth	2026-08-20 08:01:34.5	2026-08-20 08:01:35.5	00000000-0000-4000-8000-000000000101	{"token": "SECRET-meta"}
\.

COPY public.oauth_account_associations (id, service, external_user_id, external_username) FROM stdin;
00000000-0000-4000-8000-000002026077	github	4711	cyd-gh
\.

COPY public.user_terms_of_service_engagements (id, user_id, revision, created, engagement) FROM stdin;
00000000-0000-4000-8000-000002026078	00000000-0000-4000-8000-000000000101	2025-02-25	2026-08-20 08:01:36.5	agreed
\.

COPY public.macaroons (id, user_id, description, created, last_used, permissions_caveat, key, oidc_publisher_id, additional, caveats) FROM stdin;
00000000-0000-4000-8000-000000000171	00000000-0000-4000-8000-000000000101	upload	2026-08-20 08:01:37.5	2026-08-20 08:01:38.5	{"permissions": "SECRET-scope"}	\\x5345	\N	\N	{"c": "SECRET-caveat"}
00000000-0000-4000-8000-000000000172	\N	OpenID token: publish.yml	2026-08-20 08:01:39.5	\N	{}	SECRET-key	00000000-0000-4000-8000-000000000170	{"oidc": {"ref": "refs/heads/main"}}	{}
\.

COPY public.prohibited_project_names (id, created, name, prohibited_by, comment, observation_kind) FROM stdin;
00000000-0000-4000-8000-000002026079	2026-08-20 08:01:40.5	dune-kiit	00000000-0000-4000-8000-000000000103	typo	is_malware
\.

COPY public.prohibited_email_domains (id, created, domain, is_mx_record, prohibited_by, comment) FROM stdin;
00000000-0000-4000-8000-000002026080	2026-08-20 08:01:41.5	throwaway.example	f	00000000-0000-4000-8000-000000000103	frozen
\.

COPY public.project_observations (related_id, observer_id, created, kind, summary, payload, id, related_name, additional, actions) FROM stdin;
00000000-0000-4000-8000-000000000110	00000000-0000-4000-8000-000000000190	2026-08-20 08:01:42.5	is_malware	steals keys	{"origin": "web"}	00000000-0000-4000-8000-000002026081	Project(name='Dune.kit')	{}	{}
\N	00000000-0000-4000-8000-000000000190	2026-08-20 08:01:43.5	is_spam	spam	{}	00000000-0000-4000-8000-000002026082	Project(name='gone')	{}	{}
\.

COPY public.release_observations (related_id, observer_id, created, kind, summary, payload, id, related_name, additional, actions) FROM stdin;
00000000-0000-4000-8000-000000000130	00000000-0000-4000-8000-000000000190	2026-08-20 08:01:44.5	something_else	look	{}	00000000-0000-4000-8000-000002026083	<Release 2.0>	{}	{}
\.

COPY public.user_observations (related_id, observer_id, created, kind, summary, payload, id, related_name, additional, actions) FROM stdin;
00000000-0000-4000-8000-000000000101	00000000-0000-4000-8000-000000000190	2026-08-20 08:01:45.5	account_recovery	Account Recovery	{"initiated": "x", "completed": null, "token": "SECRET-recovery", "project_name": "Dune.kit", "repos": [], "support_issue_link": "https://issues.example/1", "override_to_email": "cyd@new.example"}	00000000-0000-4000-8000-000002026084	User(username='cyd')	{"status": "initiated"}	{}
00000000-0000-4000-8000-000000000101	00000000-0000-4000-8000-000000000190	2026-08-20 08:01:46.5	account_export	User Account Export	{"exported_by": "adm", "remote_addr": "198.51.100.9"}	00000000-0000-4000-8000-000002026085	User(username='cyd')	{}	{}
00000000-0000-4000-8000-000000000101	00000000-0000-4000-8000-000000000190	2026-08-20 08:01:47.5	admin_note	seen before	{}	00000000-0000-4000-8000-000002026086	User(username='cyd')	{}	{}
\N	00000000-0000-4000-8000-000000000190	2026-08-20 08:01:48.5	account_abuse	spam	{}	00000000-0000-4000-8000-000002026087	User(username='gone')	{}	{}
\.

COPY public.organizationapplication_observations (related_id, observer_id, created, kind, summary, payload, id, related_name, additional, actions) FROM stdin;
00000000-0000-4000-8000-000000000160	00000000-0000-4000-8000-000000000190	2026-08-20 08:01:49.5	information_request	who are you	{}	00000000-0000-4000-8000-000002026088	<OrganizationApplication>	{}	{}
\.

COPY public.observers (created, _association_id, id) FROM stdin;
2026-08-20 08:01:50.5	00000000-0000-4000-8000-000000000191	00000000-0000-4000-8000-000000000190
\.

COPY public.observer_association (discriminator, id) FROM stdin;
user	00000000-0000-4000-8000-000000000191
\.

COPY public.oidc_publishers (id, discriminator) FROM stdin;
00000000-0000-4000-8000-000000000170	github_oidc_publishers
00000000-0000-4000-8000-000000000173	google_oidc_publishers
\.

COPY public.github_oidc_publishers (repository_name, repository_owner, repository_owner_id, workflow_filename, id, environment) FROM stdin;
dune	cyd	4711	publish.yml	00000000-0000-4000-8000-000000000170	release
\.

COPY public.google_oidc_publishers (email, sub, id) FROM stdin;
bot@cloud.example	s	00000000-0000-4000-8000-000000000173
\.

COPY public.oidc_publisher_project_association (id, oidc_publisher_id, project_id) FROM stdin;
00000000-0000-4000-8000-000002026089	00000000-0000-4000-8000-000000000170	00000000-0000-4000-8000-000000000110
\.

COPY public.pending_oidc_publishers (id, discriminator, project_name, added_by_id) FROM stdin;
00000000-0000-4000-8000-000000000174	pending_gitlab_oidc_publishers	dune-next	00000000-0000-4000-8000-000000000101
\.

COPY public.pending_gitlab_oidc_publishers (namespace, project, workflow_filepath, id, environment) FROM stdin;
cyd	dune	ci.yml	00000000-0000-4000-8000-000000000174	
\.

COPY public.project_macaroon_warning_association (macaroon_id, project_id) FROM stdin;
00000000-0000-4000-8000-000000000171	00000000-0000-4000-8000-000000000110
\.

COPY public.organizations (id, name, display_name, orgtype, link_url, description, is_active, created, normalized_name) FROM stdin;
00000000-0000-4000-8000-000000000140	acme-labs	Acme Labs	Company	l	d	t	2026-08-20 08:01:51.5	acme-labs
\.

COPY public.organization_applications (id, name, display_name, orgtype, link_url, description, status, submitted_by_id, submitted, organization_id) FROM stdin;
00000000-0000-4000-8000-000000000160	acme-labs	Acme Labs	Company	l	d	approved	00000000-0000-4000-8000-000000000101	2026-08-20 08:01:52.5	00000000-0000-4000-8000-000000000140
\.

COPY public.organization_roles (id, role_name, user_id, organization_id) FROM stdin;
00000000-0000-4000-8000-000002026090	Owner	00000000-0000-4000-8000-000000000101	00000000-0000-4000-8000-000000000140
\.

COPY public.organization_invitations (id, invite_status, token, user_id, organization_id) FROM stdin;
00000000-0000-4000-8000-000002026091	pending	SECRET-invitation	00000000-0000-4000-8000-000000000102	00000000-0000-4000-8000-000000000140
\.

COPY public.organization_projects (id, organization_id, project_id) FROM stdin;
00000000-0000-4000-8000-000002026092	00000000-0000-4000-8000-000000000140	00000000-0000-4000-8000-000000000110
\.

COPY public.organization_name_catalog (id, normalized_name, organization_id) FROM stdin;
00000000-0000-4000-8000-000002026093	acme-labs	00000000-0000-4000-8000-000000000140
\.

COPY public.teams (id, name, organization_id, created) FROM stdin;
00000000-0000-4000-8000-000000000150	Red Team	00000000-0000-4000-8000-000000000140	2026-08-20 08:01:53.5
\.

COPY public.team_roles (id, role_name, user_id, team_id) FROM stdin;
00000000-0000-4000-8000-000002026094	Member	00000000-0000-4000-8000-000000000102	00000000-0000-4000-8000-000000000150
\.

COPY public.team_project_roles (id, role_name, project_id, team_id) FROM stdin;
00000000-0000-4000-8000-000002026095	Owner	00000000-0000-4000-8000-000000000110	00000000-0000-4000-8000-000000000150
\.

COPY public.projects (name, created, last_serial, id, total_size, normalized_name, lifecycle_status, lifecycle_status_changed, lifecycle_status_note) FROM stdin;
Dune.kit	2026-08-20 08:01:54.5	9014	00000000-0000-4000-8000-000000000110	10	dune-kit	quarantine-enter	2026-08-20 08:01:55.5	is_malware
\.

COPY public.releases (version, created, canonical_version, id, project_id, uploader_id, yanked, yanked_reason, published, yanked_date, lifecycle_status, lifecycle_status_changed, lifecycle_status_note) FROM stdin;
2.0	2026-08-20 08:01:56.5	2	00000000-0000-4000-8000-000000000130	00000000-0000-4000-8000-000000000110	\N	t	bad	t	2026-08-20 08:01:57.5	quarantine-enter	2026-08-20 08:01:58.5	\N
\.

COPY public.user_emails (id, email, "primary", verified, user_id, unverify_reason, transient_bounces, public, domain_last_checked, domain_last_status) FROM stdin;
77	Cyd@X.example	t	f	00000000-0000-4000-8000-000000000101	domain status invalid	0	f	2026-08-20 08:01:59.5	{inactive}
\.

COPY public.users (password, last_login, is_superuser, username, name, is_active, date_joined, password_date, id, disabled_for, is_moderator, totp_secret, is_frozen, observer_association_id, is_support, is_observer) FROM stdin;
SECRET-hash3	\N	f	cyd	Cyd	t	2026-08-20 08:02:00.5	\N	00000000-0000-4000-8000-000000000101	admin initiated	f	SECRET-totp3	f	00000000-0000-4000-8000-000000000191	f	t
SECRET-hash4	\N	f	dia	Dia	t	2026-08-20 08:02:01.5	\N	00000000-0000-4000-8000-000000000102	\N	f	\N	f	\N	f	f
SECRET-hash5	\N	t	adm	Adm	t	2026-08-20 08:02:02.5	\N	00000000-0000-4000-8000-000000000103	\N	f	SECRET-totp5	f	\N	t	f
\.

COPY public.ip_addresses (id, ip_address, is_banned, ban_reason, ban_date) FROM stdin;
00000000-0000-4000-8000-000000000120	203.0.113.8	f	\N	\N
00000000-0000-4000-8000-000000000121	127.0.0.1	f	\N	\N
00000000-0000-4000-8000-000000000122	203.0.113.9	t	administrative	2026-08-20 08:02:03.5
\.
--
-- PostgreSQL database dump complete
--
