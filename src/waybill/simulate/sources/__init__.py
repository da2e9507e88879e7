"""Writers of native records: one module a source format, one function a kind of record, written as the product does.

Every function takes plain values and returns the bytes of one record as it stands in the source's file, without the
line end. ``random`` gives the ids that a product would draw; who, what and where come from the caller, and what a
product keeps for a name for ever (account numbers, tenant ids) follows from the name. Times are aware and in UTC.

    log = Log(folder, microsoft365.LAYOUT, owner="magnets")     # one for each source and owner
    log.add(time, microsoft365.send(random, time, user=…, …), tag)   # in any order within a month; any tag will do
    for placed in log.write(2026, 3):                           # a month at a time; only the tagged ones come back
        placed.tag, placed.file, placed.position

``random: Random, time: datetime`` come first (``random`` only where ids are drawn), the rest by keyword:

microsoft365    send(user, address, subject, size, attachments=((name, bytes), …))    Exchange never tells to whom:
                dlp_rule_match(user, subject, to=(mail, …), policy, rule, blocked)    this record does
                mail_items_accessed(…, messages=((message_id(random, sender), bytes), …))
                new_inbox_rule(user, address, rule, forward_to)
                file("FileAccessed" | "FileDownloaded" | "FileUploaded", user, address, site, path, size)
                    site "https://t.sharepoint.example/sites/x", path "Shared Documents/a/b.docx"; user: mail address
                sharing_set(user, address, site, path, target, guest=True), anonymous_link_created(user, …, path)
                user_logged_in(user, address, application)
workspace       access("view" | "download" | "edit" | …, user, address, title, owner, visibility), login(user, address)
                change_user_access(user, address, title, owner, target, visibility, previous)
github          git("clone" | "fetch" | "push", actor, address, repository="organisation/name", private, transport)
                create(…, visibility), access(…, visibility, previous), download_zip(…)
okta            session_start(user, address, succeeded), sso(user, address, application),
                api_token_create(user, address, name), consent_grant(user, address, application, scopes)
postgres        Session(random, start, user, database, address, application) with connect() → [(time, record), …],
                audit(time, command, relation, statement, rows), disconnect(time)
web_access      request(time, server, address, path, status, size, etag="", user="-", method="GET")
squid           request(time, address, url, status, received, sent=None, user, peer, method)
zeek            new_uid(random), connection(…, uid, …), http(…), file(…); layouts CONNECTIONS, HTTP, FILES
windows         process_created, network_connected, file_created, name_queried (Sysmon 1, 3, 11, 22), logged_on,
                object_accessed, device_recognised (Security 4624, 4663, 6416), printed (307), disk_attached (1006)
auditd          opened(host, user, program, path, write), executed(host, user, program, arguments),
                logged_in(host, user, address)         records of several lines
hr              row(day, employee, event, organisation, unit, role, until=None)    event: joined, moved, notice, left
ot              opcua_method(server, client, user, node, method), opcua_write(…, old, new); layout OPCUA
                recipe_transfer(time, equipment, host, user, recipe, size, direction="upload" | "download"); layout GEM
transfers       transfer(time, **columns); lot(time, asset, quantity, from_place, to_place, …, declared, assayed), LOTS
cloudtrail      call(random, time, "s3", "GetObject", identity, address, parameters), get_object(…), put_object(…)
                identities: user(owner, name), role(owner, name, session); account(owner) is the number of its account
ocsf            sign_in(user, address, service), api_call(user, address, operation, resource), query(…, database, table)
endpoint        line(time, user, host, event, file, target, kilobytes), and MAPPING, the mapping file that reads it
"""

from waybill.simulate.sources.log import Layout, Log, Placed

__all__ = ["Layout", "Log", "Placed"]
