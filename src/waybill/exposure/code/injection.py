"""What must not reach where: the sinks of code that talks to databases, shells, files, pages; and what cleans."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from waybill.exposure.code.characters import ALL_INJECTED, REPLACED, left_by
from waybill.exposure.code.facts import NOTHING, Danger, Sources
from waybill.exposure.code.requests import ADDRESSES
from waybill.exposure.code.values import NONE, Value, whole

_FIRST: Mapping[str, Danger] = {
    **dict.fromkeys(["os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput",
                     "commands.getoutput", "asyncio.create_subprocess_shell", "pty.spawn", "popen2.popen2",
                     "child_process.exec", "child_process.execSync"], Danger.COMMAND),
    **dict.fromkeys(["open", "io.open", "codecs.open", "os.open", "os.remove", "os.unlink", "os.rename", "os.listdir",
                     "os.rmdir", "os.mkdir", "os.makedirs", "os.scandir", "shutil.rmtree", "shutil.copy",
                     "shutil.move", "shutil.copyfile", "flask.send_file", "send_file", "django.http.FileResponse",
                     "starlette.responses.FileResponse", "fastapi.responses.FileResponse", "os.path.exists",
                     "os.path.isfile", "aiofiles.open", "fs.readFile", "fs.readFileSync", "fs.createReadStream",
                     "fs.writeFile", "fs.writeFileSync", "fs.unlink", "fs.createWriteStream", "res.sendFile",
                     "fs.promises.readFile", "tempfile.mkdtemp"], Danger.PATH),
    **dict.fromkeys(["eval", "exec", "compile", "Function", "vm.runInNewContext", "vm.runInThisContext",
                     "flask.render_template_string", "render_template_string", "jinja2.Template", "execfile",
                     "__import__", "importlib.import_module", "code.interact"], Danger.CODE),
    **dict.fromkeys(["flask.redirect", "django.shortcuts.redirect", "django.http.HttpResponseRedirect",
                     "django.http.HttpResponsePermanentRedirect", "starlette.responses.RedirectResponse",
                     "fastapi.responses.RedirectResponse", "res.redirect", "aiohttp.web.HTTPFound",
                     "werkzeug.utils.redirect", "bottle.redirect"], Danger.REDIRECT),
    **dict.fromkeys(["pickle.loads", "pickle.load", "cPickle.loads", "_pickle.loads", "dill.loads", "dill.load",
                     "marshal.loads", "marshal.load", "shelve.open", "jsonpickle.decode", "yaml.unsafe_load",
                     "yaml.full_load", "yaml.load_all", "yaml.unsafe_load_all", "joblib.load", "torch.load",
                     "pickle.Unpickler", "node-serialize.unserialize", "cloudpickle.loads", "pandas.read_pickle",
                     "ruamel.yaml.load"], Danger.OBJECTS),
    **dict.fromkeys(["django.http.HttpResponse", "flask.make_response", "flask.Response", "flask.Markup",
                     "markupsafe.Markup", "django.utils.safestring.mark_safe", "django.utils.html.format_html",
                     "starlette.responses.HTMLResponse", "fastapi.responses.HTMLResponse", "res.send", "res.write",
                     "res.end", "document.write", "document.writeln"], Danger.MARKUP),
    **dict.fromkeys(["lxml.etree.XPath", "elementpath.select"], Danger.XPATH),
}  # fmt: skip
"""Functions of which the first argument must not come from a client."""

_DANGEROUS = frozenset(
    {"hashlib", "hmac", "ssl", "random", "secrets", "jwt", "jose", "Crypto", "Cryptodome", "cryptography", "M2Crypto",
     "nacl", "passlib", "bcrypt", "crypt", "OpenSSL", "rsa", "paramiko", "subprocess", "pickle", "cPickle", "marshal",
     "dill", "yaml", "ldap3", "ldap", "telnetlib", "ftplib", "smtplib", "itsdangerous", "pyDes", "numpy", "uuid"}
)  # fmt: skip
"""First parts of names by which what can do harm is imported."""


def is_dangerous(full: str, name: str) -> bool:
    """Return whether an import gives something that can do harm a name by which it is not known."""
    return (full.partition(".")[0] in _DANGEROUS and name != full) or (full in _FIRST and full != name)


_REPLACING = re.compile(r"^os\.(?:exec|spawn|posix_spawn)[lvpe]*$")
_LAUNCHING = frozenset({f"subprocess.{one}" for one in ("run", "call", "Popen", "check_call", "check_output")})
_SHELLS = re.compile(r"(?:^|/)(?:ba|da|z|k)?sh$|^cmd(?:\.exe)?$|powershell", re.IGNORECASE)
_SQL = frozenset({"execute", "executemany", "executescript", "raw", "RawSQL", "extra", "query", "$queryRawUnsafe"})
_OTHER_THAN_SQL = re.compile(r"^(?:subprocess|graphql)|[Hh]ttp[^.]*\.execute$|[Cc]lient(?:\(\))?\.execute$")
_BUILT = re.compile(r"^sqlalchemy\.(?:\w+\.)*(?:select|insert|update|delete)\(\)")
"""Statements of SQLAlchemy that are built from parts, which are quoted."""
_ON_PATHS = frozenset(
    {"open", "read_text", "read_bytes", "write_text", "write_bytes", "unlink", "mkdir", "rmdir", "iterdir", "touch",
     "exists", "is_file"}
)  # fmt: skip
_LDAP = frozenset({"search", "search_s", "search_st", "search_ext", "search_ext_s", "paged_search"})
_PARSING = frozenset({"parse", "parseString", "fromstring", "XML", "iterparse", "feed"})
_TREE = re.compile(r"etree|ElementTree|xml|parse|root|tree|doc", re.IGNORECASE)


def sinks(
    callee: str, receiver: Value, arguments: Sequence[Value], keywords: Mapping[str, Value]
) -> Iterator[tuple[Danger, Sources]]:
    """Yield the dangers of what a call is given, each with where that comes from."""
    method = callee.rpartition(".")[2]
    first = arguments[0] if arguments else next(iter(keywords.values()), None)
    if callee in _LAUNCHING or callee in {"child_process.spawn", "asyncio.create_subprocess_exec"}:
        yield Danger.COMMAND, _launched(arguments, keywords)
    if _REPLACING.search(callee):
        yield (
            Danger.COMMAND,
            _launched([_listed(arguments[1:]), *arguments[:1]], {}) | whole(arguments[0] if arguments else NONE),
        )
    holder = callee.rpartition(".")[0]
    if method in {"update", "setdefault"} and holder.endswith("session"):
        yield Danger.TRUST, NOTHING.union(*map(whole, [*arguments, *keywords.values()]))
    if first is None:
        if method in _ON_PATHS and _is_path(receiver):
            yield Danger.PATH, whole(receiver)
        return
    danger = _FIRST.get(callee)
    harmless = (danger == Danger.REDIRECT and stays(first)) or (danger == Danger.MARKUP and _is_plain(keywords))
    if danger is not None and not harmless:
        yield danger, shown_as_page(first) if danger == Danger.MARKUP else whole(first)
    if method in _SQL and not _OTHER_THAN_SQL.search(callee) and not _BUILT.match(first.name):
        yield Danger.SQL, whole(first)
    elif method in _ON_PATHS and _is_path(receiver):
        yield Danger.PATH, whole(receiver)
    elif method in _LDAP and _is_directory(callee, arguments, keywords):
        yield Danger.LDAP, frozenset().union(*map(whole, [*arguments, *keywords.values()]))
    elif method == "xpath" or (
        method in {"find", "findall", "iterfind", "findtext", "select"} and _TREE.search(receiver.name)
    ):
        yield Danger.XPATH, whole(first)
    elif callee in {"yaml.load", "yaml.load_all"} and not _is_safe_loader(arguments, keywords):
        yield Danger.OBJECTS, whole(first)
    elif method in _PARSING and any(ENTITIES in one.texts for one in (*arguments, *keywords.values(), receiver)):
        yield Danger.ENTITIES, whole(first)


def _is_directory(callee: str, arguments: Sequence[Value], keywords: Mapping[str, Value]) -> bool:
    """Return whether a search is one of a directory."""
    if callee.startswith(("re.", "regex.")):
        return False
    return "ldap" in callee.lower() or len(arguments) > 1 or "search_filter" in keywords


def shown_as_page(value: Value) -> Sources:
    """Return where what a client is shown as a page comes from; mappings and lists are shown as JSON."""
    if isinstance(value.items, list) and value.items:
        first, *rest = value.items
        if not rest or not all(isinstance(one.const, int) or isinstance(one.items, dict) for one in rest):
            return value.sources
        kinds = [one.items.get("Content-Type", NONE).text for one in rest if isinstance(one.items, dict)]
        return NOTHING if any(one and not _PAGES.search(one) for one in kinds) else shown_as_page(first)
    return value.sources if isinstance(value.items, dict) else whole(value)


_PAGES = re.compile(r"html|xml|svg", re.IGNORECASE)


def _is_plain(keywords: Mapping[str, Value]) -> bool:
    """Return whether an answer is told to be something else than a page."""
    told = [keywords[name].text for name in ("mimetype", "content_type", "media_type") if name in keywords]
    return any(one and not _PAGES.search(one) for one in told)


ENTITIES = "external entities"
"""Marks a parser that was told to resolve external entities."""


def resolves_entities(callee: str, arguments: Sequence[Value], keywords: Mapping[str, Value]) -> bool:
    """Return whether a call tells a parser to resolve external entities, or makes one that does."""
    method = callee.rpartition(".")[2]
    if method == "setFeature" and len(arguments) == 2:
        which = arguments[0].name.rpartition(".")[2] or arguments[0].text
        return which.endswith(("external_ges", "external_pes", "external-general-entities")) and bool(
            arguments[1].known and arguments[1].const
        )
    if method == "XMLParser":
        told = keywords.get("resolve_entities")
        return (told is not None and told.known and told.const is True) or _is_true(keywords.get("load_dtd"))
    return False


def _is_true(value: Value | None) -> bool:
    return value is not None and value.known and bool(value.const)


def _launched(arguments: Sequence[Value], keywords: Mapping[str, Value]) -> Sources:
    """Return where what a shell, or the system, is to run comes from."""
    command = arguments[0] if arguments else keywords.get("args")
    if command is None:
        return frozenset()
    parts = command.items if isinstance(command.items, list) else list(arguments[:3])
    if command.items is None and len(command.parents) == 2 and isinstance(command.parents[1].items, list):
        parts = [command.parents[0], *command.parents[1].items]  # a list of which the beginning is not known
    if _is_true(keywords.get("shell")) or (parts and _SHELLS.search(parts[0].text)):
        return whole(command).union(*map(whole, parts))
    return whole(parts[0]) if parts else whole(command)


def _listed(values: Sequence[Value]) -> Value:
    """Return values as a list, those of a list that stands among them too."""
    found = Value()
    found.items = [part for one in values for part in (one.items if isinstance(one.items, list) else [one])]
    return found


def _is_path(receiver: Value) -> bool:
    return "Path()" in receiver.name or receiver.name.startswith(("pathlib.", "anyio.Path"))


def leading(value: Value, deep: int = 6) -> str:
    """Return the text that a value begins with for certain; empty where that is not known."""
    if value.known:
        return value.text
    if value.sources and not value.parents:
        return ""
    return leading(value.parents[0], deep - 1) if value.parents and deep else ""


def stays(value: Value) -> bool:
    """Return whether an address begins so that it stays on a host the code names."""
    last = value.name.removesuffix("()").rpartition(".")
    if last[2] in ADDRESSES and last[0].rpartition(".")[2] == "request":
        return True  # where the client already is
    begun = leading(value)
    return (begun.startswith("/") and not begun.startswith("//") and len(begun) > 1) or bool(
        re.match(r"https?://[^/]+/", begun)
    )


def _is_safe_loader(arguments: Sequence[Value], keywords: Mapping[str, Value]) -> bool:
    loader = keywords.get("Loader") or (arguments[1] if len(arguments) > 1 else None)
    return loader is not None and loader.name.rpartition(".")[2] in {"SafeLoader", "CSafeLoader", "BaseLoader"}


_CLEANING = (
    (re.compile(r"(?:^|\.)(?:int|float|bool|len|UUID|Decimal|date|fromisoformat|isdigit|count|Number|parseInt|parseFloat|"
                r"ord|hash|index)$"), ALL_INJECTED),
    (re.compile(r"(?:^|\.)get_(?:object|list)_or_404$|"
                r"\.objects\.(?:\w+\(\)\.)*(?:get|filter|exclude|first|last|values|values_list|order_by|in_bulk)$"),
     ALL_INJECTED),
    (re.compile(r"(?:^|[._])(?:html_?)?(?:escape(?:_?html|_for_html|_once)?|escapeHtml|sanitize\w*|conditional_escape|"
                r"bleach\.clean|nh3\.clean|strip_tags|clean_html|quoteattr)$|cgi\.escape|\.jsonify$|DOMPurify"),
     Danger.MARKUP.bit),
    (re.compile(r"(?:^|\.)(?:render_template|render|render_to_string|JsonResponse|json|url_for|reverse)$"),
     Danger.MARKUP.bit | Danger.REDIRECT.bit),
    (re.compile(r"(?:^|\.)(?:shlex\.quote|shlex\.join|pipes\.quote)$"), Danger.COMMAND.bit),
    (re.compile(r"escape_filter_chars$|escape_dn_chars$|escape_rdn$|filter_format$"), Danger.LDAP.bit),
    (re.compile(r"(?:^|\.)(?:secure_filename|basename|safe_join|get_valid_filename|send_from_directory)$"),
     Danger.PATH.bit),
    (re.compile(r"(?:^|\.)(?:quote|quote_plus|urlencode|encodeURIComponent)$"),
     Danger.MARKUP.bit | Danger.REDIRECT.bit | Danger.PATH.bit),
    (re.compile(r"(?:^|\.)(?:literal_eval)$"), Danger.CODE.bit),
    (re.compile(r"(?:^|\.)(?:escape_string|quote_ident|quote_name|adapt|Identifier|mogrify|sql\.Literal)$"),
     Danger.SQL.bit),
    (re.compile(r"url_has_allowed_host_and_scheme$|is_safe_url$"), Danger.REDIRECT.bit),
)  # fmt: skip
"""Functions that take dangers from what they are given, and which."""


@lru_cache(1 << 14)
def cleaning(callee: str) -> int:
    """Return the dangers that a function takes from what it is given, as bits."""
    found = 0
    for pattern, bits in _CLEANING:
        if pattern.search(callee):
            found |= bits
    return found


def cleaned_by(callee: str, receiver: Value, arguments: Sequence[Value]) -> int:
    """Return the dangers, as bits, that a call takes from what it is given."""
    found = cleaning(callee)
    texts = [one.text for one in arguments]
    if callee.endswith(".replace") and len(texts) == 2:
        return found | REPLACED.get(texts[0], 0)
    if callee == "re.sub" and len(texts) > 2 and arguments[0].known:
        return found | left_by(texts[0], texts[1])
    if callee == "re.compile().sub" and len(texts) > 1 and receiver.texts:
        return found | left_by(receiver.texts[0], texts[0])
    return found


_RESTORING = {
    **dict.fromkeys(["unquote", "unquote_plus", "decodeURIComponent"],
                    Danger.MARKUP.bit | Danger.REDIRECT.bit | Danger.PATH.bit),
    "unescape": Danger.MARKUP.bit,
}  # fmt: skip


def restored_by(method: str) -> int:
    """Return the dangers, as bits, that a call brings back into what was cleaned of them."""
    return _RESTORING.get(method, 0)
