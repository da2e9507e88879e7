"""Writers of native records: one module a source format, one function a kind of record, written as the product does.

Every function takes plain values and returns the bytes of one record as it stands in the source's file, without the
line end. ``random`` gives the ids that a product would draw; who, what and where come from the caller, and what a
product keeps for a name for ever (account numbers, tenant ids) follows from the name. Times are aware and in UTC.

    log = Log(folder, microsoft365.LAYOUT, owner="magnets")      # one per source and owner
    log.add(time, microsoft365.file_downloaded(random, time, user=…, …), tag)   # in any order within a month
    for placed in log.write(2026, 3): placed.tag, placed.file, placed.position  # a month at a time; only tagged ones

``random: Random, time: datetime`` come first, everything else by keyword:

microsoft365    send(user, address, subject, size, attachments=((name, bytes), …), client="Client=OWA…")
                dlp_rule_match(user, subject, to=(mail, …), policy, rule, size)       tells the recipients; Send does not
                mail_items_accessed(user, address, messages=((message_id, bytes), …), client="Client=REST;…")
                new_inbox_rule(user, address, rule, forward_to)
                file_accessed / file_downloaded / file_uploaded(user, address, site, path, size)
                                               site: https://t.sharepoint.example/sites/x; path: Shared Documents/a/b.docx
                sharing_set(user, address, site, path, target, guest=True), anonymous_link_created(user, address, site, path)
                user_logged_in(user, address, application)       user: UPN (mail address)
workspace       view / download / edit(user, address, document, title, owner, visibility="private", size=0)
                change_user_access(…, target, visibility="shared_externally"), login(user, address, succeeded=True)
github          clone / fetch / push(actor, address, repository, private=True, transport="ssh"), repository: "org/name"
                create(actor, address, repository, visibility), access(…, visibility, previous),
                download_zip(actor, address, repository)
okta            session_start(user, address, succeeded=True), sso(user, address, application),
                api_token_create(user, address, token), consent_grant(user, address, application, scopes)
postgres        Session(random, start, user, database, address, application) with .connect() → [(time, record), …],
                .audit(time, command, relation, statement, rows, …), .disconnect(time)
web_access      request(time, address, method, path, status, size, etag="", user="-", agent=…)      no ``random``
squid           request(time, address, user, method, url, status, received, sent=…, elapsed=…)      no ``random``
zeek            conn / http / files(random, time, uid, …), new_uid(random); LAYOUTS: CONN, HTTP, FILES
windows         process_created, network_connected, file_created, name_queried (Sysmon 1, 3, 11, 22);
                logged_on, object_accessed, device_recognised (Security 4624, 4663, 6416); printed (307), partition (1006)
                (host, user="DOMAIN\\name", …)
auditd          opened(host, user, path, program, …), executed(host, user, program, arguments), logged_in(host, user, address)
hr              row(day, employee, event, organisation, unit, role, until=None)    event: joined moved notice left; no ``random``
ot              opcua_method / opcua_write(server, user, node, …), recipe_transfer(equipment, host, user, recipe, direction, …)
transfers       transfer(time, **columns), lot(time, asset, quantity, …, declared=, assayed=)       no ``random``
cloudtrail      call(service, name, identity, address, parameters, …), get_object(…), put_object(…); user(…), role(…)
ocsf            sign_in, api_call, query; endpoint: line(…) with the mapping that reads it (GB 18030)
"""
